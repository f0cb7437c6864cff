"""Runs in Dagster's environment: prints, as JSON, what the backfills' parts answer."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import dagster as dg
from click.testing import CliRunner
from genesys_backfill import cli, pools, settings, sync, takeover, windows
from genesys_backfill.definitions import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)
START = {"start": "2026-01-21"}  # a Wednesday
#: Says what it was asked for; fails for one partition, as a tap does.
MELTANO = """#!/bin/sh
echo '{"level": "info", "event": "secret hush, window '$TAP_GENESYS_START_DATE'"}'
case "$*" in
  *2026-01-22*) echo '{"level": "error", "event": "lacks a permission"}'; exit 1 ;;
esac
"""
CONTENT: dict[str, Any] = {
    "meltano": {"executable": "PUT IN", "project": "."},
    "partitions": {"every": "day", "start": "2026-01-21", "end": "2026-01-25"},
    "groups": {"agents": ["user_presence"]},
    "organisations": {
        "acme": {
            "clients": {
                "first": {"id": "ID", "secret": "SECRET", "rest_seconds": 0},
                "second": {"id": "ID", "secret": "SECRET", "rest_seconds": 0},
            }
        }
    },
    "retries": 0,
}


def _said(act: Callable[[], object]) -> str:
    """Return what it raises, or returns."""
    try:
        return str(act())
    except ValueError as error:
        return str(error)


def _windows() -> Iterator[tuple[str, Any]]:
    for every in ("day", "week", "month"):
        wanted = settings.Partitions.model_validate({"every": every, **START})
        partitions = windows.partitions_of(wanted)
        keys = partitions.get_partition_keys(current_time=NOW)
        yield every, [str(windows.window_of(partitions, key)) for key in keys]


def _checked() -> Iterator[tuple[str, str]]:
    for name, days in (("future", 0), ("forgotten", -800), ("fine", -2)):
        start = NOW + timedelta(days=days)
        window = windows.Window(start, start + timedelta(days=1))
        yield name, _said(partial(windows.check, window, 550, NOW))


def _settings(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "wrong.yml"
    months = {"every": "month", "start": "2026-01-31"}
    for name, content in (
        ("unknown", {**CONTENT, "workers": 3}),
        ("month", {**CONTENT, "partitions": months}),
        ("executor", {**CONTENT, "executor": "dagster_nowhere.executor"}),
    ):
        path.write_text(json.dumps(content), "utf-8")
        yield name, _said(lambda: build(settings.load(path)))
    yield "missing", _said(lambda: settings.load(folder / "nowhere.yml"))


def _pools(instance: dg.DagsterInstance) -> Iterator[tuple[str, str]]:
    client = settings.Client(id="ID", secret="SECRET", requests_per_minute=10)
    pool = pools.Pool("acme", "other")
    yield "none", _said(lambda: pools.share(pool, client, instance))
    for slots in (0, 3, 11):
        instance.event_log_storage.set_concurrency_slots(pool.name, slots)
        yield str(slots), _said(lambda: pools.share(pool, client, instance))


def _runs(folder: Path, instance: dg.DagsterInstance) -> Iterator[tuple[str, Any]]:
    """Run four partitions, two of which cannot go well."""
    meltano = folder / "meltano"
    meltano.write_text(MELTANO, "utf-8")
    meltano.chmod(0o755)
    content = {**CONTENT, "meltano": {"executable": str(meltano), "project": "."}}
    path = folder / "genesys.yml"
    path.write_text(json.dumps(content), "utf-8")
    known = settings.load(path)
    pools.set_limits(known, instance)
    job = build(known).resolve_job_def("backfill__acme__agents")
    for key, limit in (("21", 2), ("22", 2), ("23", 0), ("24", 2)):
        first = pools.Pool("acme", "first").name
        instance.event_log_storage.set_concurrency_slots(first, limit)
        ran = job.execute_in_process(
            partition_key=f"2026-01-{key}", instance=instance, raise_on_error=False
        )
        failures = [
            event.step_failure_data.user_failure_data.description
            for event in ran.all_events
            if event.is_step_failure and event.step_failure_data.user_failure_data
        ]
        logs = instance.all_logs(ran.run_id)
        yield (
            key,
            {
                "success": ran.success,
                "failures": failures,
                "hidden": not any("hush" in entry.user_message for entry in logs),
            },
        )
    os.environ[settings.VARIABLE] = str(path)
    for name, arguments in (
        ("takeover", ["takeover", "acme"]),
        ("status", ["status", "acme"]),
        ("future", ["backfill", "acme", "--to", "2026-02-30"]),
        ("stranger", ["backfill", "nobody"]),
    ):
        yield name, CliRunner().invoke(cli.main, arguments).output


def _tried_again() -> Iterator[tuple[str, bool]]:
    """Tell of what a tap says whether trying again may help."""
    forbidden = "queues is not read: it lacks a permission"
    failed = "Not read to the end: skills. GET /skills was answered 500"
    yield "forbidden", sync.may_pass(forbidden)
    yield "failed", sync.may_pass(failed)
    yield "both", sync.may_pass(f"{failed} | {forbidden}")


def _schedule(folder: Path, instance: dg.DagsterInstance) -> Iterator[tuple[str, Any]]:
    """Evaluate a tick of the schedule, as the daemon does."""
    path = folder / "scheduled.yml"
    path.write_text(json.dumps({**CONTENT, "incremental": {"cron": "5 * * * *"}}))
    definitions = build(settings.load(path))
    (schedule,) = list(definitions.schedules or [])
    at = datetime(2026, 3, 1, 7, 5, tzinfo=timezone.utc)
    with dg.build_schedule_context(instance, scheduled_execution_time=at) as context:
        tick = schedule.evaluate_tick(context)
    yield "runs", len(tick.run_requests)
    yield "skipped", tick.skip_message
    yield "job", schedule.job_name
    yield "stopped", schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    # Without a zone, Dagster's is UTC.
    yield "when", [schedule.cron_schedule, schedule.execution_timezone]
    resolved = definitions.resolve_job_def(schedule.job_name)
    yield "reads", [key.path for key in resolved.asset_layer.selected_asset_keys]


def _takeover() -> Iterator[tuple[str, Any]]:
    days = ["1", "2", "3", "4"]
    yield "hole", _said(lambda: takeover.without_holes(days, ["2", "4"]))
    yield "nothing", _said(lambda: takeover.without_holes(days, []))
    yield "stretch", takeover.without_holes(days, ["3", "2"])
    first = {"replication_key_value": "2026-01-02T00:00:00.000Z"}
    provisional = {
        "replication_key_value": "2026-01-02T18:00:00.000Z",
        "provisional_until": "2026-01-03T00:00:00.000Z",
    }
    last = {"replication_key_value": "2026-01-04T00:00:00.000Z"}
    states = [{"a": first, "b": first}, {"a": provisional, "b": first}]
    found = takeover.handed_over([*states, {"a": last, "b": last}])
    yield (
        "handed",
        {stream: each["replication_key_value"] for stream, each in found.items()},
    )
    ahead = {"replication_key_value": "2026-02-01T00:00:00.000Z"}
    one, other = ({**last, "definition": f"{rows}.x"} for rows in "ab")
    yield "otherwise", _said(lambda: takeover.merged({"a": one}, {"a": other}))
    yield "merged", takeover.merged({"a": ahead, "c": first}, {"a": last, "b": last})


def main() -> None:
    """Print all answers."""
    os.environ |= {"ID": "an id", "SECRET": "hush"}
    with TemporaryDirectory() as home:
        os.environ["DAGSTER_HOME"] = home
        (Path(home) / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        with dg.DagsterInstance.get() as instance:
            answers = {
                "windows": dict(_windows()),
                "checked": dict(_checked()),
                "settings": dict(_settings(Path(home))),
                "pools": dict(_pools(instance)),
                "runs": dict(_runs(Path(home), instance)),
                "tried_again": dict(_tried_again()),
                "schedule": dict(_schedule(Path(home), instance)),
                "takeover": dict(_takeover()),
            }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
