"""Documents to rows: keys that are unique and stable, and nothing lost."""

from __future__ import annotations

import copy
import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_genesys_analytics.rows import DocumentRows, contents_of, in_fixed_order
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tap_genesys_analytics.tables import snake_case
from tap_genesys_analytics.timestamps import FIXED_LENGTH
from tests import records

if TYPE_CHECKING:
    import random

    Row = dict[str, Any]


READ_AT = "2026-11-23T08:00:00.000Z"

BY_NAME = {table.name: table for table in TABLES}

ALL = {table.name: [column.name for column in table.columns] for table in TABLES}

# Few values, so that equal times, names and whole items are common.
times = st.sampled_from(
    [None, *(f"2026-11-16T08:00:0{n}.000Z" for n in range(3)), "2026-11-16T08:00:01Z"]
)

names = st.sampled_from(["tTalk", "tHeld", "nOffered"])

ids = st.sampled_from(["a", "b", "c", "a#2", None])


def items(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of documents with these fields; None leaves a field out."""
    documents = st.fixed_dictionaries(fields).map(
        lambda item: {name: value for name, value in item.items() if value is not None}
    )
    return st.lists(documents, max_size=4)


sessions = items(
    sessionId=ids,
    mediaType=st.sampled_from(["voice", "email"]),
    segments=items(segmentStart=times, segmentEnd=times, queueId=ids),
    metrics=items(name=names, value=st.integers(0, 2), emitDate=times),
    mediaEndpointStats=items(eventTime=times, minMos=st.floats(1, 5)),
    flow=st.fixed_dictionaries(
        {
            "flowId": st.just("f"),
            "outcomes": items(flowOutcomeStartTimestamp=times, flowOutcomeId=ids),
        }
    ),
)

conversations = st.fixed_dictionaries(
    {
        "conversationId": st.just("the-conversation"),
        "conversationStart": st.just("2026-11-16T08:00:00Z"),
        "participants": items(
            participantId=ids,
            userId=ids,
            attributes=st.dictionaries(st.text(max_size=3), st.text(), max_size=3),
            sessions=sessions,
        ),
        "evaluations": items(evaluationId=ids, oTotalScore=st.integers(0, 2)),
        "surveys": items(surveyId=ids, surveyStatus=names),
        "resolutions": items(eventTime=times, nNextContactAvoided=st.integers(0, 1)),
    }
)


def rows_of(document: dict[str, Any]) -> list[tuple[str, Row]]:
    """Return the rows of all tables."""
    return list(records.rows_of(all_tables(), document, READ_AT))


@functools.cache
def all_tables() -> DocumentRows:
    """Return what makes rows of all tables, with all columns."""
    return DocumentRows(TABLES, ALL)


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    """Return the key of a row, with its table."""
    return (table, *(row[column.name] for column in BY_NAME[table].keys))


def by_key(rows: list[tuple[str, Row]]) -> dict[tuple[Any, ...], Row]:
    """Return rows by key, without documents that are nested in them whole."""
    nested = {"participants", "evaluations", "surveys", "resolutions"}
    return {
        key_of(table, row): {
            name: value for name, value in row.items() if name not in nested
        }
        for table, row in rows
    }


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
@settings(max_examples=100)
def test_keys_are_unique_and_hold_no_null(document: dict[str, Any]) -> None:
    """Also where items are equal to the last field, or ids are repeated or missing."""
    keys = [key_of(table, row) for table, row in rows_of(document)]
    assert all(count == 1 for count in Counter(keys).values())
    assert all(part is not None for key in keys for part in key)


@given(conversations, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_rows_do_not_depend_on_the_order_in_which_the_api_lists(
    document: dict[str, Any], chance: random.Random
) -> None:
    """The same conversation read again has the same rows under the same keys."""
    first = by_key(rows_of(document))
    second = by_key(rows_of(shuffled(copy.deepcopy(document), chance)))
    assert first == second


@given(
    conversations,
    st.sampled_from(["conversation", "participant", "session"]),
    st.sampled_from(["brandNew", "brand-new", "divisionIds", "ani"]),
)
@settings(max_examples=200)
def test_a_surprise_changes_no_other_row_and_no_key(
    document: dict[str, Any], where: str, surprise: str
) -> None:
    """A field that is new, or of another type, and nothing else is different."""
    surprising = copy.deepcopy(document)
    levels = {"conversation": [surprising]}
    levels["participant"] = surprising["participants"]
    levels["session"] = [s for p in levels["participant"] for s in p["sessions"]]
    for item in levels[where]:
        item[surprise] = {"a": 1}
    with_it = by_key(rows_of(surprising))
    for key, row in by_key(rows_of(document)).items():
        assert {**with_it[key], "extra": None} == row
    kept = any(row["extra"] == {surprise: {"a": 1}} for row in with_it.values())
    assert kept == bool(levels[where])


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
    distinct = set(contents_of(document["evaluations"]))
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


def test_every_row_of_a_reading_says_when_it_was_read() -> None:
    """A reader can tell rows that a later reading no longer has."""
    document = {
        "conversationId": "c",
        "conversationStart": "2026-01-01T00:00:00Z",
        "participants": [{"participantId": "p", "attributes": {"a": "1"}}],
        "resolutions": [{}],
    }
    rows = [row for _, row in rows_of(document)]
    assert len(rows) == 4
    assert {row["extracted_at"] for row in rows} == {READ_AT}
    assert {row["conversation_start"] for row in rows} == {"2026-01-01T00:00:00.000Z"}


def test_a_conversation_carries_what_people_ask_of_it_first() -> None:
    """Duration, media, queues, agents, wrap-up codes, from the levels below."""
    document = {
        "conversationId": "c",
        "conversationStart": "2026-01-01T08:00:00.000Z",
        "conversationEnd": "2026-01-01T08:01:00.500Z",
        "participants": [
            {"participantId": "1", "sessions": [{"mediaType": "voice"}]},
            {
                "participantId": "2",
                "userId": "agent",
                "sessions": [
                    {
                        "mediaType": "callback",
                        "segments": [
                            {"queueId": "q2"},
                            {"queueId": "q1", "wrapUpCode": "w"},
                            {"queueId": "q2"},
                        ],
                    }
                ],
            },
        ],
    }
    row = rows_of(document)[0][1]
    assert row["duration_ms"] == 60_500
    assert row["media_types"] == ["callback", "voice"]
    assert row["queue_ids"] == ["q1", "q2"]
    assert row["user_ids"] == ["agent"]
    assert row["wrap_up_codes"] == ["w"]
    del document["conversationEnd"]
    assert rows_of(document)[0][1]["duration_ms"] is None


def test_a_flow_becomes_columns_of_its_session_and_its_outcomes_rows() -> None:
    """Every column of it begins with flow, once."""
    session = {
        "sessionId": "s",
        "flow": {
            "flowId": "f",
            "exitReason": "TRANSFER",
            "brandNew": 1,
            "outcomes": [{"flowOutcomeId": "o", "flowOutcomeValue": "SUCCESS"}],
        },
    }
    document = {
        "conversationId": "c",
        "participants": [{"participantId": "p", "sessions": [session]}],
    }
    by_table = dict(rows_of(document))
    row = by_table["conversation_sessions"]
    assert (row["flow_id"], row["flow_exit_reason"]) == ("f", "TRANSFER")
    assert row["extra"] == {"flow": {"brandNew": 1}}
    assert by_table["conversation_flow_outcomes"]["flow_outcome_value"] == "SUCCESS"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("brandNew", {"a": [1]}),
        ("selfServed", "maybe"),
        ("mediaStatsMinConversationMos", True),
        ("conversationEnd", 1767254400000),
        ("conversationEnd", "soon"),
        ("divisionIds", ["a", 1]),
        ("externalTag", 7),
        ("evaluations", "none"),
    ],
)
def test_what_the_definition_does_not_know_is_kept_in_extra(
    field: str,
    value: Any,
) -> None:
    """New fields and new types are neither lost nor a crash."""
    row = rows_of({"conversationId": "c", field: value})[0][1]
    assert row["extra"] == {field: value}
    assert row.get(snake_case(field)) is None


@pytest.mark.parametrize("value", ["none", {"a": 1}, [1, {"surveyId": "s"}]])
def test_what_is_no_item_of_a_table_below_is_kept_in_extra(value: Any) -> None:
    """And the items among it are rows."""
    default = [
        c.name for c in BY_NAME["conversations"].columns if c.selected_by_default
    ]
    made = DocumentRows(TABLES, {**ALL, "conversations": default})
    document = {"conversationId": "c", "surveys": value}
    (_, row), *others = records.rows_of(made, document, READ_AT)
    assert row["extra"] == {"surveys": value}
    assert [row["survey_id"] for _, row in others] == ["s"] * isinstance(value, list)


def test_what_genesys_adds_is_known_from_the_second_document_on() -> None:
    """It is in every document then; all the same, it is kept in extra."""
    made = DocumentRows(TABLES, ALL)

    def is_struct(**fields: object) -> bool:
        read = made.read({"conversationId": "c", **fields})
        ((row,),) = made.rows([read], READ_AT).values()
        assert row.get("extra") == (fields or None)
        return not isinstance(row, dict)

    assert is_struct()
    assert is_struct(brandNew=1)
    assert is_struct(brandNew="a", another={})
    assert not is_struct(brandNew=1, **{"not-a-name": 2})
    # An object whose members' names are data has ever more.
    assert not is_struct(**{f"name{number}": 1 for number in range(150)}, externalTag=1)
    assert not is_struct(onceMore=1)
    assert is_struct(brandNew=2)


def test_all_columns_are_there_with_null_for_what_the_api_leaves_out() -> None:
    """A value that went away must be overwritten in the warehouse."""
    row = rows_of({"conversationId": "c"})[0][1]
    assert set(row) == {column.name for column in BY_NAME["conversations"].columns}
    assert row["conversation_end"] is None
    assert row["extra"] is None


def test_only_what_is_wanted_is_built() -> None:
    """Neither tables nor columns that are not selected cost anything."""
    document = {
        "conversationId": "c",
        "conversationStart": "2026-01-01T00:00:00.000Z",
        "participants": [
            {"participantId": "p", "sessions": [{"sessionId": "s", "segments": [{}]}]}
        ],
    }
    keys = ["conversation_id", "participant_id", "session_id", "segment_number"]
    wanted = {"conversation_segments": [*keys, "segment_start"]}
    made = DocumentRows(TABLES, wanted)
    rows = list(records.rows_of(made, document, READ_AT))
    assert [table for table, _ in rows] == ["conversation_segments"]
    assert set(rows[0][1]) == {*keys, "segment_start"}
    assert not DocumentRows(TABLES, {}).rows([document], READ_AT)


def test_documents_that_are_nested_whole_go_out_as_they_came() -> None:
    """With what this version does not know of them, and whatever it is."""
    whole = [{"participantId": "p", "brandNew": [1.0, {"a": None}], "sessions": "?"}]
    document = {"conversationId": "c", "participants": whole}
    wanted = {"conversations": ALL["conversations"]}
    ((_, row),) = records.rows_of(DocumentRows(TABLES, wanted), document, READ_AT)
    assert row["participants"] == whole
    assert row["extra"] is None
    assert row["user_ids"] is None


@pytest.mark.parametrize("surprise", [{}, {"brandNew": 1}])
def test_a_timestamp_of_another_form_is_written_in_the_fixed_one(
    surprise: dict[str, Any],
) -> None:
    """Also one of the same length; what is no timestamp at all is kept in extra."""
    never = "on the 30th of February!"
    assert len(never) == len("2026-01-01T09:00:00+0100") == FIXED_LENGTH
    segments = [
        {
            "segmentStart": "2026-01-01T09:00:00+0100",
            "segmentEnd": never,
        },
        {"segmentStart": "2026-01-01T09:00:00.000Z", **surprise},
    ]
    sessions = [{"sessionId": "s", "segments": segments}]
    document = {
        "conversationId": "c",
        "participants": [{"participantId": "p", "sessions": sessions}],
    }
    rows = [row for table, row in rows_of(document) if table.endswith("_segments")]
    assert [row["segment_start"] for row in rows] == [
        "2026-01-01T08:00:00.000Z",
        "2026-01-01T09:00:00.000Z",
    ]
    assert rows[0]["segment_end"] is None
    assert rows[0]["extra"] == {"segmentEnd": never}
    assert rows[1]["extra"] == (surprise or None)


def test_the_document_is_left_as_it_was() -> None:
    """Rows may share values with it, but nothing in it is changed."""
    document = {
        "conversationId": "c",
        "conversationEnd": "2026-01-01T00:00:00Z",
        "participants": [{"participantId": "p", "new": 1, "attributes": {"a": "b"}}],
    }
    before = copy.deepcopy(document)
    rows_of(document)
    assert document == before


def test_equal_items_stay_equal_in_number() -> None:
    """Two segments equal to the last field are two segments."""
    twins = [{"segmentStart": "2026-01-01T00:00:00Z"}] * 2
    assert in_fixed_order(list(twins), "segmentStart") == twins


def test_nothing_is_in_order_too() -> None:
    """A shift may be without activities."""
    assert in_fixed_order([], "startDate") == []
