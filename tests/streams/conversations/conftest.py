"""A sandbox with three days of conversations that tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.streams.conversations.days import PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud without a rate limit."""
    with Sandbox(
        SandboxOptions(conversations_per_day=PER_DAY, requests_per_minute=0)
    ) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh_log(sandbox: Sandbox) -> None:
    """Count the requests of one test only."""
    sandbox.requests.clear()
