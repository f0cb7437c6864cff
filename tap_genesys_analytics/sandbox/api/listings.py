"""Lists of entities, in pages with relative links. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_genesys_analytics.sandbox.world.organization import Organization

_MOST = 100
DEFAULT_PAGE_SIZE = 25


def listing(
    path: str, entities: Sequence[object], page_size: int, page_number: int
) -> dict[str, Any]:
    """One page of a list; a page size above the largest is lowered, without a word."""
    size = min(page_size, _MOST)
    pages = max(1, -(-len(entities) // size))

    def link(number: int) -> str:
        return f"{path}?{urlencode({'pageSize': size, 'pageNumber': number})}"

    page: dict[str, Any] = {
        "entities": entities[(page_number - 1) * size : page_number * size],
        "pageSize": size,
        "pageNumber": page_number,
        "total": len(entities),
        "pageCount": pages,
        "firstUri": link(1),
        "selfUri": link(page_number),
        "lastUri": link(pages),
    }
    if page_number < pages:
        page["nextUri"] = link(page_number + 1)
    if page_number > 1:
        page["previousUri"] = link(page_number - 1)
    return page


def divisions(path: str, organization: Organization) -> list[dict[str, Any]]:
    """The organization's divisions, the home division first."""
    home = organization.divisions[0]
    return [
        {
            "id": division.id,
            "name": division.name,
            "description": "",
            "homeDivision": division is home,
            "selfUri": f"{path}/{division.id}",
        }
        for division in organization.divisions
    ]
