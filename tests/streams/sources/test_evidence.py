"""What a run says of what it read, and what it does where that does not add up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.conftest import Reply, ScriptedGenesys
from tests.paths import DETAILS_JOBS, DETAILS_QUERY
from tests.spans import MIDNIGHT
from tests.streams.sources.runs import HASTY, run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_summary_says_what_was_read(sandbox: Sandbox, tmp_path: Path) -> None:
    """One line, and metrics of the SDK."""
    sandbox.faults.next(Fault("too-many-requests", retry_after=1), path=DETAILS_JOBS)
    found = run(tmp_path, sandbox)
    lines = [line for line in found.log.splitlines() if " duplicates dropped, " in line]
    assert len(lines) == 1
    assert f" {sandbox.requests.count()} requests" in lines[0]
    assert "1 too many requests" in lines[0]
    assert "1 seconds waited" in lines[0]
    assert "0 incomplete intervals" in lines[0]
    assert "watermark" in lines[0]
    assert '"metric":"incomplete_intervals","value":0' in found.log


@pytest.mark.parametrize("connections", [1, 8])
def test_an_interval_that_the_api_refuses_is_named_with_its_message(
    genesys: ScriptedGenesys, tmp_path: Path, connections: int
) -> None:
    """Status, code, message and interval; nothing is read past it."""
    refusal = {"code": "bad.request", "message": "The interval is odd.", "status": 400}
    genesys.replies(Reply(refusal, 400))
    start = format_timestamp(MIDNIGHT - timedelta(days=2))
    config = genesys.settings(
        conversation_source="query",
        start_date=start,
        max_connections=connections,
    )
    found = singer.run(tmp_path, config, module=HASTY)
    assert found.exit_code != 0
    asked = [each for each in genesys.requests if each.path == DETAILS_QUERY]
    assert len(asked) <= (1 if connections == 1 else 3)
    assert found.log.count("The interval is odd.") == 1
    assert f"conversations, interval {start}/" in found.log
    assert "400 (bad.request) - The interval is odd." in found.log
    assert not found.messages.bookmarks


def test_pages_that_shift_while_they_are_read_lose_and_double_nothing(
    tmp_path: Path,
) -> None:
    """Conversations come in, some of them late, between one page and the next."""
    begin = MIDNIGHT - timedelta(hours=10)
    seconds = iter(range(0, 10**6, 5))
    options = SandboxOptions(
        conversations_per_day=2000,
        requests_per_minute=0,
        late_arrivals=0.5,
        clock=lambda: begin + timedelta(seconds=next(seconds)),
    )
    end = begin - timedelta(minutes=5)
    with Sandbox(options) as sandbox:
        found = run(
            tmp_path,
            sandbox,
            conversation_source="query",
            page_size=7,
            start_date=format_timestamp(end.replace(hour=0)),
            end_date=format_timestamp(end),
        )
        truth = {
            each["conversationId"]
            for each in sandbox.truth(end.date(), end.date() + timedelta(days=1))
            if each["conversationStart"] < format_timestamp(end)
        }
    assert found.exit_code == 0, found.errors
    ids = [row["conversation_id"] for row in found.messages.records["conversations"]]
    assert len(ids) == len(set(ids))
    assert truth < set(ids)


@pytest.mark.parametrize("strict", [False, True])
def test_an_interval_that_does_not_add_up_is_read_again_and_then_told(
    genesys: ScriptedGenesys,
    tmp_path: Path,
    strict: bool,  # noqa: FBT001
) -> None:
    """A warning with the numbers, or a failure where completeness is strict."""
    documents = [{"conversationId": each} for each in "abc"]
    genesys.replies(Reply({"conversations": documents, "totalHits": 5}))
    config = genesys.settings(
        conversation_source="query",
        strict_completeness=strict,
        start_date=format_timestamp(MIDNIGHT - timedelta(days=1)),
        end_date=format_timestamp(MIDNIGHT),
    )
    found = singer.run(tmp_path, config, module=HASTY)
    asked = [each for each in genesys.requests if each.path == DETAILS_QUERY]
    assert len(asked) == 3
    assert len(found.messages.records["conversations"]) == 3
    assert "3 of at least 5 records were read, in 3 readings" in found.log
    assert "2 rereads, 1 incomplete intervals" in found.log
    if strict:
        assert found.exit_code != 0
        assert not found.messages.bookmarks
    else:
        assert found.exit_code == 0, found.errors
        assert found.messages.bookmarks[-1] == config["end_date"]
