"""Keys that are unique and stable, whatever the order in which the API lists."""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.records.ordering import content_texts, in_fixed_order
from tests.records.conversations import (
    all_tables,
    by_key,
    conversations,
    defined_conversations,
    key_of,
    rows_of,
)

if TYPE_CHECKING:
    import random


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return a copy of a document with every list and every object in another order."""
    if isinstance(value, list):
        value = [shuffled(item, chance) for item in value]
        chance.shuffle(value)
    elif isinstance(value, dict):
        value = [(name, shuffled(item, chance)) for name, item in value.items()]
        chance.shuffle(value)
        value = dict(value)
    return value


@given(conversations)
def test_keys_are_unique_and_hold_no_null(document: dict[str, Any]) -> None:
    """Also where items are equal to the last field, or ids are repeated or missing."""
    keys = [key_of(table, row) for table, row in rows_of(document)]
    assert all(count == 1 for count in Counter(keys).values())
    assert all(part is not None for key in keys for part in key)


@given(conversations, st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order_in_which_the_api_lists(
    document: dict[str, Any], chance: random.Random
) -> None:
    """The same conversation read again has the same rows under the same keys."""
    first = by_key(rows_of(document))
    second = by_key(rows_of(shuffled(copy.deepcopy(document), chance)))
    assert first == second


@given(conversations)
def test_what_is_null_is_as_if_it_were_left_out(document: dict[str, Any]) -> None:
    """Also for the order of what is numbered."""
    with_nulls = copy.deepcopy(document)
    for participant in with_nulls["participants"]:
        participant["purpose"] = None
        for session in participant["sessions"]:
            for metric in session["metrics"]:
                metric.setdefault("emitDate", None)
    assert by_key(rows_of(with_nulls)) == by_key(rows_of(document))


@given(conversations)
def test_no_item_is_lost(document: dict[str, Any]) -> None:
    """As many rows as items, but for items with an id that stand there twice."""
    counted = Counter(table for table, _ in rows_of(document))
    sessions = [
        session
        for participant in document["participants"]
        for session in participant["sessions"]
    ]
    if counted["conversation_participants"] == len(document["participants"]) and (
        counted["conversation_sessions"] == len(sessions)
    ):
        for name, field in [("segments", "segments"), ("metrics", "metrics")]:
            expected = sum(len(session[field]) for session in sessions)
            assert counted[f"conversation_{name}"] == expected
    assert counted["conversation_resolutions"] == len(document["resolutions"])
    distinct = set(content_texts(document["evaluations"]))
    assert counted["conversation_evaluations"] == len(distinct)


def test_numbers_follow_time_and_then_content() -> None:
    """What has no time yet is last; a later reading appends to it."""
    document = {
        "conversationId": "c",
        "participants": [
            {
                "participantId": "p",
                "sessions": [
                    {
                        "sessionId": "s",
                        "metrics": [
                            {"name": "tTalk", "value": 5, "emitDate": "2026-01-01T09Z"},
                            {"name": "nError", "value": 1},
                            {"name": "tHeld", "value": 4, "emitDate": "2026-01-01T09Z"},
                            {"name": "nOffered", "value": 1, "emitDate": "2025-12-31"},
                        ],
                    }
                ],
            }
        ],
    }
    metrics = [row for table, row in rows_of(document) if table.endswith("_metrics")]
    assert [(row["metric_number"], row["name"]) for row in metrics] == [
        (1, "nOffered"),
        (2, "tHeld"),
        (3, "tTalk"),
        (4, "nError"),
    ]


@given(defined_conversations)
def test_numbers_are_the_same_where_something_else_is_a_surprise(
    document: dict[str, Any],
) -> None:
    """A document that is built carefully has the keys it would have had otherwise."""
    assert not isinstance(all_tables().decode(document), dict)
    first = by_key(rows_of(document))
    odd = by_key(rows_of({**document, "not-a-name": 1}))
    for key, row in odd.items():
        if row.get("extra") == {"not-a-name": 1}:
            row["extra"] = first[key]["extra"]
    assert odd == first


def test_equal_times_are_told_apart_by_fields() -> None:
    """Numbers by their size, and what is null first."""
    values = [10, None, 9]
    document = {
        "conversationId": "c",
        "resolutions": [
            {"eventTime": "2026-01-01T00:00:00.000Z", "nNextContactAvoided": value}
            for value in values
        ],
    }
    rows = [row for table, row in rows_of(document) if table.endswith("_resolutions")]
    assert [row["n_next_contact_avoided"] for row in rows] == [None, 9, 10]
    assert [row["resolution_number"] for row in rows] == [1, 2, 3]


def test_equal_items_stay_equal_in_number() -> None:
    """Two segments equal to the last field are two segments."""
    twins = [{"segmentStart": "2026-01-01T00:00:00Z"}] * 2
    assert in_fixed_order(list(twins), "segmentStart") == twins


def test_nothing_is_in_order_too() -> None:
    """A shift may be without activities."""
    assert in_fixed_order([], "startDate") == []
