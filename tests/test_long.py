"""What takes many minutes: real volumes, at the API's real limits."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.paths import DETAILS_QUERY

if TYPE_CHECKING:
    from pathlib import Path

PER_DAY = 250_000
MIDNIGHT = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = MIDNIGHT - timedelta(days=20)


@pytest.mark.long
def test_a_day_of_250_000_conversations_is_read_completely_by_the_query(
    tmp_path: Path,
) -> None:
    """At the real cap of 100,000, where a part of the day answers for the whole day."""
    options = SandboxOptions(conversations_per_day=PER_DAY, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        config = singer.settings(
            sandbox,
            start_date=format_timestamp(DAY),
            end_date=format_timestamp(DAY + timedelta(days=1)),
            strict_completeness=True,
            request_timeout=600,
        )
        catalog = singer.catalog_of(singer.CONVERSATIONS)
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                if not entry["breadcrumb"]:
                    chosen = stream["tap_stream_id"] == "conversations"
                    entry["metadata"]["selected"] = chosen
        process = singer.start(tmp_path, config, catalog=catalog)
        assert process.wait(timeout=3000) == 0, (tmp_path / "log").read_text("utf-8")
        index = sandbox.world.day(DAY.date())
        expected = {
            sandbox.world.identifier(index.number, each) for each in index.indexes
        }
        pages = sandbox.requests.count(DETAILS_QUERY)
    with (tmp_path / "out").open("rb") as out:
        messages = singer.Messages.read(out)
    ids = [row["conversation_id"] for row in messages.records["conversations"]]
    assert len(ids) == len(set(ids)) == PER_DAY
    assert set(ids) == expected
    assert messages.bookmarks[-1] == config["end_date"]
    assert pages > PER_DAY / 100
