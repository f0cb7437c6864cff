"""Parallel requests: the same rows, state and requests as one after the other."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.tap import TapGenesys
from tests import singer
from tests.conftest import Reply, ScriptedGenesys
from tests.paths import DETAILS_QUERY
from tests.spans import MIDNIGHT, SPAN

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from tests.conftest import Request

STREAMS = ("conversation*", "user_*", "*_daily", "queue_members")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    options = SandboxOptions(
        conversations_per_day=60, requests_per_minute=0, job_seconds=0.02
    )
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh(sandbox: Sandbox) -> None:
    """Begin each test without faults, and count its own requests."""
    sandbox.requests.clear()


def output(run: singer.Run) -> list[Any]:
    """Return what a run wrote, but for when it was read."""
    records = {
        stream: [
            {name: value for name, value in record.items() if name != "extracted_at"}
            for record in found
        ]
        for stream, found in run.messages.records.items()
    }
    states = [
        {
            stream: {
                name: value
                for name, value in bookmark.items()
                if name not in {"looked_back_at", "restated_at"}
            }
            for stream, bookmark in state["bookmarks"].items()
        }
        for state in run.messages.states
    ]
    return [run.messages.schemas, records, states]


@pytest.mark.parametrize("source", ["query", "jobs"])
def test_rows_states_and_requests_are_those_of_the_sequential_tap(
    sandbox: Sandbox, tmp_path: Path, source: str
) -> None:
    """In their order, table by table."""
    runs, requests = [], []
    for connections in (1, 8):
        sandbox.requests.clear()
        config = singer.settings(
            sandbox,
            **SPAN,
            conversation_source=source,
            user_status_source=source,
            page_size=20,
            job_page_size=25,
            max_connections=connections,
        )
        run = singer.run(tmp_path, config, streams=STREAMS, module="tests.hasty_tap")
        assert run.exit_code == 0, run.errors
        runs.append(output(run))
        # How often a job is looked at is a matter of time.
        asked = Counter(
            (each.path, each.interval, each.page_number or 0)
            for each in sandbox.requests
            if "/jobs/" not in each.path
        )
        requests.append(asked)
    assert runs[0] == runs[1]
    one_by_one, ahead = requests
    assert not one_by_one - ahead
    # Where the total ends with a page, the one after it may have been expected.
    for path, interval, number in ahead - one_by_one:
        last = max(each[2] for each in one_by_one if each[:2] == (path, interval))
        assert number == last + 1


def settings_of(genesys: ScriptedGenesys, **more: Any) -> dict[str, Any]:
    """Return the settings for a scripted Genesys Cloud."""
    return genesys.settings(
        conversation_source="query",
        **SPAN,
        **more,
    )


class Crowd(ScriptedGenesys):
    """Answers slowly, and counts how many requests are under way at once."""

    lock = threading.Lock()
    now = most = 0

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request, after a while."""
        if request.path == "/oauth/token":
            return super().answer(request)
        if not request.body:
            return Reply({}, 404)
        with self.lock:
            self.requests.append(request)
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        body = request.json
        number, size = body["paging"]["pageNumber"], body["paging"]["pageSize"]
        first = (number - 1) * size
        day = body["interval"][:10]
        records = [
            {
                "conversationId": f"{day} {index}",
                "conversationStart": f"{day}T00:00:00.000Z",
            }
            for index in range(first, min(first + size, 30))
        ]
        with self.lock:
            self.now -= 1
        return Reply({"conversations": records, "totalHits": 30})


@pytest.mark.parametrize("connections", [1, 3, 8])
def test_no_more_requests_are_under_way_than_connections_are_allowed(
    genesys: ScriptedGenesys, tmp_path: Path, connections: int
) -> None:
    """Pages of one interval and those of the next together; and they are used."""
    genesys.__class__ = Crowd
    config = settings_of(genesys, page_size=2, max_connections=connections)
    run = singer.run(tmp_path, config)
    assert run.exit_code == 0, run.errors
    assert isinstance(genesys, Crowd)
    assert genesys.most == connections
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == len(set(ids)) == 90
    assert [each[:10] for each in ids] == sorted(each[:10] for each in ids)


@pytest.mark.parametrize(("page_size", "ahead"), [(2, 1), (16, 4)])
def test_as_many_intervals_are_read_ahead_as_keep_the_connections_busy(
    genesys: ScriptedGenesys, page_size: int, ahead: int
) -> None:
    """One whose pages are many is enough; and at the most as many pages wait of each.

    While what was read is not wanted, nothing more is asked for.
    """
    genesys.__class__ = Crowd
    config = settings_of(genesys, page_size=page_size, max_connections=8)
    config["start_date"] = (MIDNIGHT - timedelta(days=12)).isoformat()
    catalog = singer.catalog_of("conversations")
    tap = TapGenesys(config=config, catalog=catalog)
    rows = tap.genesys_streams["conversations"].read()
    with closing(cast("Generator[Any, None, None]", rows)):
        taken = list(islice(rows, 3 * 30 + 1))
        asked = 0
        while asked < len(genesys.requests):
            asked = len(genesys.requests)
            time.sleep(0.3)
        days = Counter(each.json["interval"][:10] for each in genesys.requests)
    assert len(taken) == 91
    assert len(days) == 4 + ahead
    assert max(list(days.values())[4:]) <= 1 + 8


class Refusing(Crowd):
    """Refuses one day."""

    day = (MIDNIGHT - timedelta(days=2)).strftime("%Y-%m-%d")

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request."""
        if self.day in request.body.decode()[:40]:
            return Reply({"code": "bad.request", "message": "Odd.", "status": 400}, 400)
        return super().answer(request)


def test_a_failure_ahead_surfaces_once_with_its_own_interval(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """What lies before it is written, with its state, and nothing after it."""
    genesys.__class__ = Refusing
    config = settings_of(genesys, page_size=2)
    run = singer.run(tmp_path, config)
    assert run.exit_code == 1
    second = f"{Refusing.day}T00:00:00.000Z"
    assert run.messages.bookmarks == [second]
    assert f"conversations, interval {second}/" in run.log
    assert run.log.count("Odd.") == 1
    ids = [row["conversation_id"] for row in run.messages.records["conversations"]]
    assert len(ids) == 30
    assert {each[:10] for each in ids} == {SPAN["start_date"][:10]}


def test_what_is_not_selected_is_neither_asked_for_nor_built(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """One table of a few columns: no other stream's requests, no other columns."""
    catalog = singer.catalog_of("conversation_metrics")
    for stream in catalog["streams"]:
        if stream["tap_stream_id"] == "conversation_metrics":
            for entry in stream["metadata"]:
                if entry["breadcrumb"] == ["properties", "value"]:
                    entry["metadata"]["selected"] = False
    config = singer.settings(sandbox, **SPAN)
    run = singer.run(tmp_path, config, catalog=catalog)
    assert set(run.messages.schemas) == {"conversation_metrics"}
    assert all(
        "value" not in row for row in run.messages.records["conversation_metrics"]
    )
    asked = {each.path for each in sandbox.requests}
    assert asked == {
        "/oauth/token",
        DETAILS_QUERY,
        "/api/v2/authorization/divisions",
        "/api/v2/authorization/divisionspermitted/paged/me",
    }
