"""The details query: paging, limits, checks, and data that moves while it is read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tests.clocks import Clock
from tests.conftest import NOON, QUERY, Client
from tests.details_jobs import ids

if TYPE_CHECKING:
    from collections.abc import Callable


def truth(client: Client, first: int, last: int) -> list[dict[str, Any]]:
    """What there is from one day of March to before another."""
    march = datetime(2026, 3, 1, tzinfo=timezone.utc).date()
    return list(
        client.sandbox.truth(
            march + timedelta(days=first - 1), march + timedelta(days=last - 1)
        )
    )


def test_pages_make_up_the_day(client: Client) -> None:
    """In the order of their starts, complete, without attributes."""
    found = client.all()
    assert found == truth(client, 4, 5)
    assert len(found) == 300


def test_a_page_holds_25_unless_told_otherwise(client: Client) -> None:
    """And says how many there are in all."""
    answer = client.query().json()
    assert set(answer) == {"conversations", "totalHits"}
    assert len(answer["conversations"]) == 25
    assert answer["totalHits"] == 300


def test_descending_is_the_reverse(client: Client) -> None:
    """The last start comes first, over all pages."""
    assert ids(client.all(order="desc")) == ids(client.all())[::-1]


@pytest.mark.parametrize("order_by", ["conversationEnd", "segmentStart", "segmentEnd"])
def test_other_orders_find_the_same(client: Client, order_by: str) -> None:
    """Sorted by another moment; what is still open comes last."""
    found = client.all(orderBy=order_by)
    assert sorted(ids(found)) == sorted(ids(client.all()))
    if order_by == "conversationEnd":
        ends = [x.get("conversationEnd", "~") for x in found]
        assert ends == sorted(ends)


def test_a_part_of_a_day_answers_for_the_day(client: Client) -> None:
    """Every conversation that started on a UTC day touched by the interval."""
    touched = client.all(interval="2026-03-03T23:00:00-01:00/2026-03-04T01:00:00.001Z")
    assert ids(touched) == ids(truth(client, 4, 5))
    two = client.all(interval="2026-03-03T23:59:59.999Z/2026-03-04T00:00:00.001Z")
    assert ids(two) == ids(truth(client, 3, 5))


def test_a_part_of_a_day_may_answer_for_its_own_activity(
    start: Callable[..., Client],
) -> None:
    """The other reading, by a switch: started that day, and active in the interval."""
    client = start(sub_day_matching="activity")
    interval = "2026-03-04T10:00:00Z/2026-03-04T11:00:00Z"
    found = client.all(interval=interval)
    assert len(found) < 100
    starts = [conversation["conversationStart"] for conversation in found]
    assert max(starts) < "2026-03-04T11:00:00.000Z"
    assert any(moment < "2026-03-04T10:00:00.000Z" for moment in starts)
    within = [
        x["conversationId"]
        for x in truth(client, 4, 5)
        if "2026-03-04T10" <= x["conversationStart"] < "2026-03-04T11"
    ]
    assert set(within) <= set(ids(found))
    assert ids(client.all()) == ids(truth(client, 4, 5))


def test_data_arrives_while_pages_are_read(client: Client, clock: Clock) -> None:
    """Today's last page grows, and a descending page shifts."""
    today = "2026-03-05T00:00:00Z/2026-03-06T00:00:00Z"
    before = client.page(1, 50, interval=today, order="desc")
    clock.advance(minutes=30)
    after = client.page(1, 50, interval=today, order="desc")
    assert after["totalHits"] > before["totalHits"]
    old, new = ids(before["conversations"]), ids(after["conversations"])
    arrived = after["totalHits"] - before["totalHits"]
    assert new[arrived:] == old[: len(old) - arrived]


def test_an_open_conversation_ends_later(client: Client, clock: Clock) -> None:
    """The same document has more to say as time goes by."""
    today = "2026-03-05T00:00:00Z/2026-03-06T00:00:00Z"
    now = {x["conversationId"]: x for x in client.all(interval=today)}
    still_open = {name for name, x in now.items() if "conversationEnd" not in x}
    assert still_open
    clock.advance(days=20)
    later = {x["conversationId"]: x for x in client.all(interval=today)}
    assert all("conversationEnd" in later[name] for name in still_open)


@pytest.mark.parametrize(
    ("switch", "body"),
    [
        ("empty-object", {}),
        ("total-zero", {"totalHits": 0}),
        ("total", {"totalHits": 200}),
        ("empty-list", {"conversations": [], "totalHits": 200}),
    ],
)
def test_past_the_last_page_there_are_no_conversations(
    start: Callable[..., Client], switch: str, body: dict[str, Any]
) -> None:
    """The key is absent, or whatever the switch says."""
    client = start(past_the_end=switch)
    assert client.page(3) == body


def test_total_hits_may_be_approximate(start: Callable[..., Client]) -> None:
    """It moves although nothing else does."""
    clock = Clock(NOON)
    client = start(total_hits_error=0.1, clock=clock)
    totals = set()
    for _ in range(10):
        totals.add(client.page(1)["totalHits"])
        clock.advance(seconds=1)
    assert len(totals) > 1
    assert all(180 <= total <= 220 for total in totals)


def test_the_last_legal_page_is_answered(client: Client) -> None:
    """Page 1,000 of 100: exactly the cap."""
    assert client.page(1_000) == {}


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad.request"),
        (b"[]", "application/json", 400, "bad.request"),
        (b"", "application/json", 400, "bad.request"),
        (b"interval=x", "text/plain", 415, "unsupported.media.type"),
        (b" " * 512_001, "application/json", 413, "request.entity.too.large"),
    ],
)
def test_what_is_no_json_is_refused(
    client: Client, content: bytes, kind: str, status: int, code: str
) -> None:
    """Also when there is too much of it."""
    answer = client.ask("POST", QUERY, data=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_page_may_be_too_large(start: Callable[..., Client]) -> None:
    """413, and smaller pages help."""
    client = start(payload_limit=200_000)
    refused = client.query(paging={"pageNumber": 1, "pageSize": 100})
    assert (refused.status_code, refused.json()["code"]) == (413, "payload.too.large")
    assert len(client.page(1, 20)["conversations"]) == 20


def test_broken_text_arrives_as_json_escapes(start: Callable[..., Client]) -> None:
    """NUL and lone surrogates, as they kill a PostgreSQL load."""
    answer = start(dirty_text=0.3).query(paging={"pageNumber": 1, "pageSize": 100})
    assert b"\\u0000" in answer.content
    assert b"\\ud83d" in answer.content
    assert json.loads(answer.content)["conversations"]


def test_limits_can_be_lowered(start: Callable[..., Client]) -> None:
    """So that a test meets them with few conversations."""
    client = start(result_cap=50, max_page_size=10)
    assert len(client.page(5, 10)["conversations"]) == 10
    assert client.page(6, 10)["message"].startswith("Pagination may not exceed 50 ")
    assert client.page(1, 11)["status"] == 400


def test_a_large_day_costs_no_more_than_its_page(start: Callable[..., Client]) -> None:
    """The last pages of a quarter of a million conversations, at once."""
    client = start(conversations_per_day=250_000)
    client.page(1)
    begun = client.sandbox.requests
    for number in (1, 500, 1_000):
        assert len(client.page(number)["conversations"]) == 100
    assert all(served.seconds < 2 for served in list(begun)[-3:])
    assert client.page(1)["totalHits"] == 250_000
