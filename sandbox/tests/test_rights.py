"""What the client may not do, and the divisions that it may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import QUERY, Client

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = "/api/v2/analytics/conversations/details/jobs"
DIVISIONS = "/api/v2/authorization/divisions"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", JOBS),
        ("GET", f"{JOBS}/availability"),
        ("GET", f"{JOBS}/1"),
        ("DELETE", f"{JOBS}/1"),
        ("GET", f"{JOBS}/1/results"),
    ],
)
def test_jobs_may_be_forbidden(
    start: Callable[..., Client], method: str, path: str
) -> None:
    """All of their endpoints; the query goes on."""
    client = start(jobs_forbidden=True)
    refused = client.ask(method, path, json={})
    error = refused.json()
    assert (refused.status_code, error["code"]) == (403, "missing.any.permissions")
    assert "[analytics:conversationDetail:view" in error["message"]
    assert ("agentConversationDetail" in error["message"]) == ("avail" not in path)
    assert client.query().status_code == 200


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/api/v2/analytics/users/details/query", "analytics:userDetail:view"),
        ("/api/v2/routing/queues", "routing:queue:view"),
        (DIVISIONS, "authorization:division:view"),
    ],
)
def test_any_path_may_be_forbidden(
    start: Callable[..., Client], path: str, permission: str
) -> None:
    """By a pattern; the answer names what the client would need."""
    client = start(forbidden=("/api/v2/analytics/users/*", "/api/v2/[ar]*o*ti*/[dq]*s"))
    refused = client.ask("GET", path)
    assert refused.status_code == 403
    assert refused.json()["messageParams"] == {"permissions": permission}
    assert client.query().status_code == 200


def test_who_is_unknown_is_not_told_what_is_forbidden(
    start: Callable[..., Client],
) -> None:
    """401 comes before 403."""
    client = start(forbidden=(QUERY,))
    client.token = "none"
    assert client.query().status_code == 401


def test_divisions_are_listed_in_pages(client: Client) -> None:
    """With relative links, as far as there is somewhere to go."""
    known = client.sandbox.world.organization.divisions
    first = client.ask("GET", DIVISIONS, params={"pageSize": 2}).json()
    assert [x["id"] for x in first["entities"]] == [x.id for x in known[:2]]
    assert [x["homeDivision"] for x in first["entities"]] == [True, False]
    assert (first["total"], first["pageCount"]) == (3, 2)
    assert first["nextUri"] == f"{DIVISIONS}?pageSize=2&pageNumber=2"
    assert "previousUri" not in first
    second = client.ask("GET", first["nextUri"]).json()
    assert [x["name"] for x in second["entities"]] == [known[2].name]
    assert "nextUri" not in second
    assert second["previousUri"] == first["selfUri"] == first["firstUri"]
    assert second["lastUri"] == second["selfUri"]
    assert client.ask("GET", second["entities"][0]["selfUri"]).status_code == 404
    assert client.ask("GET", DIVISIONS, params={"pageNumber": 3}).json()["total"] == 3


def test_a_large_page_of_divisions_is_silently_smaller(client: Client) -> None:
    """100 at most: the answer's own page size tells."""
    page = client.ask("GET", DIVISIONS, params={"pageSize": 500}).json()
    assert (page["pageSize"], page["pageNumber"], len(page["entities"])) == (100, 1, 3)
    assert client.ask("GET", DIVISIONS).json()["pageSize"] == 25
    assert client.ask("GET", DIVISIONS, params={"pageSize": 0}).status_code == 400
