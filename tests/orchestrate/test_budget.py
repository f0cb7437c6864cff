"""The runs of a client together keep within its budget, also one after the other."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.orchestrate.engine import Engine, environ_of, needs_dagster, settings_of

if TYPE_CHECKING:
    from pathlib import Path

#: Room for two partitions a minute, and not for three.
BUDGET = 16
PARTITIONS = 4
TOO_MANY_REQUESTS = 429


@pytest.mark.long
@pytest.mark.timeout(900)
@needs_dagster
def test_no_request_of_a_client_is_refused(tmp_path: Path) -> None:
    """Short runs in two slots: each would have room, all at once would not."""
    options = SandboxOptions(
        conversations_per_day=40, requests_per_minute=BUDGET, rate_limit_per="client"
    )
    end = datetime.now(timezone.utc).date() - timedelta(days=2)
    start = end - timedelta(days=PARTITIONS)
    settings = settings_of((f"{start}", f"{end}"), {"conversations": ["conversations"]})
    client = settings["organisations"]["demo"]["clients"]["first"]
    client |= {"slots": 2, "requests_per_minute": BUDGET, "rest_seconds": 61}
    with (
        Sandbox(options) as sandbox,
        postgres(tmp_path / "postgres", {}, report=lambda _: None) as server,
    ):
        environ = {
            **server,
            **environ_of(sandbox, tmp_path),
            "TAP_GENESYS_CONVERSATION_SOURCE": "query",
            "TAP_GENESYS_PAGE_SIZE": "10",
        }
        with Engine(tmp_path / "home", settings, environ, workers=4) as engine:
            engine.backfill_command("backfill", "demo", "--wait")
        statuses = [served.status for served in sandbox.requests]
    assert len(statuses) > BUDGET
    assert TOO_MANY_REQUESTS not in statuses
