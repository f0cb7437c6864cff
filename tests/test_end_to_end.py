"""Sandbox, tap, target-postgres and PostgreSQL: what is there is what was there."""

from __future__ import annotations

import json
import random
import subprocess
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.interval import Interval
from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer
from tests.singer_records import counts_of
from tests.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Load = Callable[..., None]

DAYS = 4
#: Six in the evening: a day with conversations that are still going on.
EVENING = datetime.now(timezone.utc).replace(hour=18, minute=0) - timedelta(days=1)
MIDNIGHT = EVENING.replace(hour=0, minute=0, second=0, microsecond=0)
START = MIDNIGHT - timedelta(days=DAYS)
LOADED = [table.name for table in TABLES if table.selected_by_default]
BY_TABLE = {table.name: table for table in TABLES}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Run a PostgreSQL."""
    home = tmp_path_factory.mktemp("postgres")
    with postgres(home, {}, report=lambda _: None) as environ:
        yield environ


@pytest.fixture
def warehouse(server: Mapping[str, str], request: pytest.FixtureRequest) -> Warehouse:
    """Give each test a schema of its own."""
    return Warehouse(server, request.node.originalname.removeprefix("test_")[:40])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud in which it is yesterday evening."""
    options = SandboxOptions(
        conversations_per_day=40, requests_per_minute=0, clock=lambda: EVENING
    )
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture
def load(tmp_path: Path, sandbox: Sandbox, warehouse: Warehouse) -> Load:
    """Give a function that syncs as an orchestrator does: from the last state kept."""
    kept: dict[str, Any] = {}

    def sync(end: datetime = EVENING) -> None:
        config = singer.settings(
            sandbox,
            start_date=format_timestamp(START),
            end_date=format_timestamp(end),
        )
        run = singer.run(tmp_path, config, state=kept)
        assert run.exit_code == 0, run.errors
        kept.update(json.loads(warehouse.load(tmp_path / "out")))

    return sync


def duplicates(warehouse: Warehouse, table: str) -> int:
    """Return how many keys of a table stand there more than once."""
    keys = ", ".join(column.name for column in BY_TABLE[table].keys)
    doubled = warehouse.query(
        f"select {keys} from {table} group by {keys} having count(*) > 1"  # noqa: S608
    )
    return len(doubled)


def test_tables_hold_what_the_sandbox_counts(
    sandbox: Sandbox, warehouse: Warehouse, load: Load
) -> None:
    """Every table has as many rows as the documents have items."""
    load()
    documents = list(sandbox.truth(START.date(), EVENING.date() + timedelta(days=1)))
    truth = counts_of(documents)
    assert warehouse.counts(LOADED) == {table: truth[table] for table in LOADED}
    # The query source has no attributes, whatever the conversations have.
    assert truth["conversation_attributes"] == 0
    assert all(truth[table] for table in LOADED if table != "conversation_attributes")


def test_key_columns_are_not_null(warehouse: Warehouse, load: Load) -> None:
    """In the tables that the target makes of the schemas."""
    load()
    nullable = {
        tuple(row)
        for row in warehouse.query(
            "select table_name, column_name from information_schema.columns "  # noqa: S608
            f"where table_schema = '{warehouse.schema}' and is_nullable = 'YES'"
        )
    }
    for name in LOADED:
        keys = {column.name for column in BY_TABLE[name].keys}
        assert not {key for key in keys if (name, key) in nullable}, name
        assert (name, "extra") in nullable


def test_two_runs_leave_no_duplicate(
    sandbox: Sandbox, warehouse: Warehouse, load: Load
) -> None:
    """The second run reads what is new; what it reads again stays the same."""
    load(EVENING - timedelta(hours=2))
    before = {table: warehouse.content(table) for table in LOADED}
    sandbox.requests.clear()
    load()
    asked = {served.interval for served in sandbox.requests if served.interval}
    assert asked == {str(Interval(EVENING - timedelta(hours=2), EVENING))}
    assert {table: warehouse.content(table) for table in LOADED} == before
    assert not any(duplicates(warehouse, table) for table in LOADED)


def test_a_row_that_a_later_reading_no_longer_has_can_be_told(
    warehouse: Warehouse, load: Load
) -> None:
    """Its reading is older than that of its conversation."""
    load()
    stale = """
        select count(*) from conversation_segments join conversations
        using (conversation_id)
        where conversation_segments.extracted_at < conversations.extracted_at
    """
    assert warehouse.query(stale) == [(0,)]


def test_speed_of_answer_per_queue_and_day(
    warehouse: Warehouse, load: Load, manual_sql: str
) -> None:
    """The manual's example runs, and gives figures."""
    load()
    rows = warehouse.query(manual_sql)
    assert rows
    days = {row[0] for row in rows}
    assert len(days) > 1


@pytest.mark.parametrize("seed", range(2))
def test_a_pipeline_killed_and_started_again_ends_with_the_same_tables(
    sandbox: Sandbox,
    warehouse: Warehouse,
    server: Mapping[str, str],
    tmp_path: Path,
    seed: int,
) -> None:
    """SIGKILL for tap and target at a random moment; then once more from the state."""
    chance = random.Random(seed)
    config = singer.settings(
        sandbox,
        start_date=format_timestamp(START),
        end_date=format_timestamp(EVENING),
        page_size=10,
    )
    killed = Warehouse(server, f"killed_{seed}")
    tap = singer.start(tmp_path, config)
    with (tmp_path / "out").open("rb") as messages:
        target = killed.start_target(
            stdin=messages, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(1.5, 4))
        tap.kill()
        target.kill()
        out, _ = target.communicate()
    tap.wait()
    lines = out.decode().strip().splitlines()
    state = json.loads(lines[-1]) if lines else None

    again = singer.run(tmp_path, config, state=state)
    assert again.exit_code == 0, again.errors
    killed.load(tmp_path / "out")
    whole = singer.run(tmp_path, config)
    assert whole.exit_code == 0, whole.errors
    warehouse.load(tmp_path / "out")
    for table in LOADED:
        assert killed.content(table) == warehouse.content(table), table
