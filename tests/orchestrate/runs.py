"""Runs in Dagster's environment: prints, as JSON, an instance's runs, oldest first."""

from __future__ import annotations

import json
import sys
from typing import Any

import dagster as dg


def _told(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[str, Any]:
    """Return what became of a run: why steps failed, and from when to when they ran."""
    failures, steps = [], {}
    assets = []
    for entry in instance.all_logs(run.run_id):
        event = entry.dagster_event
        if event and event.event_type_value == "ASSET_MATERIALIZATION_PLANNED":
            assets.append(event.asset_key.path)
        if not event or not event.step_key:
            continue
        if event.is_step_start:
            steps[event.step_key] = [entry.timestamp, None]
        elif event.is_step_success or event.is_step_failure:
            steps[event.step_key][1] = entry.timestamp
        if event.is_step_failure and event.step_failure_data.user_failure_data:
            failures.append(event.step_failure_data.user_failure_data.description)
    return {
        "job": run.job_name,
        "partition": run.tags.get("dagster/partition"),
        "backfill": run.tags.get("dagster/backfill"),
        "assets": assets,
        "status": run.status.value,
        "failures": failures,
        "steps": steps,
    }


def main() -> None:
    """Print all."""
    with dg.DagsterInstance.get() as instance:
        runs = [_told(instance, run) for run in instance.get_runs()]
    json.dump(runs[::-1], sys.stdout)


if __name__ == "__main__":
    main()
