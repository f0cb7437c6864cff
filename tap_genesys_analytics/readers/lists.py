"""Lists of entities by GET, for reference tables. Also one list for each owner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.get_pages import (
    SAFE_PAGE_SIZE,
    ListRequest,
    Paging,
    first_request,
    get_pages,
)
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.readers.queries import filled
from tap_genesys_analytics.records.keys import with_complete_key
from tap_genesys_analytics.records.tables import Table, table_from_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.get_pages import EntityPage
    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document

#: Stands for the owner's id in a path or a parameter.
_OWNER = "{id}"

#: The field with the owner's id, in lists that the settings define.
OWNER_FIELD = "ownerId"

_PAGINGS = {"numbers": Paging.NUMBERS, "links": Paging.LINKS, "none": Paging.NONE}


@dataclass(frozen=True)
class ReferenceList:
    """A list of entities: its table, and how the API pages it."""

    table: Table
    path: str
    permissions: tuple[str, ...] = ()
    paging: Paging = Paging.NUMBERS
    #: Parameters. If one set does not list all entities, the list is read once for
    #: each; each lists other entities.
    variants: tuple[Mapping[str, Any], ...] = ({},)
    page_size: int = SAFE_PAGE_SIZE
    #: The list of owners, for each of which this list is read; ``{id}`` in the path or
    #: in a parameter is the owner's id.
    owners: ReferenceList | None = None
    #: The field that the tap adds with the owner's id.
    owner_field: str = ""

    def for_owner(self, owner_id: str) -> ReferenceList:
        """Return the list of one owner."""
        return replace(
            self,
            path=self.path.replace(_OWNER, owner_id),
            variants=tuple(filled(list(self.variants), {_OWNER: owner_id})),
        )


def reference_table(
    name: str,
    model: str,
    description: str,
    *,
    default: bool = True,
    **more: Any,  # noqa: ANN401 (fields of Table)
) -> Table:
    """Return the table of a list whose entities have an id."""
    return Table(
        name=name,
        description=description,
        model=model,
        id_field="id",
        selected_by_default=default,
        **more,
    )


def list_for_each(  # noqa: PLR0913 (what distinguishes one such list from another)
    owners: ReferenceList,
    owner_field: str,
    name: str,
    model: str,
    description: str,
    *,
    path: str,
    permissions: tuple[str, ...],
    paging: Paging = Paging.NUMBERS,
    default: bool = False,
) -> ReferenceList:
    """Return a list that is read for each owner, an entity of another list."""
    return ReferenceList(
        reference_table(
            name,
            model,
            description,
            default=default,
            extra_fields={owner_field: "string"},
            key_fields=(owner_field,),
        ),
        path,
        permissions,
        paging=paging,
        owners=owners,
        owner_field=owner_field,
    )


def list_from_settings(given: Mapping[str, Any]) -> ReferenceList:
    """Return the list that an entry of the setting ``lists`` defines."""
    owners = given.get("for_each")
    key = [*([OWNER_FIELD] if owners else []), *(given.get("key") or ["id"])]
    endpoint = f"GET {given['path']}"
    table = table_from_settings(given["name"], endpoint, key, given.get("columns"))
    return ReferenceList(
        table,
        given["path"],
        paging=_PAGINGS[given.get("paging") or "numbers"],
        variants=(given.get("params") or {},),
        page_size=given.get("page_size") or SAFE_PAGE_SIZE,
        owners=ReferenceList(table, owners) if owners else None,
        owner_field=OWNER_FIELD if owners else "",
    )


class ListReader:
    """Reads a list, or one list for each owner."""

    def __init__(self, client: GenesysClient, reference_list: ReferenceList) -> None:
        self.client = client
        self.list = reference_list

    def documents(self, count: RecordCount) -> Iterator[Document]:
        """Yield all entities; note Genesys' totals."""
        entities = self._entities(count)
        if not self.list.table.schemaless:
            return entities
        return (with_complete_key(self.list.table, entity) for entity in entities)

    def _entities(self, count: RecordCount) -> Iterator[Document]:
        """Yield all entities; note Genesys' totals."""
        entity_list = self.list
        if entity_list.owners is None:
            totals = []
            for variant in entity_list.variants:
                one = replace(entity_list, variants=(variant,))
                named = RecordCount()
                for page in self._pages(one, self.client.workers):
                    yield from page.entities
                    named.add_total(page.total)
                totals.append(named.expected)
            count.add_total(sum(totals))
            return
        pages = self._pages(entity_list.owners, self.client.workers)
        owners = (owner for page in pages for owner in page.entities)
        lists = (partial(self._of_owner, _id_of(owner)) for owner in owners)
        for entities in self.client.workers.in_order(lists):
            yield from entities

    def _of_owner(self, owner_id: str) -> list[Document]:
        """Return the entities of one owner."""
        entity_list = self.list.for_owner(owner_id)
        try:
            return [
                {**entity, entity_list.owner_field: owner_id}
                for page in self._pages(entity_list, None)
                for entity in page.entities
            ]
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            # It was there when its list was read, and is not any more.
            return []

    def probe(self) -> None:
        """Request one entity, of the first owner if there are owners."""
        entity_list = self.list
        if entity_list.owners is not None:
            owners = replace(entity_list.owners, page_size=1)
            page = next(self._pages(owners, None), None)
            if page is None or not page.entities:
                return
            entity_list = entity_list.for_owner(_id_of(page.entities[0]))
        next(self._pages(replace(entity_list, page_size=1), None), None)

    def _pages(
        self, entity_list: ReferenceList, workers: Workers | None
    ) -> Iterator[EntityPage]:
        """Yield the pages of a list."""
        for params in entity_list.variants:
            first = first_request(
                ListRequest(entity_list.path, params),
                entity_list.paging,
                entity_list.page_size,
            )
            yield from get_pages(
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
