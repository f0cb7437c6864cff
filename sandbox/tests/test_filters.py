"""Filters are checked, and evaluated for real on what can be seen now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.clocks import Clock
    from tests.conftest import Client

Conversation = dict[str, Any]
TODAY = "2026-03-05T00:00:00Z/2026-03-06T00:00:00Z"


def one(kind: str = "and", **predicate: object) -> list[dict[str, Any]]:
    """A list of one filter of one predicate."""
    return [{"type": kind, "predicates": [predicate]}]


def sessions(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """Every session."""
    for participant in conversation["participants"]:
        yield from participant["sessions"]


def segments(conversation: Conversation) -> Iterator[dict[str, Any]]:
    """Every segment."""
    for session in sessions(conversation):
        yield from session["segments"]


def queue_of(client: Client) -> str:
    """Any queue."""
    return client.sandbox.world.organization.queues[0].id


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (
            {"segmentFilters": one(dimension="mediaType", value="email")},
            lambda x: any(s["mediaType"] == "email" for s in sessions(x)),
        ),
        (
            {"segmentFilters": one(dimension="direction", value="outbound")},
            lambda x: any(s["direction"] == "outbound" for s in sessions(x)),
        ),
        (
            {"segmentFilters": one(dimension="purpose", value="IVR")},
            lambda x: any(p["purpose"] == "ivr" for p in x["participants"]),
        ),
        (
            {"segmentFilters": one(dimension="wrapUpCode", operator="exists")},
            lambda x: any("wrapUpCode" in s for s in segments(x)),
        ),
        (
            {
                "segmentFilters": one(
                    dimension="wrapUpCode", value="ININ-WRAP-UP-TIMEOUT"
                )
            },
            lambda x: any(
                s.get("wrapUpCode") == "ININ-WRAP-UP-TIMEOUT" for s in segments(x)
            ),
        ),
        (
            {"segmentFilters": one(dimension="recording", value="true")},
            lambda x: any(s.get("recording") is True for s in sessions(x)),
        ),
        (
            {
                "segmentFilters": one(
                    metric="tSegmentDuration", range={"gte": 3_600_000}
                )
            },
            None,
        ),
        (
            {
                "conversationFilters": one(
                    dimension="conversationEnd", operator="exists"
                )
            },
            lambda x: "conversationEnd" in x,
        ),
        (
            {
                "conversationFilters": one(
                    dimension="conversationEnd", operator="notExists"
                )
            },
            lambda x: "conversationEnd" not in x,
        ),
        (
            {
                "conversationFilters": one(
                    dimension="originatingDirection", value="inbound"
                )
            },
            lambda x: x["originatingDirection"] == "inbound",
        ),
        (
            {
                "conversationFilters": one(
                    dimension="conversationInitiator", value="dialer"
                )
            },
            lambda x: x["conversationInitiator"] == "dialer",
        ),
        (
            {
                "conversationFilters": one(
                    dimension="mediaStatsMinConversationMos", range={"lt": 4.8}
                )
            },
            lambda x: x.get("mediaStatsMinConversationMos", 9) < 4.8,
        ),
        (
            {"conversationFilters": one(metric="tAbandon", operator="exists")},
            lambda x: any(
                m["name"] == "tAbandon"
                for s in sessions(x)
                for m in s.get("metrics", ())
            ),
        ),
        (
            {
                "conversationFilters": one(
                    metric="tTalk", range={"gt": 60_000, "lte": 90_000}
                )
            },
            lambda x: any(
                m["name"] == "tTalk" and 60_000 < m["value"] <= 90_000
                for s in sessions(x)
                for m in s.get("metrics", ())
            ),
        ),
        (
            {"evaluationFilters": one(metric="oTotalScore", range={"gte": 0})},
            lambda x: "evaluations" in x,
        ),
        (
            {"surveyFilters": one(dimension="surveyStatus", value="Finished")},
            lambda x: any(
                s["surveyStatus"] == "Finished" for s in x.get("surveys", ())
            ),
        ),
        (
            {"resolutionFilters": one(metric="nNextContactAvoided", operator="exists")},
            lambda x: "resolutions" in x,
        ),
    ],
)
def test_a_filter_finds_what_it_says(
    client: Client,
    clock: Clock,
    filters: dict[str, Any],
    expected: Callable[[Conversation], bool] | None,
) -> None:
    """No more, no less, and in the order of the starts."""
    everything = client.all(interval=TODAY)
    found = client.all(interval=TODAY, **filters)
    if expected is None:
        assert 0 < len(found) < len(everything)
        return
    assert found == [x for x in everything if expected(x)]
    clock.advance(days=9)
    later = client.all(interval=TODAY, **filters)
    assert later == [x for x in client.all(interval=TODAY) if expected(x)]
    assert later or "conversationEnd" in str(filters)


def test_predicates_of_one_filter_hold_for_one_segment(client: Client) -> None:
    """The queue of an agent's own segment, not of any segment beside it."""
    queue = queue_of(client)
    both = client.all(
        segmentFilters=[
            {
                "type": "and",
                "predicates": [
                    {"dimension": "queueId", "value": queue},
                    {"dimension": "purpose", "value": "agent"},
                ],
            }
        ]
    )
    expected = [
        x["conversationId"]
        for x in client.all()
        if any(
            segment.get("queueId") == queue
            for participant in x["participants"]
            if participant["purpose"] == "agent"
            for session in participant["sessions"]
            for segment in session["segments"]
        )
    ]
    assert [x["conversationId"] for x in both] == expected
    assert expected


def test_filters_are_ored_within_and_anded_between(client: Client) -> None:
    """Clauses nest; a list of filters wants them all."""
    kinds = [{"dimension": "mediaType", "value": x} for x in ("chat", "email")]
    either = client.all(segmentFilters=[{"type": "or", "predicates": kinds}])
    nested = client.all(
        segmentFilters=[
            {"type": "and", "clauses": [{"type": "or", "predicates": kinds}]}
        ]
    )
    assert either == nested
    assert {s["mediaType"] for x in either for s in sessions(x)} == {"chat", "email"}
    none = client.all(
        segmentFilters=[{"type": "and", "predicates": [kind]} for kind in kinds]
    )
    assert none == []
    divided = client.all(
        segmentFilters=[{"type": "or", "predicates": kinds}],
        conversationFilters=one(dimension="originatingDirection", value="outbound"),
    )
    assert 0 < len(divided) < len(either)


def test_disjoint_filters_divide_a_day(client: Client) -> None:
    """By divisions or by id: the parts add up."""
    everything = client.all()
    first = everything[0]["conversationId"]
    found = client.all(conversationFilters=one(dimension="conversationId", value=first))
    assert found == everything[:1]
    by_division = {
        x["conversationId"]
        for division in client.sandbox.world.organization.divisions
        for x in client.all(
            conversationFilters=one(dimension="divisionId", value=division.id)
        )
    }
    assert by_division == {x["conversationId"] for x in everything}


def test_31_days_are_allowed_with_a_filter(client: Client) -> None:
    """And a filtered page beyond the matches is like any other."""
    answer = client.query(
        interval="2026-02-03T00:00:00Z/2026-03-06T00:00:00Z",
        segmentFilters=one(dimension="mediaType", value="none of these"),
    )
    assert (answer.status_code, answer.json()) == (200, {})
