"""Asynchronous jobs: their states and their results.

States and results go by real time, dates by the world's clock.
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
#: What a job does; it calls its argument now and then, which raises once it is stopped.
Find = Callable[[Callable[[], None]], Sequence[Item]]
_FINAL_STATES: dict[str | None, State] = {
    "job-failed": "FAILED",
    "job-cancelled": "CANCELLED",
}
_STOP_SECONDS = 5


class Stoppable:
    """Computing that another thread can give up."""

    stopped = False

    def stop(self) -> None:
        """Give up what is being computed."""
        self.stopped = True

    def check_stopped(self) -> None:
        """Raise an exception if the computing was given up."""
        if self.stopped:
            message = "it was stopped"
            raise RuntimeError(message)


@dataclass(frozen=True)
class ResultsPage(Generic[Item]):
    """One page of a job's results."""

    items: Sequence[Item]
    #: None: it is the last page.
    cursor: str | None
    #: The instant whose data the job sees.
    moment: int


@dataclass
class Job(Stoppable, Generic[Item]):
    """One job; instants of the world in milliseconds, others of the monotonic clock."""

    submitted: int
    #: The instant whose data the job sees.
    moment: int
    #: Seconds that it takes at least.
    shortest: float
    #: The state that a fault gives it in the end.
    final_state: State | None = None
    identifier: str = field(default_factory=lambda: str(uuid4()))
    begun: float = field(default_factory=monotonic)
    found: Sequence[Item] | None = None
    done: float | None = None
    error: str | None = None
    expired: bool = False

    def run(self, find: Find[Item]) -> None:
        """Find the results; an exception becomes the job's error."""
        try:
            self.found = find(self.check_stopped)
        except Exception as error:  # noqa: BLE001 (blind-except: it is reported)
            self.error = f"{type(error).__name__}: {error}"
        self.done = monotonic()

    def completed(self, now: float) -> float | None:
        """Return when the job was complete; None: it is under way."""
        if self.done is None or now < self.begun + self.shortest:
            return None
        return max(self.done, self.begun + self.shortest)

    def state(self, now: float, lifetime: float) -> State:
        """Return the state; `lifetime`: seconds for which results are kept."""
        completed = self.completed(now)
        if completed is None:
            return "QUEUED" if now < self.begun + self.shortest / 2 else "PENDING"
        if self.final_state or self.error:
            return self.final_state or "FAILED"
        over = self.expired or now >= completed + lifetime
        return "EXPIRED" if over else "FULFILLED"


class Jobs(Generic[Item]):
    """The jobs of one kind. Safe for threads."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Item]] = {}
        self._threads: list[threading.Thread] = []
        #: How many jobs there have been.
        self.submitted = 0

    @property
    def open(self) -> tuple[str, ...]:
        """The ids of the jobs that have not been deleted, the oldest first."""
        with self._lock:
            return tuple(self._jobs)

    def submit(
        self, find: Find[Item], *, now: int, moment: int, fault: str | None = None
    ) -> str:
        """Start a job at an instant of the world; too many at a time are refused."""
        job: Job[Item] = Job(
            now, moment, self._options.job_seconds, _FINAL_STATES.get(fault)
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
        """Return the AsyncQueryStatus of a job."""
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
    ) -> ResultsPage[Item]:
        """Return a page of a job's results; `last`: they expire once it is read."""
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
        job.expired = last
        end = first + page_size
        following = _cursor(identifier, end) if end < len(job.found) else None
        return ResultsPage(job.found[first:end], following, job.moment)

    def delete(self, identifier: str) -> None:
        """Forget a job and its results."""
        self._get(identifier, remove=True).stop()

    def stop(self) -> None:
        """Give up the jobs that are under way."""
        with self._lock:
            threads = self._threads
            for job in self._jobs.values():
                job.stop()
        for thread in threads:
            thread.join(_STOP_SECONDS)

    def _get(self, identifier: str, *, remove: bool = False) -> Job[Item]:
        with self._lock:
            get = self._jobs.pop if remove else self._jobs.get
            job = get(identifier, None)
        if job is None:
            message = f"No job has the id {identifier}."
            raise errors.not_found(message)
        return job


def _cursor(identifier: str, offset: int) -> str:
    return urlsafe_b64encode(f"{identifier}:{offset}".encode()).decode()


def _offset(cursor: str, identifier: str, end: int) -> int:
    """Return the offset of a cursor; one of another job is not valid."""
    try:
        owner, _, offset = urlsafe_b64decode(cursor).decode().partition(":")
        if owner == identifier and 0 < int(offset) < end:
            return int(offset)
    except ValueError:
        pass
    message = f"The cursor {cursor} is not valid."
    raise errors.bad_request(message)
