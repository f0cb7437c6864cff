"""What tests of aggregates share: a Genesys Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    options = SandboxOptions(conversations_per_day=80, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh_log(sandbox: Sandbox) -> None:
    """Count the requests of one test only."""
    sandbox.faults.clear()
    sandbox.requests.clear()
