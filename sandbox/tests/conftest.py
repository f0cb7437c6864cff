"""A sandbox whose clock a test sets, and a plain client of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from tests.clocks import Clock
from tests.homes import clear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUERY = "/api/v2/analytics/conversations/details/query"
NOON = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)

# No property test fails because the machine is busy, or because the first text that is
# drawn in a fresh clone has to wait for a table of Unicode. What else Hypothesis sets
# for continuous integration, such as the same examples in each run, stays as it is.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


@dataclass
class Client:
    """Asks a sandbox by plain requests."""

    sandbox: Sandbox
    session: requests.Session
    token: str = ""

    def login(self, **body: str) -> requests.Response:
        """Ask for a token, with the right credentials unless others are given."""
        options = self.sandbox.options
        auth = None if body else (options.client_id, options.client_secret)
        return self.session.post(
            f"{self.sandbox.login_url}/oauth/token",
            auth=auth,
            data={"grant_type": "client_credentials", **body},
            timeout=10,
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        fault: str | None = None,
        **settings: Any,
    ) -> requests.Response:
        """Send a request to the API host, with a token."""
        if not self.token:
            self.token = self.login().json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        if fault:
            headers["Sandbox-Fault"] = fault
        return self.session.request(
            method,
            f"{self.sandbox.api_url}{path}",
            headers=headers | settings.pop("headers", {}),
            timeout=10,
            **settings,
        )

    def query(self, *, fault: str | None = None, **body: Any) -> requests.Response:
        """Ask the details query; the interval is 4 March unless given."""
        body = {"interval": "2026-03-04T00:00:00Z/2026-03-05T00:00:00Z", **body}
        return self.ask("POST", QUERY, fault=fault, json=body)

    def page(self, number: int, size: int = 100, **body: Any) -> dict[str, Any]:
        """One page of the details query."""
        paging = {"pageNumber": number, "pageSize": size}
        answer: dict[str, Any] = self.query(paging=paging, **body).json()
        return answer

    def all(self, **body: Any) -> list[dict[str, Any]]:
        """Every page of the details query."""
        found: list[dict[str, Any]] = []
        for number in count(1):
            page = self.page(number, **body).get("conversations")
            if not page:
                break
            found += page
        return found


@pytest.fixture(scope="package")
def shared() -> Iterator[Client]:
    """A sandbox for all tests that need no options, with 300 conversations a day."""
    options = SandboxOptions(
        clock=Clock(NOON), requests_per_minute=0, conversations_per_day=300
    )
    with Sandbox(options) as sandbox, requests.Session() as session:
        yield Client(sandbox, session)


@pytest.fixture
def clock(shared: Client) -> Clock:
    """A clock at noon of 5 March 2026, UTC: that of the sandbox."""
    clock = shared.sandbox.options.clock
    assert isinstance(clock, Clock)
    clock.now = NOON
    return clock


@pytest.fixture
def client(shared: Client, clock: Clock) -> Client:
    """A client of a sandbox with nothing special, as if it had just started."""
    assert clock.now == NOON
    shared.token = ""
    shared.sandbox.faults.clear()
    shared.sandbox.faults.happened.clear()
    shared.sandbox.requests.clear()
    return shared


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., Client]]:
    """Starts sandboxes with the options that a test gives; ends them after it."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Client:
            options = {"clock": clock, "requests_per_minute": 0, **options}
            sandbox = stack.enter_context(Sandbox(SandboxOptions(**options)))
            session = stack.enter_context(requests.Session())
            return Client(sandbox, session)

        yield begin


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home in pytest's folder, which is closed to other accounts."""
    home = tmp_path / "home"
    yield home
    clear(home)


@pytest.fixture
def jobs(start: Callable[..., Client]) -> Client:
    """A client of a sandbox whose jobs take no time, with data up to noon."""
    client = start(job_seconds=0, conversations_per_day=120)
    client.sandbox.watermark.hold(NOON)
    client.sandbox.users_watermark.hold(NOON)
    return client
