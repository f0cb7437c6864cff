"""One token for the run: asked for, shared, renewed, and never told."""

from __future__ import annotations

import base64
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from tap_genesys_analytics.api.auth import ClientCredentials
from tap_genesys_analytics.api.errors import ApiError, LoginError
from tap_genesys_analytics.errors import GenesysError
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    import requests

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.retries import Retries

REFUSED = Reply(
    {
        "error": "invalid_client",
        "description": "authentication failed",
        "error_description": "authentication failed",
    },
    status=400,
)
UNAUTHORIZED = Reply(
    {"code": "bad.credentials", "message": "Invalid login credentials."}, status=401
)


def token(value: str = "a-token", expires_in: float = 86400) -> Reply:
    """Return the login service's answer."""
    return Reply({"access_token": value, "expires_in": expires_in})


def test_asks_with_http_basic_and_a_form_body(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The grant is in the body, the credentials in the header, as in the SDK."""
    genesys.replies(Reply({}))
    client.get("/x")
    login = genesys.logins[0]
    assert (login.method, login.path) == ("POST", "/oauth/token")
    basic = base64.b64encode(b"the-client:the-secret").decode()
    assert login.headers["Authorization"] == f"Basic {basic}"
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(login.body.decode()) == {"grant_type": ["client_credentials"]}
    assert genesys.requests[0].headers["Authorization"] == "Bearer token-1"


def test_threads_share_one_token(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Eight threads that start together ask for one token."""
    genesys.replies(Reply({}))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get("/x"), range(40)))
    assert len(genesys.requests) == 40
    assert len(genesys.logins) == 1


@pytest.mark.parametrize(
    ("lifetime", "still_good", "renewed"),
    [(86400, 86400 - 301, 86400 - 299), (300, 269, 271)],
)
def test_is_renewed_before_it_ends(
    genesys: ScriptedGenesys,
    session: requests.Session,
    retries: Retries,
    lifetime: float,
    still_good: float,
    renewed: float,
) -> None:
    """Five minutes before the end, or a tenth of a short life before it."""
    now = 0.0
    credentials = ClientCredentials(
        genesys.url, "c", "s", session=session, retries=retries, clock=lambda: now
    )
    genesys.token_replies(token("first", lifetime), token("second", lifetime))
    assert credentials.token() == "first"
    now = still_good
    assert credentials.token() == "first"
    now = renewed
    assert credentials.token() == "second"


def test_a_refused_token_is_renewed_and_the_page_asked_for_again(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """One 401 in the middle of paging costs a token, not the run."""
    genesys.replies(Reply({"page": 1}), UNAUTHORIZED, Reply({"page": 2}))
    assert client.post("/x", {"pageNumber": 1}) == {"page": 1}
    assert client.post("/x", {"pageNumber": 2}) == {"page": 2}
    assert len(genesys.logins) == 2
    assert [request.json["pageNumber"] for request in genesys.requests] == [1, 2, 2]
    authorization = [request.headers["Authorization"] for request in genesys.requests]
    assert authorization == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_second_401_in_a_row_fails(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """A new token that is refused too is an error, not a loop."""
    genesys.replies(UNAUTHORIZED)
    with pytest.raises(ApiError, match="401") as caught:
        client.get("/x")
    assert len(genesys.requests) == 2
    assert len(genesys.logins) == 2
    assert "token-" not in str(caught.value)


def test_a_token_that_another_thread_renewed_is_kept(
    credentials: ClientCredentials,
) -> None:
    """Refusals of an old token do not throw away the new one."""
    first = credentials.token()
    credentials.reject(first)
    second = credentials.token()
    credentials.reject(first)
    assert credentials.token() == second


@pytest.mark.parametrize(
    "failure",
    [
        Reply(b"<html>Bad Gateway</html>", status=502),
        Reply({"message": "slow down"}, status=429, headers={"Retry-After": "7"}),
        Reply(drop=True),
        Reply({"access_token": "x" * 1000, "expires_in": 10}, cut=True),
        Reply(b"<html>maintenance</html>"),
    ],
    ids=["5xx", "429", "drop", "cut", "not json"],
)
def test_a_login_service_in_trouble_is_tried_again(
    genesys: ScriptedGenesys,
    credentials: ClientCredentials,
    sleeps: list[float],
    failure: Reply,
) -> None:
    """What passes is waited out, at the token endpoint as everywhere."""
    genesys.token_replies(failure, failure)
    assert credentials.token() == "token-3"
    assert len(sleeps) == 2
    if failure.status == 429:
        assert sleeps == [7, 7]


@pytest.mark.parametrize("status", [400, 401])
def test_invalid_client_is_fatal_at_once_and_names_the_two_causes(
    genesys: ScriptedGenesys,
    credentials: ClientCredentials,
    sleeps: list[float],
    status: int,
) -> None:
    """Wrong credentials do not get better by asking again."""
    genesys.token_replies(Reply(REFUSED.body, status=status))
    with pytest.raises(LoginError) as caught:
        credentials.token()
    assert len(genesys.logins) == 1
    assert not sleeps
    text = str(caught.value)
    assert "client_secret" in text
    assert "another region" in text
    assert "the-secret" not in text


def test_nothing_secret_is_told(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    caplog: pytest.LogCaptureFixture,
    sleeps: list[float],
) -> None:
    """Neither secret nor token nor body is in a log or an error, whatever happens."""
    caplog.set_level(logging.DEBUG)
    secret_body = Reply({"note": "private-note"}, status=500)
    genesys.token_replies(secret_body, token("top-secret-token"))
    genesys.replies(UNAUTHORIZED, secret_body, Reply({}), secret_body)
    client.get("/x")
    with pytest.raises(GenesysError) as caught:
        client.get("/x")
    assert sleeps
    told = caplog.text + str(caught.value)
    basic = base64.b64encode(b"the-client:the-secret").decode()
    for secret in ("the-secret", "top-secret-token", basic, "private-note", "token-"):
        assert secret not in told
