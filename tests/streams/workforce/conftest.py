"""A Genesys Cloud for the tests of schedules and adherence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from genesys_cloud_sandbox.server import Sandbox

from tests.streams.workforce.reading import options

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    with Sandbox(options()) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def fresh(sandbox: Sandbox) -> None:
    """Count the requests of one test only, and let nothing go wrong."""
    sandbox.requests.clear()
    sandbox.faults.clear()
