"""The official SDK reads every reference list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from genesys_cloud_sandbox.api.reference_lists import LISTS
from tests.listing import keys_of, path_of
from tests.sdk_answers import check, logged_in, method_of, model_of

if TYPE_CHECKING:
    from tests.conftest import Client

ASKED: dict[str, Any] = {
    "analytics/reporting/settings/dashboards/query": {
        "dashboard_type": "All",
        "dashboard_access_filter": "OwnedByAnyone",
    },
    "users": {
        "expand": [
            *("employerInfo", "groups", "languages", "locations"),
            *("profileSkills", "skills", "team", "dateLastLogin"),
        ]
    },
}


@pytest.fixture(scope="module")
def api_client(shared: Client) -> Any:
    """The SDK's client."""
    return logged_in(shared)


@pytest.mark.parametrize("path", [listed.path for listed in LISTS])
def test_the_sdk_reads_a_list(client: Client, api_client: Any, path: str) -> None:
    """Every entity and every value of it, with no key that its model does not have."""
    method = method_of(api_client, "get", path)
    read = method(*keys_of(client, path), **ASKED.get(path, {}))
    query = {
        re.sub("_(.)", lambda found: found[1].upper(), key): (
            value if isinstance(value, str) else ",".join(value)
        )
        for key, value in ASKED.get(path, {}).items()
    }
    sent = client.ask("GET", path_of(client, path), params=query).json()
    several = isinstance(sent, list)
    for one, other in zip(read, sent, strict=True) if several else [(read, sent)]:
        check(one, other, model_of(method))
