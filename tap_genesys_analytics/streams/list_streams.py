"""Reference tables: the names behind the ids. Read whole in each run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.get_pages import Ask, first_page, list_pages
from tap_genesys_analytics.errors import ApiError, GenesysError
from tap_genesys_analytics.intervals.completeness import Tally
from tap_genesys_analytics.records.keys import keyed
from tap_genesys_analytics.streams.full_table import FullTableStream
from tap_genesys_analytics.streams.list_definitions import defined
from tap_genesys_analytics.streams.reference_lists import LISTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.api.get_pages import ListPage
    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.streams.list_definitions import Listing
    from tap_genesys_analytics.tap import TapGenesys


class ReferenceStream(FullTableStream):
    """Reads a list, or one for each entity of another."""

    def __init__(self, tap: TapGenesys, listing: Listing) -> None:
        self.listing = listing
        self.endpoint = f"GET {listing.path}"
        self.permissions = listing.permissions
        super().__init__(tap, listing.table)

    @override
    def documents(self, tally: Tally) -> Iterator[Document]:
        entities = self._entities(tally)
        if not self.table.is_open:
            return entities
        return (keyed(self.table, entity) for entity in entities)

    def _entities(self, tally: Tally) -> Iterator[Document]:
        """Yield all entities; note what Genesys counts in the tally."""
        listing = self.listing
        if listing.of is None:
            totals = []
            for variant in listing.variants:
                one = replace(listing, variants=(variant,))
                named = Tally()
                for page in self._pages(one, self.client.workers):
                    yield from page.entities
                    named.total(page.total)
                totals.append(named.expected)
            tally.total(sum(totals))
            return
        pages = self._pages(listing.of, self.client.workers)
        owners = (owner for page in pages for owner in page.entities)
        lists = (partial(self._of_owner, _id_of(owner)) for owner in owners)
        for entities in self.client.workers.in_order(lists):
            yield from entities

    def _of_owner(self, owner_id: str) -> list[Document]:
        """Return the entities of one owner."""
        listing = self.listing.for_owner(owner_id)
        try:
            return [
                {**entity, listing.owner_field: owner_id}
                for page in self._pages(listing, None)
                for entity in page.entities
            ]
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            # It was there when its list was read, and is not any more.
            return []

    @override
    def probe(self) -> None:
        listing = self.listing
        if listing.of is not None:
            owners = replace(listing.of, page_size=1)
            page = next(self._pages(owners, None), None)
            if page is None or not page.entities:
                return
            listing = listing.for_owner(_id_of(page.entities[0]))
        next(self._pages(replace(listing, page_size=1), None), None)

    def _pages(self, listing: Listing, workers: Workers | None) -> Iterator[ListPage]:
        """Yield the pages of a list."""
        for params in listing.variants:
            first = first_page(
                Ask(listing.path, params), listing.paging, listing.page_size
            )
            yield from list_pages(
                lambda ask: self.client.get(ask.path, ask.params), first, workers
            )


def _id_of(owner: Document) -> str:
    """Return the id of an entity that a list is read for.

    Raises:
        GenesysError: It has none.
    """
    if not owner.get("id"):
        message = f"an entity to read a list for has no id but {', '.join(owner)}"
        raise GenesysError(message)
    return str(owner["id"])


def streams(tap: TapGenesys) -> Iterator[ReferenceStream]:
    """Yield a stream for each reference table: built-in ones and the user's."""
    for listing in (*LISTS, *map(defined, tap.config.get("lists") or ())):
        yield ReferenceStream(tap, listing)
