"""The reference lists as a client reads them: paths, pages, ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Client

ROOT = "/api/v2/"
EVERYTHING = {
    "users": {"state": "any"},
    "flows": {"deleted": "true"},
    "analytics/reporting/settings/dashboards/query": {
        "dashboardType": "All",
        "dashboardAccessFilter": "OwnedByAnyone",
    },
}
"""What makes a list show all that it has."""


def keys_of(client: Client, path: str) -> list[str]:
    """Ids to put into the path of a list, in its order."""
    units = client.sandbox.references.entities("workforcemanagement/businessunits")
    known = {
        "queueId": client.sandbox.world.organization.queues[0].id,
        "businessUnitId": units[0]["id"],
        "weekId": "recent",
        "teamId": client.sandbox.world.organization.teams[0].id,
        "managementUnitId": client.sandbox.references.entities(
            "workforcemanagement/managementunits"
        )[0]["id"],
    }
    return [known[name] for name in re.findall(r"{(\w+)}", path)]


def path_of(client: Client, path: str) -> str:
    """The path of a list, with the ids that it takes."""
    keys = iter(keys_of(client, path))
    return ROOT + re.sub(r"{\w+}", lambda _name: next(keys), path)


def followed(client: Client, path: str, **query: Any) -> Iterator[dict[str, Any]]:
    """The pages of a list, as far as links lead."""
    page = client.ask("GET", path, params=query).json()
    yield page
    while "nextUri" in page:
        page = client.ask("GET", page["nextUri"]).json()
        yield page


def ids(client: Client, path: str, **query: Any) -> list[str]:
    """The ids in all pages of a list."""
    pages = followed(client, path, **query)
    return [entity["id"] for page in pages for entity in page["entities"]]
