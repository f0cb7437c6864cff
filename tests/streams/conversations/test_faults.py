"""Faults, limits and sudden ends: nothing is lost, nothing comes twice."""

from __future__ import annotations

import random
import re
import signal
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.paths import DETAILS_QUERY
from tests.singer_records import keys_of, without_reading_time
from tests.streams.conversations.days import (
    FIRST_DAY,
    MIDNIGHT,
    PER_DAY,
    THREE_DAYS,
    intervals_asked,
)

if TYPE_CHECKING:
    from pathlib import Path


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
    assert run.exit_code == 0, run.errors
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
        assert run.exit_code == 0, run.errors
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
    assert run.exit_code == 0, run.errors
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == expected
    assert "it is split into" in run.log


def test_days_read_at_once_are_split_by_time_when_the_cap_turns_out_lower(
    tmp_path: Path,
) -> None:
    """The halves of each day are compared with its total, not with the cap."""
    options = SandboxOptions(
        conversations_per_day=1_700,
        requests_per_minute=0,
        result_cap=600,
        sub_day_matching="activity",
    )
    with Sandbox(options) as sandbox:
        config = singer.settings(
            sandbox, strict_completeness=True, max_connections=12, **THREE_DAYS
        )
        run = singer.run(tmp_path, config, streams=("conversations",))
        truth = sandbox.truth(FIRST_DAY, MIDNIGHT.date())
        expected = {each["conversationId"] for each in truth}
    assert run.exit_code == 0, run.log
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == expected
    assert set(re.findall(r"split into (\d+) parts", run.log)) == {"2"}


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
    assert again.exit_code == 0, again.errors
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
