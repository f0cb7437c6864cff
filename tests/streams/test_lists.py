"""Reference tables: every entity once, however its list is paged."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions

from tap_genesys_analytics.streams.reference_lists import LISTS
from tests import singer
from tests.clocks import Clock
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = {listing.table.name: listing for listing in LISTS}
#: A Wednesday, in a week with a queue, a skill and a user that come and go.
NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def clock() -> Clock:
    """Give the clock of the sandbox."""
    return Clock(NOON)


@pytest.fixture(scope="module")
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """Serve a Genesys Cloud with lists of several pages."""
    options = SandboxOptions(
        conversations_per_day=5,
        requests_per_minute=0,
        users=230,
        members_per_queue=130,
        clock=clock,
    )
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh(sandbox: Sandbox, clock: Clock) -> None:
    """Begin each test at noon, with an empty log."""
    clock.now = NOON
    sandbox.faults.clear()
    sandbox.requests.clear()


def read(sandbox: Sandbox, folder: Path, *streams: str, **config: Any) -> singer.Run:
    """Read reference tables, also those that are not selected by default."""
    catalog = singer.selecting(*streams)
    settings = singer.settings(sandbox, **config)
    return singer.run(folder, settings, catalog=catalog, module="tests.hasty_tap")


@pytest.mark.parametrize("connections", [1, 8])
def test_every_entity_of_every_list_is_a_row(
    sandbox: Sandbox, tmp_path: Path, connections: int
) -> None:
    """As many as the sandbox has, each once, whatever page size the list takes."""
    run = read(sandbox, tmp_path, *ALL, max_connections=connections)
    assert run.exit_code == 0, run.errors
    assert "does not know" not in run.log
    for name, listing in ALL.items():
        records = run.messages.records[name]
        keys = [column.name for column in listing.table.keys]
        found = [tuple(record[key] for key in keys) for record in records]
        assert len(set(found)) == len(found), name
        assert all(all(key) for key in found), name
        if listing.owners is None:
            path = listing.path.removeprefix("/api/v2/")
            truth = sandbox.references.entities(path)
            assert {key[0] for key in found} >= {str(each["id"]) for each in truth}
        assert found, name
    users = {record["id"]: record for record in run.messages.records["users"]}
    assert {user["state"] for user in users.values()} == {
        "active",
        "inactive",
        "deleted",
    }
    members = run.messages.records["queue_members"]
    queues = [record["id"] for record in run.messages.records["queues"]]
    assert {member["queue_id"] for member in members} == set(queues)
    assert all(member["user_id"] in users for member in members)
    sizes = Counter(member["queue_id"] for member in members)
    assert max(sizes.values()) > 100


def test_a_list_is_read_again_in_the_next_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """Nothing in it says what changed."""
    first = read(sandbox, tmp_path, "queues")
    second = read(sandbox, tmp_path, "queues")
    ids = [
        [row["id"] for row in run.messages.records["queues"]] for run in (first, second)
    ]
    assert ids[0] == ids[1] != []


def test_deleted_rows_can_be_told(
    sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """The version of the last whole reading follows its last row."""
    versions = []
    for moment in (NOON, NOON + timedelta(days=4)):
        clock.now = moment
        run = read(sandbox, tmp_path, "queues", emit_activate_version_messages=True)
        assert run.messages.order[-2:] == ["ACTIVATE_VERSION", "STATE"]
        (message,) = run.messages.versions
        assert message["stream"] == "queues"
        versions.append(message["version"])
        assert set(run.messages.record_versions["queues"]) == {message["version"]}
    assert len(run.messages.records["queues"]) == 12


def test_a_table_that_is_not_read_whole_tells_no_deleted_rows(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """A failure in the middle would mark what was not read."""
    fault = Fault("too-many-requests", retry_after=9999)
    sandbox.faults.next(fault, path="/api/v2/users")
    run = read(sandbox, tmp_path, "users", emit_activate_version_messages=True)
    assert run.exit_code == 1
    assert "ACTIVATE_VERSION" not in run.messages.order
    assert "9999 seconds" in run.log
    assert "Traceback" not in run.log


def test_a_table_that_does_not_add_up_is_read_again_and_tells_no_deleted_rows(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """The list says that it has more than it answers."""
    page = {"entities": [{"id": "1"}], "total": 3, "pageCount": 1, "pageNumber": 1}
    genesys.replies(Reply(page))
    config = genesys.settings(
        emit_activate_version_messages=True,
    )
    run = singer.run(tmp_path, config, streams=("groups",))
    assert run.exit_code == 0, run.errors
    assert len(genesys.requests) == 3
    assert [row["id"] for row in run.messages.records["groups"]] == ["1"]
    assert "ACTIVATE_VERSION" not in run.messages.order
    assert "has fewer rows (1) than Genesys counts" in run.log


def test_an_empty_list_tells_no_deleted_rows(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """More likely something is wrong than that everything is gone."""
    genesys.replies(Reply({}))
    config = genesys.settings(
        emit_activate_version_messages=True,
    )
    run = singer.run(tmp_path, config, streams=("teams",))
    assert run.exit_code == 0, run.errors
    assert "ACTIVATE_VERSION" not in run.messages.order
