"""Conversations from a sandbox, by the tap in a process of its own."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from jsonschema import Draft7Validator

from tap_genesys_analytics.intervals.plan import SAFETY_MARGIN
from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer
from tests.paths import DETAILS_QUERY
from tests.singer_records import counts_of, keys_of
from tests.streams.conversations.days import (
    FIRST_DAY,
    MIDNIGHT,
    PER_DAY,
    THREE_DAYS,
    intervals_asked,
)

if TYPE_CHECKING:
    from pathlib import Path


DEFAULT_TABLES = [table for table in TABLES if table.selected_by_default]


def test_every_conversation_and_every_item_in_it_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """As many records as the sandbox itself counts, for every table."""
    run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    assert run.exit_code == 0, run.errors
    truth = counts_of(list(sandbox.truth(FIRST_DAY, MIDNIGHT.date())))
    assert truth["conversations"] == 3 * PER_DAY
    for table in DEFAULT_TABLES:
        records = run.messages.records[table.name]
        assert len(records) == truth[table.name], table.name
        assert table.name in run.messages.schemas


def test_conversations_as_the_api_defines_them_are_built_as_structs(
    sandbox: Sandbox,
) -> None:
    """The careful way of building rows, field by field, costs several times as much."""
    wanted = {table.name: [each.name for each in table.columns] for table in TABLES}
    made = DocumentRecords(TABLES, wanted)
    truth = list(sandbox.truth(FIRST_DAY, MIDNIGHT.date(), attributes=True))
    assert len(truth) == 3 * PER_DAY
    for document in truth:
        for name, rows in made.records([made.decode(document)], "now"):
            assert not any(isinstance(row, dict) for row in rows), name


def test_keys_are_unique_and_the_final_state_is_a_bookmark(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """What the SDK's own two tests of it would let pass."""
    run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    for table, records in run.messages.records.items():
        keys = Counter(keys_of(records, table))
        assert max(keys.values()) == 1, table
        assert all(part is not None for key in keys for part in key)
    (state,) = run.messages.states[-1]["bookmarks"].values()
    assert set(state) == {
        "replication_key",
        "replication_key_value",
        "looked_back_at",
        "restated_at",
        "definition",
    }
    assert state["replication_key_value"] == THREE_DAYS["end_date"]
    for moment in ("looked_back_at", "restated_at"):
        age = datetime.now(timezone.utc) - parse_timestamp(state[moment])
        assert timedelta(0) < age < timedelta(minutes=5)


def test_every_record_is_held_to_its_schema(tmp_path: Path) -> None:
    """Also with fields that no model has, and texts that no database stores."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY,
        requests_per_minute=0,
        dirty_text=0.2,
        extra_fields=0.2,
    )
    with Sandbox(options) as sandbox:
        run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    assert run.exit_code == 0, run.errors
    for table, schema in run.messages.schemas.items():
        validator = Draft7Validator(schema["schema"])
        for record in run.messages.records[table]:
            assert not list(validator.iter_errors(record)), table
            assert set(record) == set(schema["schema"]["properties"])
    text = (tmp_path / "out").read_text("utf-8")
    assert "\\u0000" not in text
    extra = [row["extra"] for row in run.messages.records["conversations"]]
    assert any(extra)
    assert run.log.count("kept in the column extra of conversations:") == 1


def test_intervals_are_utc_days_and_a_state_follows_each(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The last one stops a safety margin before now."""
    before = datetime.now(timezone.utc)
    start = MIDNIGHT - timedelta(days=2)
    config = singer.settings(sandbox, start_date=format_timestamp(start))
    run = singer.run(tmp_path, config)
    asked = [interval.split("/") for interval in intervals_asked(sandbox)]
    assert [begin for begin, _ in asked] == [
        format_timestamp(start + timedelta(days=number)) for number in range(3)
    ]
    assert list(dict.fromkeys(run.messages.bookmarks)) == [end for _, end in asked]
    last_end = parse_timestamp(asked[-1][1])
    assert before - SAFETY_MARGIN - timedelta(seconds=1) <= last_end
    assert last_end <= datetime.now(timezone.utc) - SAFETY_MARGIN


def test_the_next_run_begins_at_the_bookmark(sandbox: Sandbox, tmp_path: Path) -> None:
    """A sync that comes soon again asks for the minutes since."""
    config = singer.settings(
        sandbox, start_date=format_timestamp(MIDNIGHT - timedelta(days=5))
    )
    first = singer.run(tmp_path, config)
    sandbox.requests.clear()
    second = singer.run(tmp_path, config, state=first.messages.states[-1])
    assert second.exit_code == 0, second.errors
    asked = [interval.split("/") for interval in intervals_asked(sandbox)]
    assert [begin for begin, _ in asked] == [first.messages.bookmarks[-1]]
    assert second.messages.bookmarks[-1] == asked[-1][1]


def test_the_days_before_the_bookmark_are_read_again_once_a_day(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whole UTC days, and not in the runs in between."""
    config = singer.settings(sandbox, lookback_days=2, **THREE_DAYS)
    until = THREE_DAYS["end_date"]
    yesterday = format_timestamp(datetime.now(timezone.utc) - timedelta(hours=25))
    bookmark = {
        "replication_key": "conversation_start",
        "replication_key_value": until,
        "looked_back_at": yesterday,
    }
    due = singer.run(tmp_path, config, state={"bookmarks": {"conversations": bookmark}})
    assert [interval[:10] for interval in intervals_asked(sandbox)] == [
        (MIDNIGHT - timedelta(days=days)).date().isoformat() for days in (2, 1)
    ]
    assert set(due.messages.bookmarks) == {until}
    sandbox.requests.clear()
    again = singer.run(tmp_path, config, state=due.messages.states[-1])
    assert again.exit_code == 0, again.errors
    assert not intervals_asked(sandbox)


def test_rows_of_one_reading_share_extracted_at(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whatever their table."""
    run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    read_at: dict[str, set[str]] = {}
    for records in run.messages.records.values():
        for record in records:
            read_at.setdefault(record["conversation_id"], set()).add(
                record["extracted_at"]
            )
    assert all(len(times) == 1 for times in read_at.values())


def test_only_selected_tables_and_columns_are_written(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The tables under conversations do without conversations itself."""
    config = singer.settings(sandbox, **THREE_DAYS)
    catalog = singer.catalog_of(singer.CONVERSATIONS)
    for stream in catalog["streams"]:
        chosen = stream["tap_stream_id"] == "conversation_segments"
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = chosen
            elif entry["breadcrumb"][-1] == "subject":
                entry["metadata"]["selected"] = False
    run = singer.run(tmp_path, config, catalog=catalog)
    assert run.exit_code == 0, run.errors
    assert set(run.messages.schemas) == set(run.messages.records)
    assert set(run.messages.records) == {"conversation_segments"}
    record = run.messages.records["conversation_segments"][0]
    assert "subject" not in record
    assert "queue_id" in record
    assert run.messages.bookmarks[-1] == THREE_DAYS["end_date"]


def test_the_nested_document_is_there_when_asked_for(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Not by default: it is everything once more."""
    config = singer.settings(sandbox, **THREE_DAYS)
    assert "participants" not in record_keys(singer.run(tmp_path, config))
    catalog = singer.catalog_of(singer.CONVERSATIONS)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == ["properties", "participants"]:
                entry["metadata"]["selected"] = True
    run = singer.run(tmp_path, config, catalog=catalog)
    record = run.messages.records["conversations"][0]
    assert record["participants"][0]["sessions"]


def record_keys(run: singer.Run) -> set[str]:
    """Return the columns of the first conversation."""
    return set(run.messages.records["conversations"][0])


@pytest.mark.parametrize("page_size", [7, 100])
def test_the_page_size_is_the_one_asked_for(
    sandbox: Sandbox, tmp_path: Path, page_size: int
) -> None:
    """As many pages as that makes of a day."""
    run = singer.run(
        tmp_path, singer.settings(sandbox, page_size=page_size, **THREE_DAYS)
    )
    assert len(run.messages.records["conversations"]) == 3 * PER_DAY
    assert sandbox.requests.count(DETAILS_QUERY) == 3 * -(-PER_DAY // page_size)
