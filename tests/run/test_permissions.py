"""What the client may not read: told, and no harm to the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer

TAP = Path(sys.executable).with_name("tap-genesys")
MIDNIGHT = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
START = {"start_date": format_timestamp(MIDNIGHT - timedelta(days=1))}
FORBIDDEN = ("/api/v2/routing/skills", "/api/v2/analytics/conversations/*")


def options(**more: Any) -> SandboxOptions:
    """Return the options of a small sandbox."""
    return SandboxOptions(conversations_per_day=10, requests_per_minute=0, **more)


def test_streams_that_are_forbidden_do_not_keep_the_others_from_being_read(
    tmp_path: Path,
) -> None:
    """The run ends with an error that names each, and the permission it lacks."""
    with Sandbox(options(forbidden=FORBIDDEN)) as sandbox:
        run = singer.run(tmp_path, singer.settings(sandbox, **START), streams=("*",))
    assert run.exit_code == 1
    assert "Traceback" not in run.log
    error = run.log[run.log.index("Some streams were not read") :]
    for stream, permission in (
        ("skills", "routing:skill:view"),
        ("conversations", "analytics:conversationDetail:view"),
        ("queue_performance_half_hourly", "analytics:conversationAggregate:view"),
        ("agent_performance_daily", "analytics:conversationAggregate:view"),
    ):
        assert f"  {stream}: lacks {permission}" in error
    assert "Admin > Integrations > OAuth" in error
    assert "queues:" not in error
    read = {name for name, records in run.messages.records.items() if records}
    assert {"queues", "users", "user_presence", "wrapup_codes"} <= read
    assert not {"skills", "conversations", "conversation_segments"} & read
    state = run.messages.states[-1]["bookmarks"]
    assert "replication_key_value" not in state.get("conversations", {})
    assert state["user_presence"]["replication_key_value"]


def test_what_is_forbidden_can_be_skipped(tmp_path: Path) -> None:
    """With a warning, and an exit code of 0."""
    with Sandbox(options(forbidden=FORBIDDEN)) as sandbox:
        settings = singer.settings(sandbox, on_forbidden="skip", **START)
        run = singer.run(tmp_path, settings, streams=("skills", "queues"))
    assert run.exit_code == 0, run.errors
    assert "  skills: lacks routing:skill:view" in run.log
    assert run.messages.records["queues"]


def test_the_tables_that_are_forbidden_are_those_that_were_selected(
    tmp_path: Path,
) -> None:
    """Not the stream that would have read them, where that is not selected itself."""
    forbidden = ("/api/v2/analytics/users/*", "/api/v2/analytics/conversations/*")
    with Sandbox(options(forbidden=forbidden)) as sandbox:
        run = singer.run(
            tmp_path,
            singer.settings(sandbox, **START),
            streams=("user_routing_status", "conversation_s*"),
        )
    assert run.exit_code == 1
    error = run.log[run.log.index("Some streams were not read") :]
    named = {
        line.split(":")[0].strip() for line in error.splitlines() if ": la" in line
    }
    assert named == {
        "conversation_segments",
        "conversation_sessions",
        "conversation_surveys",
        "user_routing_status",
    }


def test_a_right_that_is_granted_later_is_used_from_there(tmp_path: Path) -> None:
    """The bookmark of what was forbidden has not moved."""
    forbidden = ("/api/v2/analytics/users/*",)
    with Sandbox(options(forbidden=forbidden)) as sandbox:
        settings = singer.settings(sandbox, on_forbidden="skip", **START)
        first = singer.run(tmp_path, settings, streams=("user_*", "queues"))
    assert not first.messages.records["user_presence"]
    with Sandbox(options()) as sandbox:
        second = singer.run(
            tmp_path,
            singer.settings(sandbox, **START),
            streams=("user_*", "queues"),
            state=first.messages.states[-1],
        )
    assert second.exit_code == 0, second.errors
    starts = [row["start_time"] for row in second.messages.records["user_presence"]]
    assert min(starts) < START["start_date"] < max(starts)


def test_a_reference_list_that_is_forbidden_does_not_stop_the_splitting(
    tmp_path: Path,
) -> None:
    """Divisions are one way to split a day; it is named when it fails."""
    forbidden = ("/api/v2/authorization/divisions",)
    limits = {"result_cap": 100_000, "forbidden": forbidden}
    with Sandbox(options(**limits)) as sandbox:
        run = singer.run(tmp_path, singer.settings(sandbox, **START))
    assert run.exit_code == 0, run.errors


def probe(sandbox: Sandbox, *arguments: str, **environ: str) -> Any:
    """Run ``tap-genesys --test``."""
    settings = singer.settings(sandbox, **START)
    variables = {
        f"TAP_GENESYS_{name.upper()}": str(value) for name, value in settings.items()
    }
    return subprocess.run(
        [TAP, "--config=ENV", *arguments, "--test"],
        env={**os.environ, **variables, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_connection_test_prints_a_table_of_the_selected_streams() -> None:
    """From one small request each, those of a download together."""
    with Sandbox(options()) as sandbox:
        tested = probe(sandbox)
        requests = sandbox.requests.count() - sandbox.requests.count("/oauth/token")
    assert tested.returncode == 0, tested.stderr
    lines = dict(line.split(maxsplit=1) for line in tested.stdout.splitlines())
    selected = {
        each["tap_stream_id"]
        for each in singer.catalog_of("*")["streams"]
        if any(
            entry["metadata"].get("selected-by-default")
            for entry in each["metadata"]
            if not entry["breadcrumb"]
        )
    }
    assert set(lines) == selected
    assert set(lines.values()) == {"ok"}
    tables = sum(name.startswith("conversation_") for name in lines)
    # Users' two tables are one download; members take their queue; and two more tell
    # which divisions there are.
    assert requests == len(lines) - tables - 1 + 1 + 2


def test_the_connection_test_names_missing_permissions() -> None:
    """And ends with an exit code that tells, unless they are to be skipped."""
    with Sandbox(options(forbidden=FORBIDDEN)) as sandbox:
        tested = probe(sandbox)
        skipped = probe(sandbox, TAP_GENESYS_ON_FORBIDDEN="skip")
    assert tested.returncode == 1
    assert skipped.returncode == 0
    for table in (tested.stdout, skipped.stdout):
        lines = dict(line.split(maxsplit=1) for line in table.splitlines())
        assert lines["skills"] == "lacks routing:skill:view"
        assert lines["conversation_segments"] == lines["conversations"]
        assert lines["conversations"].startswith("lacks analytics:conversationDetail")
        assert lines["queues"] == "ok"
        assert "Admin > Integrations > OAuth" in table


@pytest.mark.parametrize(
    ("table", "path", "permission"),
    [
        ("queue_observations", "/api/v2/routing/queues", "routing:queue:view"),
        ("flow_observations", "/api/v2/flows", "architect:flow:view"),
    ],
)
def test_the_connection_test_asks_for_what_a_stream_asks_first(
    tmp_path: Path, table: str, path: str, permission: str
) -> None:
    """The list of what is observed takes a permission of its own."""
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(singer.selecting(table)))
    with Sandbox(options(forbidden=(path,))) as sandbox:
        tested = probe(sandbox, "--catalog", str(catalog))
    assert tested.returncode == 1
    assert f"{table}  lacks {permission}" in tested.stdout


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("CLIENT_SECRET", "a-wrong-one", "client_secret (or client_id) is wrong"),
        ("LOGIN_URL", "http://127.0.0.1:1", "no complete response"),
    ],
)
def test_the_connection_test_tells_a_wrong_secret_and_a_wrong_region(
    setting: str, value: str, told: str
) -> None:
    """Once, not for every stream, and soon."""
    with Sandbox(options()) as sandbox:
        tested = probe(sandbox, **{f"TAP_GENESYS_{setting}": value})
    assert tested.returncode == 1
    said = tested.stdout + tested.stderr
    assert told in said
    assert "a-wrong-one" not in said


def test_a_client_that_sees_some_divisions_only_is_told_so() -> None:
    """Genesys leaves out the rest without a word."""
    with Sandbox(options(visible_divisions=2)) as sandbox:
        tested = probe(sandbox)
    assert tested.returncode == 0
    assert "analytics:conversationDetail:view in 2 of 3 divisions" in tested.stdout
    assert "(not in: Americas)" in tested.stdout


def test_only_the_streams_of_a_catalog_are_tested(tmp_path: Path) -> None:
    """As they would be synced."""
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(singer.catalog_of("queues")))
    with Sandbox(options()) as sandbox:
        tested = probe(sandbox, "--catalog", str(catalog))
    assert tested.stdout.split() == ["queues", "ok"]
