"""Servers for measurements, as context managers."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measuring import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT_ID, CLIENT_SECRET = "sandbox", "sandbox-secret"

_LOGIN = "/oauth/token"
_TOO_MANY_REQUESTS = 429


class Request(NamedTuple):
    """A request with its response; times in seconds."""

    begun: float
    ended: float
    method: str
    path: str
    status: int | None


@dataclass(frozen=True)
class Days:
    """Consecutive UTC days."""

    first: date
    count: int

    @property
    def start(self) -> str:
        """The start of the first day."""
        return f"{self.first}T00:00:00Z"

    @property
    def end(self) -> str:
        """The end of the last day."""
        return f"{self.first + timedelta(days=self.count)}T00:00:00Z"

    @property
    def before(self) -> Days:
        """The day before the first."""
        return Days(self.first - timedelta(days=1), 1)


def past_days(count: int) -> Days:
    """Return a number of days, the last of them some days ago."""
    today = datetime.now(timezone.utc).date()
    return Days(today - timedelta(days=count + 2), count)


@dataclass(frozen=True)
class Server:
    """A Genesys Cloud in its own process, with a log of its requests."""

    api_url: str
    login_url: str
    days: Days
    conversations_per_day: int
    log: Path

    def requests_since(self, since: float = 0) -> list[Request]:
        """Return the API requests since a moment, in order of arrival."""
        lines = self.log.read_text("utf-8").splitlines()
        requests = sorted(Request(*json.loads(line)) for line in lines)
        return [
            request
            for request in requests
            if request.begun >= since and request.path != _LOGIN
        ]

    def refused(self, since: float = 0) -> int:
        """Return the number of requests since a moment that exceeded the limit."""
        return sum(
            request.status == _TOO_MANY_REQUESTS
            for request in self.requests_since(since)
        )


def record(folder: Path, conversations: int) -> Path:
    """Record a day with a number of conversations; return its folder."""
    recording = folder / f"recording-{conversations}"
    if not recording.exists():
        recording.mkdir()
        module = "benchmarks.recording"
        command = [sys.executable, "-m", module, str(recording), str(conversations)]
        subprocess.run(command, cwd=ROOT, check=True)
    return recording


def bytes_per_conversation(recording: Path) -> float:
    """Return the mean size of a conversation in the query's response."""
    about = json.loads((recording / "about.json").read_text("utf-8"))
    size = sum(page.stat().st_size for page in recording.glob("page-*"))
    return float(size / about["total"])


@contextmanager
def replay(
    folder: Path,
    conversations: int,
    days: int,
    *,
    latency: float = 0,
    requests_per_minute: int = 0,
) -> Iterator[Server]:
    """Serve days with a number of conversations each, from memory."""
    served_days = past_days(days)
    with _serving(
        folder,
        served_days,
        conversations,
        f"--recording={record(folder, conversations)}",
        f"--first-day={served_days.first}",
        f"--days={served_days.count}",
        f"--latency={latency}",
        f"--requests-per-minute={requests_per_minute}",
    ) as server:
        yield server


@contextmanager
def sandbox(folder: Path, conversations: int) -> Iterator[Server]:
    """Serve the sandbox with a number of conversations per day."""
    option = f"--conversations-per-day={conversations}"
    with _serving(folder, past_days(1), conversations, option) as server:
        yield server


@contextmanager
def _serving(
    folder: Path, days: Days, conversations: int, *options: str
) -> Iterator[Server]:
    log = folder / "requests.log"
    command = [sys.executable, "-m", "benchmarks.server", f"--log={log}", *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            api_url, login_url = line.split()
            yield Server(api_url, login_url, days, conversations, log)
        finally:
            process.terminate()
