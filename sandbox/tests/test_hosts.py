"""Tokens, rights, limits and headers, as every endpoint has them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from tests.conftest import QUERY, Client

if TYPE_CHECKING:
    from collections.abc import Callable

DETAILS = "/api/v2/analytics/conversations/details"


def test_client_credentials_buy_a_token(client: Client) -> None:
    """By Basic authentication, as the official SDK does."""
    first, second = client.login().json(), client.login().json()
    assert set(first) == {"access_token", "token_type", "expires_in"}
    assert (first["token_type"], first["expires_in"]) == ("bearer", 86_400)
    assert first["access_token"] != second["access_token"]


def test_credentials_may_be_in_the_body(client: Client) -> None:
    """And the grant type in the query string."""
    answer = client.session.post(
        f"{client.sandbox.login_url}/oauth/token?grant_type=client_credentials",
        data={"client_id": "sandbox", "client_secret": "sandbox-secret"},
        timeout=10,
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("status", [400, 401])
def test_wrong_credentials_are_refused(
    start: Callable[..., Client], status: int
) -> None:
    """As another region's client is: `invalid_client`."""
    client = start(bad_credentials_status=status)
    answer = client.login(client_id="sandbox", client_secret="wrong")
    assert answer.status_code == status
    assert answer.json() == {
        "error": "invalid_client",
        "description": "authentication failed",
        "error_description": "authentication failed",
    }
    refused = client.session.post(
        f"{client.sandbox.login_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": "Basic !"},
        timeout=10,
    )
    assert refused.json()["error"] == "invalid_client"


def test_other_grants_are_refused(client: Client) -> None:
    """There is no user here to ask."""
    answer = client.login(grant_type="password")
    assert answer.json()["error"] == "unsupported_grant_type"


def test_hosts_are_apart(client: Client) -> None:
    """The login is not on the API host, nor the API on the login host."""
    assert client.sandbox.api_url != client.sandbox.login_url
    assert client.ask("POST", "/oauth/token").status_code == 404
    answer = client.session.post(f"{client.sandbox.login_url}{QUERY}", timeout=10)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "authentication.required"),
        ({"Authorization": "Basic c2FuZGJveA=="}, "authentication.required"),
        ({"Authorization": "Bearer unknown"}, "bad.credentials"),
    ],
)
def test_without_a_good_token_nothing_is_answered(
    client: Client, header: dict[str, str], code: str
) -> None:
    """401 with an ErrorBody, whatever the path."""
    for path in (QUERY, "/api/v2/tokens/me", "/nowhere"):
        answer = client.session.get(
            client.sandbox.api_url + path, headers=header, timeout=10
        )
        assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_a_token_expires(start: Callable[..., Client]) -> None:
    """After the time that it was sold with."""
    client = start(expires_in=1)
    assert client.login().json()["expires_in"] == 1
    assert client.query().status_code == 200
    time.sleep(1.1)
    assert client.query().json()["code"] == "bad.credentials"


def test_a_token_tells_about_itself(client: Client) -> None:
    """Also by HEAD, without a body."""
    token = client.ask("GET", "/api/v2/tokens/me").json()
    assert token["organization"]["name"] == "Sandbox Ltd"
    head = client.ask("HEAD", "/api/v2/tokens/me")
    assert (head.status_code, head.content) == (200, b"")


def test_each_token_has_its_rate_limit(start: Callable[..., Client]) -> None:
    """The headers count up to it; then 429 says how long to wait."""
    client = start(requests_per_minute=3)
    answers = [client.query() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    counts = [answer.headers["inin-ratelimit-count"] for answer in answers[:3]]
    assert counts == ["1", "2", "3"]
    assert answers[0].headers["inin-ratelimit-allowed"] == "3"
    seconds = int(answers[3].headers["Retry-After"])
    assert 58 <= seconds <= 60
    error = answers[3].json()
    assert error == {
        "message": "Rate limit exceeded the maximum. "
        f"Retry the request in [{seconds}] seconds",
        "code": "too.many.requests.retry.after",
        "status": 429,
        "contextId": answers[3].headers["ININ-Correlation-Id"],
        "details": [],
        "errors": [],
    }
    client.token = ""
    assert client.query().status_code == 200


def test_every_answer_has_the_headers_of_the_real_one(client: Client) -> None:
    """Errors too."""
    answers = [
        client.query(),
        client.query(interval="x"),
        client.ask("GET", "/nowhere"),
        client.query(fault="server-error"),
        client.session.get(client.sandbox.api_url, timeout=10),
    ]
    for answer in answers:
        assert len(answer.headers["ININ-Correlation-Id"]) == 36
        assert answer.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"
        for name in ("count", "allowed", "reset"):
            assert int(answer.headers[f"inin-ratelimit-{name}"]) >= 0


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v2/nowhere", 404, "not.found"),
        ("GET", QUERY, 405, "method.not.allowed"),
        ("DELETE", "/api/v2/tokens/me", 405, "method.not.allowed"),
    ],
)
def test_unknown_paths_and_methods_are_refused(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    """With an ErrorBody as well."""
    answer = client.ask(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_conversations_are_found_by_id(client: Client) -> None:
    """One, or several; those that nobody has are left out."""
    page = client.page(1, 3)["conversations"]
    names = [conversation["conversationId"] for conversation in page]
    one = client.ask("GET", f"/api/v2/analytics/conversations/{names[0]}/details")
    assert one.json() == page[0]
    several = client.ask("GET", DETAILS, params={"id": ",".join([*names, "nobody"])})
    assert several.json()["conversations"] == page


def test_what_is_not_there_is_not_found(client: Client) -> None:
    """Unknown, or not begun yet."""
    world = client.sandbox.world
    tomorrow = world.identifier(world.day(20_518).number, 0)
    for name in ("nobody", "6e7d1b8c-2ad1-4e41-9a7b-0f2c4a6b8d10", tomorrow):
        path = f"/api/v2/analytics/conversations/{name}/details"
        assert client.ask("GET", path).json()["code"] == "not.found"
        assert client.ask("GET", DETAILS, params={"id": name}).json() == {}
    assert client.ask("GET", DETAILS).status_code == 400
    many = ",".join(str(number) for number in range(101))
    assert client.ask("GET", DETAILS, params={"id": many}).status_code == 400


def test_requests_are_counted(client: Client) -> None:
    """With what they asked for and how they ended."""
    client.page(2, 50)
    client.query(fault="server-error;status=502")
    with pytest.raises(requests.ConnectionError):
        client.query(fault="drop")
    log = client.sandbox.requests
    assert log.count("/oauth/token") == 1
    assert log.count(QUERY) == log.count(QUERY, method="POST") == 3
    assert log.count(status=502) == 1
    served = list(log)[1]
    assert (served.interval, served.page_number, served.page_size) == (
        "2026-03-04T00:00:00Z/2026-03-05T00:00:00Z",
        2,
        50,
    )
    assert [x.fault for x in log] == [None, None, "server-error", "drop"]
    log.clear()
    assert len(log) == 0


def test_it_stops_at_once(start: Callable[..., Client]) -> None:
    """Also with a connection open, and then its ports are free."""
    client = start()
    client.query()
    begun = time.monotonic()
    client.sandbox.__exit__(None, None, None)
    assert time.monotonic() - begun < 1
    with pytest.raises(requests.ConnectionError):
        client.login()
