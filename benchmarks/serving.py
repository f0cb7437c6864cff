"""Servers to measure against, each started and ended with a `with` block."""

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
    """A request that was answered; times in seconds."""

    begun: float
    ended: float
    method: str
    path: str
    status: int | None


@dataclass(frozen=True)
class Days:
    """UTC days in a row."""

    first: date
    count: int

    @property
    def start(self) -> str:
        """Where they begin."""
        return f"{self.first}T00:00:00Z"

    @property
    def end(self) -> str:
        """Where the day after them begins."""
        return f"{self.first + timedelta(days=self.count)}T00:00:00Z"

    @property
    def before(self) -> Days:
        """The day before them."""
        return Days(self.first - timedelta(days=1), 1)


def past_days(count: int) -> Days:
    """Return so many days, the last of them some days ago."""
    today = datetime.now(timezone.utc).date()
    return Days(today - timedelta(days=count + 2), count)


@dataclass(frozen=True)
class Server:
    """A Genesys Cloud in a process of its own, and what it was asked."""

    api_url: str
    login_url: str
    days: Days
    conversations_per_day: int
    log: Path

    def asked(self, since: float = 0) -> list[Request]:
        """Return the API's requests since a moment, in the order in which they came."""
        lines = self.log.read_text("utf-8").splitlines()
        requests = sorted(Request(*json.loads(line)) for line in lines)
        return [
            each for each in requests if each.begun >= since and each.path != _LOGIN
        ]

    def refused(self, since: float = 0) -> int:
        """Return how many requests since a moment were more than the limit allows."""
        return sum(each.status == _TOO_MANY_REQUESTS for each in self.asked(since))


def record(folder: Path, conversations: int) -> Path:
    """Record a day of so many conversations; return the folder that has it."""
    recording = folder / f"recording-{conversations}"
    if not recording.exists():
        recording.mkdir()
        module = "benchmarks.recording"
        command = [sys.executable, "-m", module, str(recording), str(conversations)]
        subprocess.run(command, cwd=ROOT, check=True)
    return recording


def bytes_per_conversation(recording: Path) -> float:
    """Return how large a conversation is, as the query answers it."""
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
    """Serve days of so many conversations each, from memory."""
    told = past_days(days)
    with _serving(
        folder,
        told,
        conversations,
        f"--recording={record(folder, conversations)}",
        f"--first-day={told.first}",
        f"--days={told.count}",
        f"--latency={latency}",
        f"--requests-per-minute={requests_per_minute}",
    ) as server:
        yield server


@contextmanager
def sandbox(folder: Path, conversations: int) -> Iterator[Server]:
    """Serve the sandbox itself, with so many conversations a day."""
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
