"""Conversations, as odd as they come, and the rows that are made of them."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from hypothesis import strategies as st

from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer_records as records

Record = dict[str, Any]

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

odd_conversations = st.fixed_dictionaries(
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


def in_fixed_form(document: dict[str, Any]) -> dict[str, Any]:
    """Return a conversation with all times as Genesys answers them."""
    text = json.dumps(document)
    fixed: dict[str, Any] = json.loads(re.sub(r"(T08:00:0\d)Z", r"\1.000Z", text))
    return fixed


#: All that is as the API defines it, in every field.
defined_conversations = odd_conversations.map(in_fixed_form)

conversations = odd_conversations | defined_conversations


def rows_of(document: dict[str, Any]) -> list[tuple[str, Record]]:
    """Return the rows of all tables."""
    return list(records.rows_of(all_tables(), document, READ_AT))


@functools.cache
def all_tables() -> DocumentRecords:
    """Return what makes rows of all tables, with all columns."""
    return DocumentRecords(TABLES, ALL)


def key_of(table: str, row: Record) -> tuple[Any, ...]:
    """Return the key of a row, with its table."""
    return (table, *(row[column.name] for column in BY_NAME[table].keys))


def by_key(rows: list[tuple[str, Record]]) -> dict[tuple[Any, ...], Record]:
    """Return rows by key, without documents that are nested in them whole."""
    nested = {"participants", "evaluations", "surveys", "resolutions"}
    return {
        key_of(table, row): {
            name: value for name, value in row.items() if name not in nested
        }
        for table, row in rows
    }
