"""Conversations that the query finds only some time after they have started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock
    from tests.conftest import Client

TODAY = "2026-03-05T00:00:00Z/2026-03-06T00:00:00Z"
JOBS = "/api/v2/analytics/conversations/details/jobs"
MEDIA = {
    "segmentFilters": [
        {
            "type": "or",
            "predicates": [{"dimension": "mediaType", "operator": "exists"}],
        }
    ]
}
INITIATOR = {
    "conversationFilters": [
        {
            "type": "or",
            "predicates": [
                {"dimension": "conversationInitiator", "operator": operator}
                for operator in ("exists", "notExists")
            ],
        }
    ]
}


@pytest.fixture
def late(start: Callable[..., Client]) -> Client:
    """A client of a sandbox where half of the conversations are late."""
    return start(
        late_arrivals=0.5,
        late_arrival_seconds=1_200,
        conversations_per_day=500,
        watermark_lag=0,
    )


def ids(conversations: list[dict[str, Any]]) -> list[str]:
    """The ids, in order."""
    return [conversation["conversationId"] for conversation in conversations]


@pytest.mark.parametrize("filters", [{}, MEDIA, INITIATOR])
def test_late_arrivals_shift_pages(
    late: Client, clock: Clock, filters: dict[str, Any]
) -> None:
    """One comes in on the first page while it is read; in the end all are there."""
    newest = {"interval": TODAY, "order": "desc", **filters}
    first, begun = late.page(1, 10, **newest), clock.now
    known = ids(late.all(**newest))
    clock.advance(minutes=10)
    again = late.page(1, 50, **newest)
    shown = again["conversations"]
    arrived = [
        x["conversationId"]
        for x in shown
        if x["conversationId"] not in known
        and x["conversationStart"] <= f"{begun:%Y-%m-%dT%H:%M:%S.000Z}"
    ]
    assert arrived, "some had started before, and were not found"
    assert again["totalHits"] > first["totalHits"]
    assert ids(shown)[:10] != ids(first["conversations"])
    starts = [x["conversationStart"] for x in shown]
    assert starts == sorted(starts, reverse=True)
    clock.advance(days=1)
    everything = list(late.sandbox.truth(begun.date(), clock.now.date()))
    assert ids(late.all(interval=TODAY, **filters)) == ids(everything)


def test_the_truth_and_jobs_have_them_from_their_start(
    late: Client, clock: Clock
) -> None:
    """Only the index of the query is behind."""
    today = clock.now.date()
    late.sandbox.watermark.hold(clock.now)
    truth = ids(list(late.sandbox.truth(today, today.replace(day=6))))
    queried = ids(late.all(interval=TODAY))
    assert set(queried) < set(truth)
    assert 0 < len(truth) - len(queried) <= 10
    body = {"interval": TODAY, "startOfDayIntervalMatching": True}
    job = late.ask("POST", JOBS, json=body).json()["jobId"]
    while late.ask("GET", f"{JOBS}/{job}").status_code == 202:
        pass
    found: list[str] = []
    params: dict[str, str] = {}
    while not found or params:
        page = late.ask("GET", f"{JOBS}/{job}/results", params=params).json()
        found += ids(page["conversations"])
        params = {"cursor": page["cursor"]} if "cursor" in page else {}
    assert found == truth


def test_how_late_is_a_property_of_the_conversation(
    start: Callable[..., Client], clock: Clock
) -> None:
    """The same sandbox twice: the same at every moment, never later than it may be."""
    options = {"late_arrivals": 0.5, "conversations_per_day": 3_000}
    one, two = start(**options), start(**options)
    soon = start(**options, late_arrival_seconds=1)
    for _ in range(3):
        clock.advance(seconds=7)
        hits = [c.page(1, 1, interval=TODAY)["totalHits"] for c in (one, two, soon)]
        assert hits[0] == hits[1] < hits[2]
