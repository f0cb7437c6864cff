"""Lists of entities by GET, for reference tables.

Some lists belong to an owner: the members of a queue are listed for each queue.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

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
from tap_genesys_analytics.readers.queries import replace_placeholders
from tap_genesys_analytics.records.keys import with_complete_key
from tap_genesys_analytics.records.tables import Table, table_from_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.get_pages import EntityPage
    from tap_genesys_analytics.api.parallel import Workers
    from tap_genesys_analytics.records.raw_documents import Document

#: The placeholder of the owner's id in a path or a parameter.
_OWNER = "{id}"

#: The field with the owner's id, for lists that the settings define.
OWNER_FIELD = "ownerId"

logger = logging.getLogger("tap-genesys")

#: If this many owners are refused and none was read before, no other is tried.
_REFUSALS = 3

_PAGINGS = {"numbers": Paging.NUMBERS, "links": Paging.LINKS, "none": Paging.NONE}


@dataclass(frozen=True)
class ReferenceList:
    """A list of entities: its table, path, permissions and pagination."""

    table: Table
    path: str
    permissions: tuple[str, ...] = ()
    paging: Paging = Paging.NUMBERS
    #: Sets of parameters. The list is read once with each set; each set must list
    #: different entities.
    variants: tuple[Mapping[str, Any], ...] = ({},)
    page_size: int = SAFE_PAGE_SIZE
    #: The list of owners. This list is read once for each owner, with the owner's id
    #: instead of ``{id}`` in path and parameters.
    owners: ReferenceList | None = None
    #: The field for the owner's id, which the tap adds to each entity.
    owner_field: str = ""

    def for_owner(self, owner_id: str) -> ReferenceList:
        """Return the list of one owner."""
        return replace(
            self,
            path=self.path.replace(_OWNER, owner_id),
            variants=tuple(
                replace_placeholders(list(self.variants), {_OWNER: owner_id})
            ),
        )


def reference_table(
    name: str,
    model: str,
    description: str,
    *,
    default: bool = True,
    **fields: Any,  # noqa: ANN401 (fields of Table)
) -> Table:
    """Return the table of a list of entities with an id."""
    return Table(
        name=name,
        description=description,
        model=model,
        id_field="id",
        selected_by_default=default,
        **fields,
    )


def list_for_each(  # noqa: PLR0913 (each differs between lists)
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
    """Return a list that is read once for each entity of the list ``owners``."""
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


def list_from_settings(definition: Mapping[str, Any]) -> ReferenceList:
    """Return the list that an entry of the setting ``lists`` defines."""
    owners = definition.get("for_each")
    key = [*([OWNER_FIELD] if owners else []), *(definition.get("key") or ["id"])]
    endpoint = f"GET {definition['path']}"
    table = table_from_settings(
        definition["name"], endpoint, key, definition.get("columns")
    )
    return ReferenceList(
        table,
        definition["path"],
        paging=_PAGINGS[definition.get("paging") or "numbers"],
        variants=(definition.get("params") or {},),
        page_size=definition.get("page_size") or SAFE_PAGE_SIZE,
        owners=ReferenceList(table, owners) if owners else None,
        owner_field=OWNER_FIELD if owners else "",
    )


@dataclass
class _OwnerList:
    """The list of one owner, or the refusal of it."""

    id: str
    entities: list[Document] = field(default_factory=list)
    malformed: int = 0
    refusal: ApiError | None = None


class ListReader:
    """Reads a list, once or for each owner."""

    def __init__(self, client: GenesysClient, reference_list: ReferenceList) -> None:
        self.client = client
        self.list = reference_list

    def documents(self, count: RecordCount) -> Iterator[Document]:
        """Yield all entities; add their total to ``count``."""
        entities = self._entities(count)
        if not self.list.table.schemaless:
            return entities
        return (with_complete_key(self.list.table, entity) for entity in entities)

    def _entities(self, count: RecordCount) -> Iterator[Document]:
        """Yield all entities; add their total to ``count``, unless there are owners."""
        entity_list = self.list
        if entity_list.owners is None:
            totals = []
            for variant in entity_list.variants:
                single_variant = replace(entity_list, variants=(variant,))
                variant_count = RecordCount()
                for page in self._pages(single_variant, self.client.workers):
                    count.malformed += page.malformed
                    yield from page.entities
                    variant_count.add_total(page.total)
                totals.append(variant_count.expected)
            count.add_total(sum(totals))
            return
        owners = self._owners(entity_list.owners, count)
        lists = (partial(self._owner_entities, _owner_id(owner)) for owner in owners)
        read = 0
        for owner in self.client.workers.in_order(lists):
            if owner.refusal is None:
                read += 1
                count.malformed += owner.malformed
                yield from owner.entities
                continue
            count.refused_owners.append(owner.id)
            if not read and len(count.refused_owners) >= _REFUSALS:
                # Not the fault of single owners.
                raise owner.refusal
            logger.warning(
                "%s: the list of %s is not read: %s",
                entity_list.table.name,
                owner.id,
                owner.refusal,
            )
        if not read and count.refused_owners:
            raise cast("ApiError", owner.refusal)

    def _owners(self, owners: ReferenceList, count: RecordCount) -> Iterator[Document]:
        """Yield the owners; count those that are no JSON objects."""
        for page in self._pages(owners, self.client.workers):
            count.malformed += page.malformed
            yield from page.entities

    def _owner_entities(self, owner_id: str) -> _OwnerList:
        """Return the entities of one owner, or why Genesys refuses them."""
        entity_list = self.list.for_owner(owner_id)
        try:
            pages = list(self._pages(entity_list, None))
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                # The owner was deleted after it was listed.
                return _OwnerList(owner_id)
            if error.status in {HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}:
                return _OwnerList(owner_id, refusal=error)
            raise
        entities = [
            {**entity, entity_list.owner_field: owner_id}
            for page in pages
            for entity in page.entities
        ]
        return _OwnerList(owner_id, entities, sum(page.malformed for page in pages))

    def probe(self) -> None:
        """Request one entity; if the list has owners, of the first owner."""
        entity_list = self.list
        if entity_list.owners is not None:
            owners = replace(entity_list.owners, page_size=1)
            page = next(self._pages(owners, None), None)
            if page is None or not page.entities:
                return
            entity_list = entity_list.for_owner(_owner_id(page.entities[0]))
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
                lambda page: self.client.get(page.path, page.params), first, workers
            )


def _owner_id(owner: Document) -> str:
    """Return the id of an owner.

    Raises:
        GenesysError: The owner has no id, or one that is no text and no number.
    """
    owner_id = owner.get("id")
    if not owner_id or not isinstance(owner_id, str | int):
        message = f"an entity of the for_each list has no id; it has {', '.join(owner)}"
        raise GenesysError(message)
    return str(owner_id)
