"""A sandbox that is quickly searched: searches look back for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from tests.clocks import Clock
from tests.conftest import NOON, Client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def searched() -> Iterator[Client]:
    """A client of a sandbox with few conversations."""
    options = SandboxOptions(
        clock=Clock(NOON), requests_per_minute=0, conversations_per_day=30
    )
    with Sandbox(options) as sandbox, requests.Session() as session:
        yield Client(sandbox, session)


@pytest.fixture(autouse=True)
def clock(searched: Client) -> Clock:
    """Its clock, at noon of 5 March 2026, UTC."""
    clock = searched.sandbox.options.clock
    assert isinstance(clock, Clock)
    clock.now = NOON
    return clock


@pytest.fixture
def client(searched: Client) -> Client:
    """Give the client, its clock set."""
    return searched
