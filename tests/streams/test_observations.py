"""Observations: a snapshot in each run, with its time in the key."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.records.tables import NO_KEY_PART
from tap_genesys_analytics.streams.observations import OBSERVATIONS
from tests import singer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = {observation.name: observation for observation in OBSERVATIONS}
#: A Tuesday at eleven: agents are at work, customers wait.
ELEVEN = datetime(2026, 3, 10, 11, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud with more users than one filter names."""
    options = SandboxOptions(
        conversations_per_day=2000,
        requests_per_minute=0,
        users=150,
        clock=lambda: ELEVEN,
    )
    with Sandbox(options) as sandbox:
        yield sandbox


def snapshot(sandbox: Sandbox, folder: Path) -> singer.Run:
    """Take a snapshot of all that can be observed."""
    catalog = singer.selecting(*TABLES)
    run = singer.run(folder, singer.settings(sandbox), catalog=catalog)
    assert run.exit_code == 0, run.errors
    return run


def test_they_are_not_taken_unless_asked_for() -> None:
    """Each costs requests in every run."""
    assert not any(
        observation.table.selected_by_default for observation in OBSERVATIONS
    )


def test_everything_is_observed_with_a_whole_key(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """All entities, however many filters that takes, at one moment each."""
    run = snapshot(sandbox, tmp_path)
    users = {
        user["id"]
        for user in sandbox.references.entities("users")
        if user["state"] == "active"
    }
    assert len(users) > 100
    for name, observation in TABLES.items():
        rows = run.messages.records[name]
        keys = [column.name for column in observation.table.keys]
        found = {tuple(row[key] for key in keys) for row in rows}
        assert len(found) == len(rows) > 0, name
        assert all(part for key in found for part in key)
        assert len({row["observed_at"] for row in rows}) == 1
        assert {row["metric"] for row in rows} <= set(observation.metrics)
    seen = {row["user_id"] for row in run.messages.records["user_observations"]}
    assert seen <= users
    queues = run.messages.records["queue_observations"]
    presences = {
        row["qualifier"] for row in queues if row["metric"] == "oUserPresences"
    }
    assert len(presences) > 2
    assert {row["media_type"] for row in queues} >= {NO_KEY_PART, "voice"}
    assert "does not know" not in run.log


def test_each_run_is_a_snapshot_of_its_own(sandbox: Sandbox, tmp_path: Path) -> None:
    """Rows of an earlier one stay; nothing of it is in the state."""
    first, second = snapshot(sandbox, tmp_path), snapshot(sandbox, tmp_path)
    moments = [
        {row["observed_at"] for row in run.messages.records["queue_observations"]}
        for run in (first, second)
    ]
    assert not moments[0] & moments[1]
    state = second.messages.states[-1]["bookmarks"]["queue_observations"]
    assert state == {}
    assert second.messages.schemas["queue_observations"]["bookmark_properties"] == [
        "observed_at"
    ]
