"""What cannot be read: told, and no harm to what can."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.errors import (
    ApiError,
    IncompleteError,
    LoginError,
    ReadError,
    UnavailableError,
)
from tap_genesys_analytics.intervals import Interval
from tap_genesys_analytics.sandbox.server import Fault, Sandbox, SandboxOptions
from tap_genesys_analytics.streams.conversations import DETAILS_QUERY
from tap_genesys_analytics.timestamps import format_timestamp
from tests import singer
from tests.conversations.days import MIDNIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_genesys_analytics.errors import GenesysError

TWO_DAYS = {"start_date": format_timestamp(MIDNIGHT - timedelta(days=2))}
SKILLS = "/api/v2/routing/skills"
TOLD = "Not read to the end, for the reasons above: "


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud without a rate limit."""
    options = SandboxOptions(conversations_per_day=20, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        yield sandbox


def refuse(sandbox: Sandbox, path: str, nth: int = 1) -> None:
    """Let each nth request to a path be refused."""
    sandbox.faults.every(Fault("bad-request"), nth=nth, path=path)


@pytest.mark.parametrize("connections", [1, 8])
def test_streams_that_fail_do_not_keep_the_others_from_being_read(
    sandbox: Sandbox, tmp_path: Path, connections: int
) -> None:
    """The run ends with an error that names them, each reason told once."""
    refuse(sandbox, DETAILS_QUERY)
    refuse(sandbox, SKILLS)
    config = singer.settings(sandbox, **TWO_DAYS, max_connections=connections)
    run = singer.run(tmp_path, config, streams=("*",))
    assert run.exit_code == 1
    assert "Traceback" not in run.log
    tables = [name for name in run.messages.schemas if name.startswith("conversation")]
    assert f"{TOLD}{', '.join(tables)}, skills. Everything else was loaded" in run.log
    assert run.log.count(f"POST {DETAILS_QUERY} was answered 400") == 1
    assert run.log.count(f"GET {SKILLS} was answered 400") == 1
    read = {name for name, records in run.messages.records.items() if records}
    assert not {*tables, "skills"} & read
    assert {"user_presence", "queue_performance_half_hourly", "queues", "users"} <= read


def test_a_stream_that_failed_goes_on_where_it_was(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its bookmark is the start of the interval that was refused."""
    refuse(sandbox, DETAILS_QUERY, nth=2)
    config = singer.settings(sandbox, **TWO_DAYS, max_connections=1)
    streams = ("conversation*", "queues")
    failed = singer.run(tmp_path, config, streams=streams)
    sandbox.faults.clear()
    assert failed.exit_code == 1
    second_day = format_timestamp(MIDNIGHT - timedelta(days=1))
    assert failed.messages.bookmarks[-1] == second_day
    assert f"conversations, interval {second_day}/" in failed.log
    assert failed.messages.records["queues"]
    state = failed.messages.states[-1]
    again = singer.run(tmp_path, config, streams=streams, state=state)
    assert again.exit_code == 0
    whole = singer.run(tmp_path, config, streams=streams)
    ids = {
        row["conversation_id"]
        for run in (failed, again)
        for row in run.messages.records["conversations"]
    }
    expected = {
        row["conversation_id"] for row in whole.messages.records["conversations"]
    }
    assert ids == expected


def test_a_table_that_fails_half_way_does_not_delete_its_rows(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """No version is activated: what was not read is not gone."""
    refuse(sandbox, "/api/v2/routing/queues/*/members", nth=2)
    config: dict[str, Any] = {
        "emit_activate_version_messages": True,
        "max_connections": 1,
    }
    run = singer.run(
        tmp_path,
        singer.settings(sandbox, **config),
        streams=("queue_members", "queues"),
    )
    assert run.exit_code == 1
    assert {message["stream"] for message in run.messages.versions} == {"queues"}


def test_a_failure_is_not_skipped_with_what_is_forbidden(tmp_path: Path) -> None:
    """on_forbidden is of permissions only."""
    options = SandboxOptions(
        conversations_per_day=1,
        requests_per_minute=0,
        forbidden=("/api/v2/routing/queues",),
    )
    with Sandbox(options) as sandbox:
        refuse(sandbox, SKILLS)
        config = singer.settings(sandbox, on_forbidden="skip")
        run = singer.run(tmp_path, config, streams=("skills", "queues", "users"))
    assert run.exit_code == 1
    assert f"{TOLD}skills. " in run.log
    assert "  queues: lacks routing:queue:view" in run.log
    assert run.messages.records["users"]


def test_a_day_that_cannot_be_split_is_an_error_of_its_stream_only(
    tmp_path: Path,
) -> None:
    """The tap's own findings are as an answer of Genesys'."""
    options = SandboxOptions(
        conversations_per_day=20, requests_per_minute=0, result_cap=1
    )
    with Sandbox(options) as sandbox:
        config = singer.settings(sandbox, page_size=1, **TWO_DAYS)
        run = singer.run(tmp_path, config, streams=("conversations", "users"))
    assert run.exit_code == 1
    assert f"{TOLD}conversations. " in run.log
    assert run.messages.records["users"]


def test_what_would_meet_every_stream_ends_the_run(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Rather than be waited for once for each stream."""
    too_long = Fault("too-many-requests", retry_after=3600)
    sandbox.faults.every(too_long, nth=1, path="/api/v2/users")
    config = singer.settings(sandbox, max_retry_wait=1, max_connections=1)
    run = singer.run(tmp_path, config, streams=("users", "queues", "skills"))
    assert run.exit_code == 1
    assert TOLD not in run.log
    asked = [request.path for request in sandbox.requests]
    after = asked[asked.index("/api/v2/users") :]
    assert after == ["/api/v2/users"]


@pytest.mark.parametrize(
    ("error", "ends_run"),
    [
        (ApiError("Refused.", status=400), False),
        (ApiError("Forbidden.", status=403), False),
        (ApiError("The token is refused.", status=401), True),
        (UnavailableError("Given up."), True),
        (LoginError("Wrong secret."), True),
        (IncompleteError("Not all."), False),
    ],
)
def test_an_error_of_an_interval_ends_what_its_cause_ends(
    error: GenesysError,
    ends_run: bool,  # noqa: FBT001 (what is expected)
) -> None:
    """Login and connection are of all streams, everything else is of one."""
    interval = Interval(MIDNIGHT - timedelta(days=1), MIDNIGHT)
    assert error.ends_run is ends_run
    assert ReadError("conversations", interval, error).ends_run is ends_run
