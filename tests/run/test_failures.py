"""What cannot be read: told, and no harm to what can."""

from __future__ import annotations

import io
import sys
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions

from tap_genesys_analytics.api.errors import (
    ApiError,
    DownloadError,
    LoginError,
    TooLongWaitError,
    UnavailableError,
)
from tap_genesys_analytics.api.retries import MAX_TRIES
from tap_genesys_analytics.errors import (
    ErrorScope,
    IncompleteError,
    ReadError,
    UnreadError,
)
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.readers.lists import ListReader
from tap_genesys_analytics.run.failures import RunFailures
from tap_genesys_analytics.streams.conversations import ConversationReader
from tap_genesys_analytics.tap import TapGenesys
from tests import singer
from tests.paths import DETAILS_QUERY
from tests.spans import MIDNIGHT
from tests.streams.sources.runs import HASTY

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
    assert f"{TOLD}{', '.join(tables)}, skills. Run again" in run.log
    assert run.log.count("Everything else was loaded.") == 1
    assert run.log.count(f"POST {DETAILS_QUERY} was answered 400") == 1
    assert run.log.count(f"GET {SKILLS} was answered 400") == 1
    read = {name for name, records in run.messages.records.items() if records}
    assert not {*tables, "skills"} & read
    assert {"user_presence", "queue_performance_half_hourly", "queues", "users"} <= read


@pytest.mark.parametrize("stream", ["queues", "conversations"])
def test_a_bug_in_one_stream_does_not_keep_the_others_from_being_read(
    sandbox: Sandbox,
    stream: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The run ends with one sentence that calls it a bug; its values stay private."""

    def broken(*_: object) -> Iterator[Any]:
        for message in ("Erika Mustermann",):
            raise TypeError(message)
        yield {}

    if stream == "queues":
        monkeypatch.setattr(ListReader, "documents", broken)
    else:
        monkeypatch.setattr(ConversationReader, "pages", broken)
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    others = {"queues": "user_presence", "conversations": "queues"}
    catalog = singer.selecting(stream, others[stream])
    tap = TapGenesys(config=singer.settings(sandbox, **TWO_DAYS), catalog=catalog)
    with caplog.at_level("INFO"), pytest.raises(UnreadError, match=stream):
        tap.sync_all()
    assert "This is a bug of the tap (TypeError)" in caplog.text
    assert "Mustermann" not in caplog.text
    assert "Traceback" not in caplog.text
    messages = singer.Messages.read(written.getvalue().splitlines(keepends=True))
    assert messages.records[others[stream]]
    assert not messages.states[-1]["bookmarks"][stream]


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
    assert again.exit_code == 0, again.errors
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
    assert run.log.count("Everything else was loaded.") == 1
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


def test_what_genesys_never_answers_is_of_its_stream_only(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """After the last try; the metrics call it failed."""
    sandbox.faults.every(Fault("server-error"), nth=1, path=SKILLS)
    config = singer.settings(sandbox)
    streams = ("queues", "skills", "users")
    run = singer.run(tmp_path, config, streams=streams, module=HASTY)
    assert run.exit_code == 1
    assert f"{TOLD}skills. " in run.log
    assert run.messages.records["queues"]
    assert run.messages.records["users"]
    timed = [line for line in run.log.splitlines() if "sync_duration" in line]
    failed = [line for line in timed if "failed" in line]
    assert len(timed) == 3
    assert len(failed) == 1
    assert "skills" in failed[0]


def test_an_outage_ends_the_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """It is one where the next stream gets no answer, either."""
    sandbox.faults.every(Fault("drop"), nth=1, path="/api/v2/*")
    config = singer.settings(sandbox)
    streams = ("queues", "skills", "users")
    run = singer.run(tmp_path, config, streams=streams, module=HASTY)
    assert run.exit_code == 1
    assert f"{TOLD}queues. " in run.log
    asked = Counter(each.path for each in sandbox.requests if "oauth" not in each.path)
    assert asked == {"/api/v2/routing/queues": MAX_TRIES, SKILLS: MAX_TRIES}


def test_a_wait_that_is_too_long_ends_the_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """Every stream would be told to wait; what failed before it is told, too."""
    refuse(sandbox, "/api/v2/routing/queues")
    too_long = Fault("too-many-requests", retry_after=3600)
    sandbox.faults.every(too_long, nth=1, path=SKILLS)
    config = singer.settings(sandbox, max_retry_wait=1)
    run = singer.run(tmp_path, config, streams=("queues", "skills", "users"))
    assert run.exit_code == 1
    assert f"{TOLD}queues. " in run.log
    assert "3600 seconds" in run.log
    assert not run.messages.records["users"]
    assert not sandbox.requests.count("/api/v2/users")


def test_a_stream_that_failed_leaves_nothing_behind_that_is_still_asked_for(
    tmp_path: Path,
) -> None:
    """Its other pages, that is, which would be tried again in the next one's time."""
    options = SandboxOptions(conversations_per_day=200, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        # Of all pages that are ahead, one is refused and the others are not answered.
        sandbox.faults.next(Fault("bad-request"), path=DETAILS_QUERY)
        sandbox.faults.every(Fault("server-error"), nth=1, path=DETAILS_QUERY)
        config = singer.settings(
            sandbox, page_size=10, max_retry_wait=5, **TWO_DAYS, max_connections=8
        )
        run = singer.run(
            tmp_path, config, streams=("conversations", "users"), module=HASTY
        )
        requests = list(sandbox.requests)
    assert run.exit_code == 1
    assert f"{TOLD}conversations. " in run.log
    assert run.messages.records["users"]
    first = [request.path for request in requests].index("/api/v2/users")
    # What was under way may arrive later; nothing is sent again.
    before, after = (
        {
            (each.interval, each.page_number)
            for each in some
            if each.path == DETAILS_QUERY
        }
        for some in (requests[:first], requests[first:])
    )
    assert not before & after


@pytest.mark.parametrize(
    ("error", "reach"),
    [
        (ApiError("Refused.", status=400), ErrorScope.STREAM),
        (ApiError("Forbidden.", status=403), ErrorScope.STREAM),
        (ApiError("The token is refused.", status=401), ErrorScope.EVERY_STREAM),
        (TooLongWaitError("An hour."), ErrorScope.EVERY_STREAM),
        (LoginError("Wrong secret."), ErrorScope.EVERY_STREAM),
        (UnavailableError("Given up."), ErrorScope.UNKNOWN),
        (IncompleteError("Not all."), ErrorScope.STREAM),
        (DownloadError("Gone."), ErrorScope.STREAM),
    ],
)
def test_an_error_of_an_interval_reaches_as_far_as_its_cause(
    error: GenesysError, reach: ErrorScope
) -> None:
    """Login and connection are of all streams, what is refused is of one."""
    assert error.scope is reach
    assert ReadError("conversations", "a/b", error).scope is reach


def test_two_requests_that_failed_are_an_outage_if_none_was_answered_between() -> None:
    """One may be at an endpoint that never answers."""
    error = UnavailableError("Given up.")
    unread = RunFailures()
    assert not unread.ends_the_run(error, responses=1)
    assert not unread.ends_the_run(error, responses=2)
    assert not unread.ends_the_run(ApiError("Refused.", status=400), responses=2)
    assert unread.ends_the_run(error, responses=2)
    assert RunFailures().ends_the_run(error, responses=0)
