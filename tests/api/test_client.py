"""Requests: tried again where it helps, given up clearly where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.errors import (
    ApiError,
    PageTooLargeError,
    RequestCancelledError,
    UnavailableError,
)
from tap_genesys_analytics.api.parallel import CancellationScope, Workers
from tap_genesys_analytics.api.retries import MAX_TRIES
from tap_genesys_analytics.records.raw_documents import decode_json
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    from tap_genesys_analytics.api.client import GenesysClient

CLOUDFRONT = b"<html><body><h1>504 Gateway Timeout</h1></body></html>"


def error_body(status: int, code: str, message: str, **more: Any) -> Reply:
    """Return an error as Genesys answers it."""
    body = {"message": message, "code": code, "status": status, "contextId": "c-1"}
    return Reply(body | more, status, {"ININ-Correlation-Id": "correlation-1"})


@pytest.mark.parametrize(
    "failure",
    [
        Reply(CLOUDFRONT, status=500),
        Reply(CLOUDFRONT, status=502),
        Reply(CLOUDFRONT, status=503),
        Reply(CLOUDFRONT, status=504),
        error_body(408, "client.timeout", "The client request timed out."),
        Reply(drop=True),
        Reply({"conversations": ["x" * 10_000]}, cut=True),
        Reply(b'{"conversations": [{"conversationId"'),
        Reply(CLOUDFRONT),
    ],
    ids=["500", "502", "503", "504", "408", "drop", "cut", "half json", "html"],
)
def test_what_may_pass_is_tried_again_with_growing_waits(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    sleeps: list[float],
    failure: Reply,
) -> None:
    """Waits double, with chance in them, and the answer comes in the end."""
    genesys.replies(failure, failure, failure, Reply({"good": True}))
    assert client.post("/x", {}) == {"good": True}
    assert len(sleeps) == 3
    for wait, longest in zip(sleeps, (1, 2, 4), strict=True):
        assert longest / 2 <= wait <= longest


def test_a_failure_that_stays_is_given_up_with_the_count(
    genesys: ScriptedGenesys, client: GenesysClient, sleeps: list[float]
) -> None:
    """The error says what was tried, where, and how often."""
    genesys.replies(Reply(CLOUDFRONT, 503, {"ININ-Correlation-Id": "abc"}))
    with pytest.raises(ApiError, match=f"given up after {MAX_TRIES} tries") as caught:
        client.post("/api/v2/x", {})
    assert len(genesys.requests) == MAX_TRIES == len(sleeps) + 1
    assert "POST /api/v2/x was answered 503" in str(caught.value)
    assert "abc" in str(caught.value)
    assert "Gateway" not in str(caught.value)


def test_retry_after_is_waited_exactly(
    genesys: ScriptedGenesys, client: GenesysClient, sleeps: list[float]
) -> None:
    """A 429 storm is waited out by its own clock."""
    replies = [
        error_body(429, "too.many.requests.retry.after", "Rate limit exceeded")
        for _ in range(3)
    ]
    for reply, wait in zip(replies, (42, 3, 17), strict=True):
        reply.headers["Retry-After"] = str(wait)
    genesys.replies(*replies, Reply({}))
    client.get("/x")
    assert sleeps == [42, 3, 17]


def test_a_wait_longer_than_max_retry_wait_is_refused_by_name(
    genesys: ScriptedGenesys, client: GenesysClient, sleeps: list[float]
) -> None:
    """A daily limit may ask for hours: the run ends and says which wait was asked."""
    genesys.replies(Reply({}, 429, {"Retry-After": "7200"}))
    with pytest.raises(ApiError, match=r"wait 7200 seconds.*max_retry_wait \(180\)"):
        client.get("/x")
    assert not sleeps
    assert len(genesys.requests) == 1


def test_a_429_without_retry_after_backs_off(
    genesys: ScriptedGenesys, client: GenesysClient, sleeps: list[float]
) -> None:
    """No header, no fixed wait."""
    genesys.replies(Reply({}, 429), Reply({}))
    client.get("/x")
    assert len(sleeps) == 1
    assert 0.5 <= sleeps[0] <= 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "bad.request"), (403, "missing.any.permissions"), (404, "not.found")],
)
def test_what_does_not_pass_fails_at_once_with_all_that_helps(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    sleeps: list[float],
    status: int,
    code: str,
) -> None:
    """Status, path, Genesys' code, its message, the correlation id."""
    genesys.replies(error_body(status, code, "Something about analytics:x:view"))
    with pytest.raises(ApiError) as caught:
        client.post("/api/v2/analytics/x", {})
    assert len(genesys.requests) == 1
    assert not sleeps
    text = str(caught.value)
    for part in (
        "/api/v2/analytics/x",
        str(status),
        code,
        "analytics:x:view",
        "correlation-1",
    ):
        assert part in text
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize(
    ("message", "more", "told", "kept_back"),
    [
        (
            "Value [+4930123456] is not valid for field type [ani]",
            {},
            "is not valid",
            "4930123456",
        ),
        ("User jane.doe@example.com is unknown", {}, "is unknown", "jane.doe"),
        (
            "Jane Doe is unknown",
            {"messageWithParams": "{user} is unknown", "messageParams": {"user": "x"}},
            "{user} is unknown",
            "Jane",
        ),
    ],
    ids=["bracketed value", "mail address", "message parameters"],
)
def test_values_in_messages_are_not_told(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    message: str,
    more: dict[str, Any],
    told: str,
    kept_back: str,
) -> None:
    """A message is told where it holds no data."""
    genesys.replies(error_body(400, "invalid.value", message, **more))
    with pytest.raises(ApiError) as caught:
        client.post("/x", {})
    assert told in str(caught.value)
    assert kept_back not in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        error_body(413, "payload.too.large", "The response payload was too large."),
        Reply(b"<html>Request Entity Too Large</html>", status=413),
        error_body(400, "response.entity.too.large", "The response is over …"),
        error_body(
            400, "bad.request", "The response is over the size limit. Reduce pageSize"
        ),
    ],
    ids=["413", "413 html", "400 code", "400 text"],
)
def test_an_answer_over_the_size_limit_is_an_error_of_its_own(
    genesys: ScriptedGenesys, client: GenesysClient, reply: Reply
) -> None:
    """Smaller pages help here, so the pager must be able to tell."""
    genesys.replies(reply)
    with pytest.raises(PageTooLargeError):
        client.post("/x", {})


def test_a_request_that_is_too_large_is_not_taken_for_an_answer_that_is(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Smaller pages do not make a filter smaller."""
    genesys.replies(error_body(413, "request.entity.too.large", "Maximum bytes: 5"))
    with pytest.raises(ApiError) as caught:
        client.post("/x", {})
    assert not isinstance(caught.value, PageTooLargeError)


def test_a_redirect_is_not_followed(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The API never redirects; a token must not wander."""
    genesys.replies(Reply(b"", 302, {"Location": f"{genesys.url}/elsewhere"}))
    with pytest.raises(ApiError, match="302"):
        client.get("/x")
    assert [request.path for request in genesys.requests] == ["/x"]


#: Names that are still different without NUL characters.
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    )
)
def test_clean_documents_come_through_unchanged(document: Any) -> None:
    """Only NUL characters are lost, and no other text is touched."""
    text = json.dumps(document)
    assert decode_json(text.encode()) == json.loads(text.replace("\\u0000", ""))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (rb'{"note": "a\u0000b"}', {"note": "ab"}),
        (rb'{"no\u0000te": ["x\u0000"]}', {"note": ["x"]}),
        (rb'["cut \ud83d off"]', ["cut \ufffd off"]),
        (rb'["cut \uDE00 off"]', ["cut \ufffd off"]),
        (rb'["whole \ud83d\ude00"]', ["whole \U0001f600"]),
        (b'["raw \xed\xa0\xbd half"]', ["raw \ufffd half"]),
        (rb'["a backslash \\u0000"]', ["a backslash \\u0000"]),
    ],
)
def test_what_no_database_stores_is_cleaned(
    content: bytes,
    expected: Any,
) -> None:
    """NUL goes, halves of surrogate pairs become U+FFFD, whole pairs stay."""
    assert decode_json(content) == expected


def test_what_nobody_wants_any_more_is_not_asked_for(
    client: GenesysClient, genesys: ScriptedGenesys
) -> None:
    """Neither of the API nor of whoever keeps a file."""
    ended = CancellationScope()
    ended.cancel()
    workers = Workers(2)
    for ask in (
        lambda: client.get("/api/v2/users"),
        lambda: client.download(f"{genesys.url}/file"),
    ):
        with pytest.raises(RequestCancelledError):
            workers.submit(ask, ended).result()
    assert not genesys.requests
    assert not genesys.logins


@pytest.mark.usefixtures("sleeps")
def test_a_file_that_is_never_answered_is_not_asked_for_under_another_url(
    client: GenesysClient, genesys: ScriptedGenesys
) -> None:
    """Whoever keeps it is down: that is no DownloadError."""
    genesys.replies(Reply({}, 503))
    with pytest.raises(UnavailableError):
        client.download(f"{genesys.url}/file")
    assert len(genesys.requests) == MAX_TRIES


def test_a_refusal_is_an_answer_and_what_fails_until_the_last_try_is_none(
    client: GenesysClient, genesys: ScriptedGenesys, sleeps: list[float]
) -> None:
    """That is how an outage is told from an endpoint that never answers."""
    genesys.replies(Reply({}), error_body(403, "missing.permissions", "No."))
    client.get("/api/v2/users")
    answers = client.retries.responses
    with pytest.raises(ApiError):
        client.get("/api/v2/users")
    assert client.retries.responses == answers + 1
    genesys.replies(Reply(CLOUDFRONT, status=503))
    with pytest.raises(UnavailableError):
        client.get("/api/v2/users")
    assert client.retries.responses == answers + 1
    assert len(sleeps) == MAX_TRIES - 1
