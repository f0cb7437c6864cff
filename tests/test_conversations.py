"""Conversations from a sandbox, by the tap in a process of its own."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from tap_genesys_analytics.intervals import SAFETY_MARGIN
from tap_genesys_analytics.sandbox.server import Fault, Sandbox, SandboxOptions
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tap_genesys_analytics.streams.conversations import DETAILS_QUERY
from tap_genesys_analytics.timestamps import format_timestamp, parse_timestamp
from tests import singer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PER_DAY = 60
MIDNIGHT = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
DEFAULT_TABLES = [table for table in TABLES if table.selected_by_default]
FIRST_DAY = (MIDNIGHT - timedelta(days=3)).date()
THREE_DAYS = {
    "start_date": format_timestamp(MIDNIGHT - timedelta(days=3)),
    "end_date": format_timestamp(MIDNIGHT),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud without a rate limit."""
    with Sandbox(
        SandboxOptions(conversations_per_day=PER_DAY, requests_per_minute=0)
    ) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh_log(sandbox: Sandbox) -> None:
    """Count the requests of one test only."""
    sandbox.requests.clear()


def intervals_asked(sandbox: Sandbox) -> list[str]:
    """Return the intervals of the queries that were answered, each once, sorted."""
    asked = [
        served.interval
        for served in sandbox.requests
        if served.path == DETAILS_QUERY and served.interval and served.status == 200
    ]
    return sorted(set(asked))


def keys_of(records: list[dict[str, Any]], table: str) -> list[tuple[Any, ...]]:
    """Return the keys of a table's records."""
    names = [
        column.name for each in TABLES if each.name == table for column in each.keys
    ]
    return [tuple(record[name] for name in names) for record in records]


def counts_of(documents: list[dict[str, Any]]) -> dict[str, int]:
    """Return the items of each level, counted on the documents themselves."""
    participants = [p for each in documents for p in each.get("participants", ())]
    sessions = [s for each in participants for s in each.get("sessions", ())]
    flows = [each["flow"] for each in sessions if "flow" in each]

    def total(items: list[dict[str, Any]], field: str) -> int:
        return sum(len(item.get(field, ())) for item in items)

    return {
        "conversations": len(documents),
        "conversation_participants": len(participants),
        "conversation_attributes": total(participants, "attributes"),
        "conversation_sessions": len(sessions),
        "conversation_segments": total(sessions, "segments"),
        "conversation_metrics": total(sessions, "metrics"),
        "conversation_media_stats": total(sessions, "mediaEndpointStats"),
        "conversation_flow_outcomes": total(flows, "outcomes"),
        "conversation_evaluations": total(documents, "evaluations"),
        "conversation_surveys": total(documents, "surveys"),
        "conversation_resolutions": total(documents, "resolutions"),
    }


def test_every_conversation_and_every_item_in_it_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """As many records as the sandbox itself counts, for every table."""
    run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    assert run.exit_code == 0, run.log
    truth = counts_of(list(sandbox.truth(FIRST_DAY, MIDNIGHT.date())))
    assert truth["conversations"] == 3 * PER_DAY
    for table in DEFAULT_TABLES:
        records = run.messages.records[table.name]
        assert len(records) == truth[table.name], table.name
        assert table.name in run.messages.schemas


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
    assert run.exit_code == 0, run.log
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
    assert second.exit_code == 0
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
    assert again.exit_code == 0
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
    assert run.exit_code == 0, run.log
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


FAULTS = {
    "429": Fault("too-many-requests", retry_after=1),
    "500 html": Fault("server-error", status=503),
    "drop": Fault("drop"),
    "truncate": Fault("truncate"),
    "expired token": Fault("expire-token"),
    "not json": Fault("not-json"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_on_the_way_loses_or_doubles_a_conversation(
    sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    """The run ends well, and with everything."""
    sandbox.faults.next(FAULTS[name], times=1, path=DETAILS_QUERY)
    run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    assert run.exit_code == 0, run.log
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == len(set(ids)) == 3 * PER_DAY
    truth = {
        each["conversationId"] for each in sandbox.truth(FIRST_DAY, MIDNIGHT.date())
    }
    assert set(ids) == truth


def test_pages_over_the_size_limit_are_read_in_smaller_ones(tmp_path: Path) -> None:
    """Nothing is skipped because of them."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY, requests_per_minute=0, payload_limit=100_000
    )
    with Sandbox(options) as sandbox:
        run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
        assert run.exit_code == 0, run.log
        assert sandbox.requests.count(DETAILS_QUERY, status=413) > 0
    assert len(run.messages.records["conversations"]) == 3 * PER_DAY


@pytest.mark.parametrize(
    "past_the_end", ["empty-object", "total-zero", "total", "empty-list"]
)
@pytest.mark.parametrize("error", [0, 0.3])
def test_every_reading_of_what_is_not_confirmed_gives_the_same(
    tmp_path: Path,
    past_the_end: Any,
    error: float,
) -> None:
    """The body past the last page, and a totalHits that is off, up or down."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY,
        requests_per_minute=0,
        past_the_end=past_the_end,
        total_hits_error=error,
    )
    with Sandbox(options) as sandbox:
        run = singer.run(tmp_path, singer.settings(sandbox, **THREE_DAYS))
    assert len(run.messages.records["conversations"]) == 3 * PER_DAY


@pytest.mark.parametrize("matching", ["day", "activity"])
@pytest.mark.parametrize("cap", [35, 50])
def test_a_day_with_more_conversations_than_pages_reach_is_split(
    tmp_path: Path, matching: Any, cap: int
) -> None:
    """By time where that helps, by filters where a part answers for the whole day."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY,
        requests_per_minute=0,
        result_cap=cap,
        sub_day_matching=matching,
    )
    with Sandbox(options) as sandbox:
        run = singer.run(
            tmp_path,
            singer.settings(
                sandbox, page_size=10, strict_completeness=True, **THREE_DAYS
            ),
        )
        truth = sandbox.truth(FIRST_DAY, MIDNIGHT.date())
        expected = {each["conversationId"] for each in truth}
    assert run.exit_code == 0, run.log
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == expected
    assert "it is split into" in run.log


def test_what_cannot_be_split_is_an_error_with_the_interval(tmp_path: Path) -> None:
    """Not a table that ends at the cap."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY, requests_per_minute=0, result_cap=1
    )
    with Sandbox(options) as sandbox:
        config = singer.settings(sandbox, page_size=1, **THREE_DAYS)
        run = singer.run(tmp_path, config)
    assert run.exit_code != 0
    assert f"interval {THREE_DAYS['start_date']}/" in run.log
    assert not run.messages.bookmarks


def test_a_run_that_fails_keeps_what_it_has_and_the_next_begins_there(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The error names stream and interval; the bookmark is the interval's start."""
    config = singer.settings(
        sandbox, **THREE_DAYS, max_retry_wait=5, page_size=20, max_connections=1
    )
    # Three pages a day: the fifth request is in the middle of the second day.
    too_long = Fault("too-many-requests", retry_after=3600)
    sandbox.faults.every(too_long, nth=5, path=DETAILS_QUERY)
    failed = singer.run(tmp_path, config)
    sandbox.faults.clear()
    assert failed.exit_code != 0
    second_day = format_timestamp(MIDNIGHT - timedelta(days=2))
    assert failed.messages.bookmarks[-1] == second_day
    assert f"conversations, interval {second_day}/" in failed.log
    assert "3600 seconds" in failed.log
    sandbox.requests.clear()
    again = singer.run(tmp_path, config, state=failed.messages.states[-1])
    assert again.exit_code == 0
    assert intervals_asked(sandbox)[0].startswith(second_day)


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_run_started_again_ends_with_the_same_records(
    sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    """SIGKILL at any moment; the target keeps rows by key, state by the last STATE."""
    chance = random.Random(seed)
    config = singer.settings(sandbox, **THREE_DAYS, page_size=10)
    kept: dict[tuple[str, Any], Any] = {}
    state: dict[str, Any] | None = None
    for kill in (True, True, False):
        process = singer.start(tmp_path, config, state=state)
        if kill:
            deadline = time.monotonic() + 30
            wanted = chance.randrange(1, 2_000_000)
            while process.poll() is None and time.monotonic() < deadline:
                if (tmp_path / "out").stat().st_size >= wanted:
                    process.kill()
                time.sleep(0.005)
        run = singer.finish(tmp_path, process)
        for table, records in run.messages.records.items():
            keys = keys_of(records, table)
            kept |= {
                (table, key): without_reading_time(record)
                for key, record in zip(keys, records, strict=True)
            }
        state = run.messages.states[-1] if run.messages.states else state
    whole = singer.run(tmp_path, config)
    expected = {
        (table, key): without_reading_time(record)
        for table, records in whole.messages.records.items()
        for key, record in zip(keys_of(records, table), records, strict=True)
    }
    assert kept == expected


def without_reading_time(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record but for the time at which it was read."""
    return {name: value for name, value in record.items() if name != "extracted_at"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_says_so(
    sandbox: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    """The exit code is not 0: the run did not read what it set out to read."""
    config = singer.settings(sandbox, **THREE_DAYS, page_size=1)
    process = singer.start(tmp_path, config)
    while not (tmp_path / "out").stat().st_size:
        time.sleep(0.01)
    process.send_signal(number)
    run = singer.finish(tmp_path, process)
    assert run.exit_code == 128 + number
    assert run.messages.order[-1] == "STATE"


def test_wrong_credentials_end_the_run_before_any_record(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """With the two usual causes, and no secret."""
    config = singer.settings(sandbox) | {"client_secret": "not-the-secret"}
    run = singer.run(tmp_path, config)
    assert run.exit_code != 0
    assert "another region" in run.log
    assert "not-the-secret" not in run.log
    assert not run.messages.records
