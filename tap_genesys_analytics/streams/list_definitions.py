"""Reference lists: their tables, and how the API answers them. Declarations, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.get_pages import SAFE_PAGE_SIZE, Paging
from tap_genesys_analytics.records.tables import Table, defined_table
from tap_genesys_analytics.streams.search import filled

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What stands for the id of another list's entity, in a path or a parameter.
_OWNER = "{id}"

#: Field that says whose an entity is, where a list of the settings is read for each
#: entity of another.
OWNER_FIELD = "ownerId"

_PAGINGS = {"numbers": Paging.NUMBERS, "links": Paging.LINKS, "none": Paging.NONE}


@dataclass(frozen=True)
class Listing:
    """A list: its table, and how the API answers it."""

    table: Table
    path: str
    permissions: tuple[str, ...] = ()
    paging: Paging = Paging.NUMBERS
    #: Parameters; the list is read once for each, where one does not answer all. Each
    #: answers other entities.
    variants: tuple[Mapping[str, Any], ...] = ({},)
    page_size: int = SAFE_PAGE_SIZE
    #: The list for each of whose entities this one is read; ``{id}`` in the path, or
    #: in a parameter.
    of: Listing | None = None
    #: Field that is added to say whose an entity is.
    owner_field: str = ""

    def for_owner(self, owner_id: str) -> Listing:
        """Return the list of one entity of the other list."""
        return replace(
            self,
            path=self.path.replace(_OWNER, owner_id),
            variants=tuple(filled(list(self.variants), {_OWNER: owner_id})),
        )


def table_of(
    name: str,
    model: str,
    description: str,
    *,
    default: bool = True,
    **more: Any,  # noqa: ANN401 (fields of Table)
) -> Table:
    """Return the table of a list whose entities have an id; ``default``: selected."""
    return Table(
        name=name,
        description=description,
        model=model,
        id_field="id",
        selected_by_default=default,
        **more,
    )


def list_of_each(  # noqa: PLR0913 (what distinguishes one such list from another)
    owners: Listing,
    owner_field: str,
    name: str,
    model: str,
    description: str,
    *,
    path: str,
    permissions: tuple[str, ...],
    paging: Paging = Paging.NUMBERS,
    default: bool = False,
) -> Listing:
    """Return a list that is read for each entity of another, with whose it is."""
    return Listing(
        table_of(
            name,
            model,
            description,
            default=default,
            added={owner_field: "string"},
            key_fields=(owner_field,),
        ),
        path,
        permissions,
        paging=paging,
        of=owners,
        owner_field=owner_field,
    )


def defined(given: Mapping[str, Any]) -> Listing:
    """Return the list that an entry of the setting ``lists`` defines."""
    owners = given.get("for_each")
    key = [*([OWNER_FIELD] if owners else []), *(given.get("key") or ["id"])]
    endpoint = f"GET {given['path']}"
    table = defined_table(given["name"], endpoint, key, given.get("columns"))
    return Listing(
        table,
        given["path"],
        paging=_PAGINGS[given.get("paging") or "numbers"],
        variants=(given.get("params") or {},),
        page_size=given.get("page_size") or SAFE_PAGE_SIZE,
        of=Listing(table, owners) if owners else None,
        owner_field=OWNER_FIELD if owners else "",
    )
