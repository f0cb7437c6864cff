"""Stream maps: what should not leave Genesys is changed on its way."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests import singer
from tests.spans import SPAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    options = SandboxOptions(
        conversations_per_day=30, requests_per_minute=0, job_seconds=0.02
    )
    with Sandbox(options) as sandbox:
        yield sandbox


def test_the_maps_in_the_manual_hash_drop_and_filter(
    sandbox: Sandbox, tmp_path: Path, manual_settings: list[dict[str, Any]]
) -> None:
    """And everything else comes as it does without them."""
    (maps,) = (each for each in manual_settings if "stream_maps" in each)
    config = singer.settings(sandbox, **SPAN, conversation_source="jobs")
    (tmp_path / "plain").mkdir()
    (tmp_path / "mapped").mkdir()
    plain = singer.run(tmp_path / "plain", config)
    mapped = singer.run(tmp_path / "mapped", {**config, **maps})
    assert plain.exit_code == mapped.exit_code == 0, mapped.errors
    before, after = plain.messages.records, mapped.messages.records
    hashed = 0
    for row, changed in zip(
        before["conversation_sessions"], after["conversation_sessions"], strict=True
    ):
        ani = row["ani"]
        digest = ani and hashlib.sha256(ani.encode()).hexdigest()
        assert changed["ani"] == digest
        assert "remote" not in changed
        hashed += bool(ani)
        same = row.keys() - {"ani", "remote", "extracted_at"}
        assert {name: row[name] for name in same} == {
            name: changed[name] for name in same
        }
    assert hashed
    assert any(row["remote"] for row in before["conversation_sessions"])
    schema = mapped.messages.schemas["conversation_sessions"]["schema"]
    assert "remote" not in schema["properties"]
    kept = [
        row
        for row in before["conversation_attributes"]
        if row["name"] in {"language", "menuChoice"}
    ]
    assert len(after["conversation_attributes"]) == len(kept) > 0
    assert len(kept) < len(before["conversation_attributes"])
    for name in ("conversations", "conversation_segments", "conversation_metrics"):
        assert len(after[name]) == len(before[name]) > 0
