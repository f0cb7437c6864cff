"""Asynchronous jobs: their states, their results, and how both come to an end.

What a job looks for is not this module's business: it is handed in, and found in a
thread of its own. States and results go by real time, dates by the world's clock.
"""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Generic, Literal, TypeVar
from uuid import uuid4

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.world.times import SECOND, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.options import SandboxOptions

    State = Literal["QUEUED", "PENDING", "FULFILLED", "FAILED", "CANCELLED", "EXPIRED"]

Item = TypeVar("Item")
Find = Callable[[Callable[[], None]], Sequence[Item]]
"""What a job does; it calls its argument now and then, which raises to break it off."""
_FATES: dict[str | None, State] = {"job-failed": "FAILED", "job-cancelled": "CANCELLED"}
_STOP_SECONDS = 5


@dataclass(frozen=True)
class Part(Generic[Item]):
    """One page of a job's results."""

    items: Sequence[Item]
    cursor: str | None
    """None: it is the last one."""
    moment: int
    """The watermark under which they were found."""


@dataclass
class Job(Generic[Item]):
    """One job; instants of the world in milliseconds, others of the monotonic clock."""

    submitted: int
    moment: int
    """The watermark at its submission: it sees the world as of then."""
    shortest: float
    """Seconds that it takes at least."""
    fate: State | None = None
    identifier: str = field(default_factory=lambda: str(uuid4()))
    begun: float = field(default_factory=monotonic)
    found: Sequence[Item] | None = None
    done: float | None = None
    error: str | None = None
    expired: bool = False
    stopped: bool = False
    """Nobody waits for it any more."""

    def run(self, find: Find[Item]) -> None:
        """Find the results; what goes wrong is the job's error."""
        try:
            self.found = find(self._go_on)
        except Exception as error:  # noqa: BLE001 (blind-except: it is reported)
            self.error = f"{type(error).__name__}: {error}"
        self.done = monotonic()

    def _go_on(self) -> None:
        if self.stopped:
            message = "the job was stopped"
            raise RuntimeError(message)

    def completed(self, now: float) -> float | None:
        """When it was complete; None: it is under way."""
        if self.done is None or now < self.begun + self.shortest:
            return None
        return max(self.done, self.begun + self.shortest)

    def state(self, now: float, lifetime: float) -> State:
        """Its state; `lifetime`: seconds for which results are kept."""
        completed = self.completed(now)
        if completed is None:
            return "QUEUED" if now < self.begun + self.shortest / 2 else "PENDING"
        if self.fate or self.error:
            return self.fate or "FAILED"
        over = self.expired or now >= completed + lifetime
        return "EXPIRED" if over else "FULFILLED"


class Jobs(Generic[Item]):
    """The jobs of one kind. Safe for threads."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Item]] = {}
        self._threads: list[threading.Thread] = []
        self.submitted = 0
        """How many there have been."""

    @property
    def open(self) -> tuple[str, ...]:
        """The ids of those that nobody has deleted, the oldest first."""
        with self._lock:
            return tuple(self._jobs)

    def submit(
        self,
        find: Find[Item],
        *,
        now: int,
        moment: int,
        fault: str | None = None,
    ) -> str:
        """Start a job at an instant of the world; too many at a time are refused."""
        job: Job[Item] = Job(
            now, moment, self._options.job_seconds, fate=_FATES.get(fault)
        )
        thread = threading.Thread(
            target=job.run, args=(find,), name="sandbox job", daemon=True
        )
        with self._lock:
            present = monotonic()
            busy = sum(x.completed(present) is None for x in self._jobs.values())
            if busy >= self._options.max_concurrent_jobs:
                raise errors.too_many_requests(1)
            self._jobs[job.identifier] = job
            self.submitted += 1
            self._threads = [x for x in self._threads if x.is_alive()]
            self._threads.append(thread)
            thread.start()
        return job.identifier

    def status(self, identifier: str) -> dict[str, str]:
        """The AsyncQueryStatus of a job."""
        job, now = self._get(identifier), monotonic()
        state = job.state(now, self._options.results_lifetime)
        status = {"state": state, "submissionDate": stamp(job.submitted)}
        completed = job.completed(now)
        if completed is not None:
            taken = int((completed - job.begun) * SECOND)
            lifetime = int(self._options.results_lifetime * SECOND)
            status["completionDate"] = stamp(job.submitted + taken)
            status["expirationDate"] = stamp(job.submitted + taken + lifetime)
        if state == "FAILED":
            status["errorMessage"] = job.error or "The query could not be executed."
        return status

    def results(
        self, identifier: str, cursor: str | None, page_size: int, *, last: bool = False
    ) -> Part[Item]:
        """A page of a job's results; `last`: they expire when it has been read."""
        job, now = self._get(identifier), monotonic()
        state = job.state(now, self._options.results_lifetime)
        completed = job.completed(now)
        if (
            state != "FULFILLED"
            or job.found is None
            or completed is None
            or now < completed + self._options.results_delay
        ):
            message = f"The job {identifier} has no results: it is {state}."
            raise errors.not_found(message)
        first = 0 if cursor is None else _offset(cursor, identifier, len(job.found))
        items = job.found[first : first + page_size]
        more = first + page_size < len(job.found)
        job.expired = last
        following = _cursor(identifier, first + page_size) if more else None
        return Part(items, following, job.moment)

    def delete(self, identifier: str) -> None:
        """Forget a job and its results."""
        with self._lock:
            job = self._jobs.pop(identifier, None)
        if job is None:
            raise _unknown(identifier)
        job.stopped = True

    def stop(self) -> None:
        """Give up those that are under way."""
        with self._lock:
            threads = self._threads
            for job in self._jobs.values():
                job.stopped = True
        for thread in threads:
            thread.join(_STOP_SECONDS)

    def _get(self, identifier: str) -> Job[Item]:
        with self._lock:
            job = self._jobs.get(identifier)
        if job is None:
            raise _unknown(identifier)
        return job


def _unknown(identifier: str) -> errors.ApiError:
    return errors.not_found(f"No job has the id {identifier}.")


def _cursor(identifier: str, offset: int) -> str:
    return urlsafe_b64encode(f"{identifier}:{offset}".encode()).decode()


def _offset(cursor: str, identifier: str, end: int) -> int:
    """Where a cursor of this job stands; of another one, it is wrong."""
    try:
        owner, _, offset = urlsafe_b64decode(cursor).decode().partition(":")
        if owner == identifier and 0 < int(offset) < end:
            return int(offset)
    except ValueError:
        pass
    message = f"The cursor {cursor} is not valid."
    raise errors.bad_request(message)
