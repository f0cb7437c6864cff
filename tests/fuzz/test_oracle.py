"""The oracle finds what is wrong with an output, and nothing where nothing is."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from tests.fuzz.explaining import Change
from tests.fuzz.mutations import INVENTED, MARK, Mutation
from tests.fuzz.oracle import judge
from tests.fuzz.running import Outcome
from tests.fuzz.tables import read_tables

CALLS: list[dict[str, Any]] = [
    {"id": f"call-{number}", "start": f"2026-03-1{number}T00:00:00.000Z", "talk": 7}
    for number in range(3)
]
DOCUMENT: dict[str, Any] = {"calls": CALLS, "cursor": "page-two"}
SCHEMA = {
    "type": "SCHEMA",
    "stream": "calls",
    "schema": {
        "properties": {
            "id": {"type": "string"},
            "start": {"type": ["string", "null"], "format": "date-time"},
            "day": {"type": ["string", "null"], "format": "date"},
            "talk": {"type": ["integer", "null"]},
            "extra": {"type": ["object", "null"]},
        }
    },
    "key_properties": ["id"],
}
HARMLESS = Mutation("null", ("calls", 1, "talk"))


def output(rows: list[dict[str, Any]], bookmarks: int = 3) -> bytes:
    """Return the output of a run: a bookmark after each row, the first of them."""
    messages: list[dict[str, Any]] = [SCHEMA]
    for number, row in enumerate(rows):
        messages.append({"type": "RECORD", "stream": "calls", "record": row})
        if number < bookmarks:
            value = {"replication_key_value": f"2026-03-1{number + 1}T00:00:00.000Z"}
            state = {"bookmarks": {"calls": value}}
            messages.append({"type": "STATE", "value": state})
    return b"".join(json.dumps(each).encode() + b"\n" for each in messages)


def findings(
    written: bytes, mutation: Mutation = HARMLESS, document: Any = None, **outcome: Any
) -> list[str]:
    """Return the kinds of what the oracle finds wrong with an output."""
    truth = read_tables(output(CALLS))
    change = Change("GET /calls", document or DOCUMENT, mutation)
    found = judge(truth, ["calls"], change, Outcome(written, **outcome))
    return [each.kind for each in found]


def test_an_output_that_is_the_truth_is_right() -> None:
    """The oracle is content with it."""
    assert findings(output(CALLS)) == []


def test_an_error_that_is_not_ours_is_a_traceback() -> None:
    """Whatever else the run did."""
    assert findings(output(CALLS), error="KeyError: 'x'", told=False) == ["traceback"]


def test_an_error_of_ours_is_a_good_end() -> None:
    """It tells the user, and the bookmark did not pass what is missing."""
    assert findings(output(CALLS[:1], 1), error="calls: not read") == []


def test_a_run_that_was_ended_is_endless() -> None:
    """Also where it then ended with an error of ours."""
    assert findings(output(CALLS), endless=True, error="ended") == ["endless"]


def test_a_record_that_is_missing_without_a_word_is_lost() -> None:
    """The run said that all went well."""
    assert findings(output([CALLS[0], CALLS[2]])) == ["silent loss"]


def test_a_warning_of_a_missing_record_names_the_stream() -> None:
    """One that names another, or speaks of values that are kept, says nothing."""
    written = output([CALLS[0]], 1)
    for text, expected in (
        ("calls, interval 5: one record was not read", []),
        ("chats, interval 5: one record was not read", ["silent loss"]),
        ("unknown fields, kept in the column extra of calls", ["silent loss"]),
    ):
        assert findings(written, log=((logging.WARNING, text),)) == expected
    text = "calls, interval 5: one record was not read"
    assert findings(written, log=((logging.INFO, text),)) == ["silent loss"]


def test_a_bookmark_behind_missing_records_is_wrong() -> None:
    """Though the run said that they are missing: the next one will not read them."""
    written = output([CALLS[0], CALLS[2]])
    assert findings(written, error="calls: not read") == ["bookmark"]


@pytest.mark.parametrize(
    "mutation",
    [
        Mutation("missing", ("calls", 1)),
        Mutation("missing", ("calls",)),
        Mutation("empty list", ("calls",), []),
        Mutation("null", ("calls",)),
        Mutation("odd text", ("calls", 1, "id"), "another"),
    ],
)
def test_what_the_api_may_leave_out_is_not_lost(mutation: Mutation) -> None:
    """An item that is not in the answer cannot be in the table."""
    assert findings(output([CALLS[0], CALLS[2]]), mutation) == []


@pytest.mark.parametrize(
    "mutation",
    [
        Mutation("null", ("calls", 1)),
        Mutation("missing", ("calls", 1, "id")),
        Mutation("other type", ("calls",), {"a": 1}),
        Mutation("nested", ("calls", 1), [CALLS[1]]),
        Mutation("odd text", ("calls", 1, "id"), ""),
        Mutation("envelope", (), []),
        Mutation("missing", ("calls", 0)),
    ],
)
def test_what_no_api_answers_explains_nothing(mutation: Mutation) -> None:
    """Nor does an item that is left out explain that another one is missing."""
    assert findings(output([CALLS[0], CALLS[2]]), mutation) == ["silent loss"]


def test_a_total_contradicts_an_item_that_is_left_out() -> None:
    """The tap can know that there is one more."""
    written, left_out = output([CALLS[0], CALLS[2]]), Mutation("missing", ("calls", 1))
    counted = {**DOCUMENT, "total": 3}
    assert findings(written, left_out, counted) == ["silent loss"]


def test_the_last_page_may_be_followed_by_nothing() -> None:
    """Without a next page there is no record of it."""
    for end in (Mutation("null", ("cursor",)), Mutation("odd text", ("cursor",), "")):
        assert findings(output(CALLS[:1]), end) == []
    assert findings(output(CALLS[:1]), Mutation("other type", ("cursor",), 7)) == [
        "silent loss"
    ]


def test_a_record_under_another_key_is_not_lost() -> None:
    """Nor is one whose key is kept beside it."""
    mutation = Mutation("other type", ("calls", 1, "id"), ["call-1"])
    other = [CALLS[0], {**CALLS[1], "id": '["call-1"]'}, CALLS[2]]
    assert findings(output(other), mutation) == []
    kept = [CALLS[0], {**CALLS[2], "extra": {"ids": ["call-1"]}}]
    assert findings(output(kept), mutation) == []


@pytest.mark.parametrize(
    "column",
    [
        {"talk": "7"},
        {"talk": 10**30},
        {"start": "1-01-01T00:00:00.000Z"},
        {"start": "2026-02-30T00:00:00.000Z"},
        {"start": "yesterday"},
        {"day": "2026-02-30"},
        {"day": "2026-03-01T00:00:00Z"},
        {"id": None},
        {"extra": {"text": "a\0b"}},
        {"extra": {"text": "\ud800"}},
    ],
)
def test_a_value_that_the_schema_forbids_is_invalid(column: dict[str, Any]) -> None:
    """So is what no target can store."""
    rows = [CALLS[0], {**CALLS[1], **column}, CALLS[2]]
    mutation = Mutation("odd text", ("calls", 1, "id"), "another")
    assert findings(output(rows), mutation) == ["invalid output"]


@pytest.mark.parametrize(
    "written",
    [
        output(CALLS)[:-5],
        output(CALLS) + b'{"type": "REC\n',
        output(CALLS).replace(b'"talk": 7', b'"talk": Infinity'),
        output(CALLS).split(b"\n", 1)[1],
    ],
)
def test_lines_that_are_no_messages_are_invalid(written: bytes) -> None:
    """Cut off, run into one another, not JSON, or before their schema."""
    assert findings(written) == ["invalid output"]


def test_an_empty_text_in_a_key_is_a_finding_of_its_own() -> None:
    """Some targets take it for null."""
    rows = [CALLS[0], {**CALLS[1], "id": ""}, CALLS[2]]
    mutation = Mutation("missing", ("calls", 1, "id"))
    assert findings(output(rows), mutation) == ["empty key"]


def test_an_invented_member_is_looked_for() -> None:
    """In any column, by its value."""
    mutation = Mutation("invented member", ("calls", 1))
    assert findings(output(CALLS), mutation) == ["unknown member lost"]
    kept = [CALLS[0], {**CALLS[1], "extra": {INVENTED: MARK}}, CALLS[2]]
    assert findings(output(kept), mutation) == []


def test_a_value_of_another_kind_is_kept_beside_its_column() -> None:
    """A column that is null instead, with nothing in ``extra``, lost it."""
    mutation = Mutation("other type", ("calls", 1, "talk"), "long")
    emptied = [CALLS[0], {**CALLS[1], "talk": None}, CALLS[2]]
    assert findings(output(emptied), mutation) == ["value lost"]
    kept = [CALLS[0], {**CALLS[1], "talk": None, "extra": {"talk": "long"}}, CALLS[2]]
    assert findings(output(kept), mutation) == []
    assert findings(output(emptied), HARMLESS) == []
