"""Sixteen partitions on several processes: the tables of a single run, and no gap."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.orchestrate.engine import (
    Engine,
    environ_of,
    meltano,
    needs_dagster,
    settings_of,
)
from tests.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PARTITIONS = 16
STREAMS = ["conversation*", "user_*", "*_daily", "queue_performance_half_hourly"]
MIDNIGHT = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
#: The archive is hours behind: the newest partition ends where it does not reach.
NOW = MIDNIGHT - timedelta(days=1, hours=-3)
END = MIDNIGHT - timedelta(days=1)
START = END - timedelta(days=PARTITIONS)
BUDGET = 300

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1200),
    needs_dagster,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Run a PostgreSQL."""
    home = tmp_path_factory.mktemp("postgres")
    with postgres(home, {}, report=lambda _: None) as environ:
        yield environ


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud where time stands still, with two clients."""
    options = SandboxOptions(
        conversations_per_day=20,
        clock=lambda: NOW,
        clients=("second:of-its-own",),
        requests_per_minute=BUDGET,
        rate_limit_per="client",
    )
    with Sandbox(options) as sandbox:
        yield sandbox


def _environ(
    sandbox: Sandbox, server: Mapping[str, str], folder: Path, schema: str
) -> dict[str, str]:
    return {
        **server,
        **environ_of(sandbox, folder),
        "SECOND_ID": "second",
        "SECOND_SECRET": "of-its-own",
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
    }


@pytest.fixture(scope="module")
def single(
    sandbox: Sandbox,
    server: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[tuple[object, ...]]]:
    """Load all with one run after the other window; return what the tables hold."""
    folder = tmp_path_factory.mktemp("single")
    environ = _environ(sandbox, server, folder, "single")
    window = {
        "TAP_GENESYS_START_DATE": f"{START:%Y-%m-%d}",
        "TAP_GENESYS_END_DATE": f"{END:%Y-%m-%d}",
        "TAP_GENESYS__SELECT_FILTER": str(STREAMS).replace("'", '"'),
    }
    sync = ("--environment=sandbox", "run", "tap-genesys", "target-postgres")
    meltano({**environ, **window}, *sync)
    return _content(Warehouse(server, "single"))


def _content(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    named = warehouse.query(
        "select table_name from information_schema.tables "  # noqa: S608 (our name)
        f"where table_schema = '{warehouse.schema}' order by 1"
    )
    return {table: warehouse.content(table) for (table,) in named}


def _kill_a_worker(engine: Engine) -> None:
    """SIGKILL for a process that is at a partition, not in its first moment."""
    deadline = time.monotonic() + 120
    while "Token received" not in engine.said() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(engine.worker_processes()[0], signal.SIGKILL)


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed"])
def test_partitions_on_processes_make_the_tables_of_a_single_run(
    sandbox: Sandbox,
    server: Mapping[str, str],
    single: dict[str, list[tuple[object, ...]]],
    tmp_path: Path,
    *,
    killed: bool,
) -> None:
    """Also where tables are made by several at once, and a worker is killed."""
    schema = f"parallel_{killed}".lower()
    environ = _environ(sandbox, server, tmp_path, schema)
    settings = settings_of((f"{START:%Y-%m-%d}", f"{END:%Y-%m-%d}"), {"all": STREAMS})
    clients = settings["organisations"]["demo"]["clients"]
    # Small runs, which together stay within the budget of the two.
    clients["second"] = {
        **clients["first"],
        "id": "SECOND_ID",
        "secret": "SECOND_SECRET",
    }
    sandbox.requests.clear()
    with Engine(tmp_path / "home", settings, environ, workers=4) as engine:
        command = ["backfill", "demo", "--wait"]
        with ThreadPoolExecutor() as pool:
            ended = pool.submit(engine.backfill_command, *command)
            if killed:
                _kill_a_worker(engine)
            ended.result()
        found = _content(Warehouse(server, schema))
        said = engine.backfill_command("takeover", "demo")
        log = engine.said()
        sandbox.requests.clear()
        engine.run_job("incremental__demo")
    # It goes on where the archive ended, not with the first day.
    asked = {served.interval for served in sandbox.requests if served.interval}
    assert asked
    assert min(asked) > f"{END - timedelta(days=1):%Y-%m-%d}"
    assert f"from {START:%Y-%m-%d} to {END - timedelta(days=1):%Y-%m-%d}" in said
    assert ("of-its-own" in log, "sandbox-secret" in log) == (False, False)
    assert single.keys() <= found.keys()
    for table, rows in single.items():
        assert found[table] == rows, table
