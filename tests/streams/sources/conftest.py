"""A sandbox whose jobs are hours behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.streams.sources.runs import PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud whose jobs are six hours behind."""
    options = SandboxOptions(
        conversations_per_day=PER_DAY, requests_per_minute=0, job_seconds=0.02
    )
    with Sandbox(options) as sandbox:
        yield sandbox
