"""Faults on request: what can go wrong between a client and a real API."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Literal, get_args

from genesys_cloud_sandbox.api.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable

FaultKind = Literal[
    "too-many-requests",
    "server-error",
    "bad-request",
    "drop",
    "truncate",
    "expire-token",
    "revoke-token",
    "latency",
    "payload-too-large",
    "not-json",
    "job-failed",
    "job-cancelled",
    "results-expired",
]
_KINDS: tuple[str, ...] = get_args(FaultKind)
_LOGIN_PATH = "/oauth/token"
_API_ONLY = ("bad-request", "expire-token", "revoke-token", "payload-too-large")
_SUBMITTED = ("*/details/jobs", "*/aggregates/jobs", "*/historical/bulk")
#: The faults of jobs: where they are submitted, or their results are read.
_JOB_PATHS = {
    "job-failed": _SUBMITTED,
    "job-cancelled": _SUBMITTED,
    "results-expired": ("*/details/jobs/*/results", "*/aggregates/jobs/*/results"),
}


@dataclass(frozen=True)
class Fault:
    """A fault that happens to one request."""

    kind: FaultKind
    #: too-many-requests: seconds to wait.
    retry_after: int = 1
    #: server-error: 500, 502, 503 or 504.
    status: int = 503
    #: latency: seconds that the response is delayed.
    seconds: float = 0.1
    #: payload-too-large: pages above this size are refused.
    page_size: int = 50

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read `kind;key=value…`, for instance `too-many-requests;retry-after=5`."""
        kind, *settings = (part.strip() for part in text.split(";"))
        if kind not in _KINDS:
            message = f"unknown fault {kind!r}: one of {', '.join(_KINDS)}"
            raise ValueError(message)
        types = {"retry_after": int, "status": int, "seconds": float, "page_size": int}
        values: dict[str, float] = {}
        for setting in filter(None, settings):
            key, _, value = setting.partition("=")
            name = key.strip().replace("-", "_")
            if name not in types:
                known = ", ".join(x.name for x in fields(cls) if x.name != "kind")
                message = f"unknown setting {key!r} of fault {kind!r}: one of {known}"
                raise ValueError(message.replace("_", "-"))
            values[name] = types[name](value)
        return replace(cls("drop"), kind=kind, **values)  # type: ignore[arg-type]

    def concerns(self, path: str, page_size: int | None) -> bool:
        """Return whether the fault can happen to a request of a path and page size."""
        if self.kind == "payload-too-large":
            return page_size is not None and page_size > self.page_size
        if self.kind in _JOB_PATHS:
            return any(fnmatchcase(path, each) for each in _JOB_PATHS[self.kind])
        return path != _LOGIN_PATH or self.kind not in _API_ONLY


def _header_faults(header: str | None) -> list[Fault]:
    """Return the fault that the header of a request has, if any."""
    if not header:
        return []
    try:
        return [Fault.parse(header)]
    except ValueError as error:
        message = f"Sandbox-Fault: {error}"
        raise bad_request(message) from None


@dataclass
class _Rule:
    fault: Fault
    path: str | None
    strikes: Callable[[], bool]
    times: int | None = None


class Faults:
    """Rules for which requests go wrong, and a count of those. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        #: How often each kind of fault has happened.
        self.happened: Counter[str] = Counter()

    def next(self, fault: Fault, times: int = 1, path: str | None = None) -> None:
        """Let the next `times` requests go wrong that the fault concerns.

        `path`: only requests of this path (`*` matches anything, also slashes); None
        means any path, the login's included.
        """
        self._add(_Rule(fault, path, lambda: True, times))

    def every(self, fault: Fault, nth: int, path: str | None = None) -> None:
        """Let every nth request go wrong."""
        count = 0

        def strikes() -> bool:
            nonlocal count
            count += 1
            return count % nth == 0

        self._add(_Rule(fault, path, strikes))

    def with_probability(
        self, fault: Fault, share: float, seed: int = 1, path: str | None = None
    ) -> None:
        """Let a share of the requests go wrong, drawn from a seed."""
        rng = Random(seed)
        self._add(_Rule(fault, path, lambda: rng.random() < share))

    def add(self, spec: str, seed: int = 1) -> None:
        """Schedule by a text: `KIND@WHEN[;key=value…][;path=PATH]`.

        WHEN is a probability (`0.05`), `every:10`, or `next:3`.
        """
        head, *settings = spec.split(";")
        kind, _, when = head.partition("@")
        paths = [x.partition("=")[2] for x in settings if x.startswith("path=")]
        path = paths[0] if paths else None
        fault = Fault.parse(
            ";".join([kind, *(x for x in settings if not x.startswith("path="))])
        )
        word, _, number = when.partition(":")
        if word == "every" and int(number) > 0:
            self.every(fault, int(number), path)
        elif word == "next":
            self.next(fault, int(number), path)
        elif 0 <= float(when) <= 1:
            self.with_probability(fault, float(when), seed, path)
        else:
            message = f"{when!r} is not a probability between 0 and 1"
            raise ValueError(message)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._rules.clear()

    def draw(
        self, path: str, page_size: int | None = None, header: str | None = None
    ) -> tuple[float, Fault | None]:
        """Return the latency of a request, and the fault that ends it, if any."""
        drawn = _header_faults(header)
        with self._lock:
            for rule in self._rules:
                # A fault that ends the request leaves the others for the next one.
                over = any(fault.kind != "latency" for fault in drawn)
                if over and rule.fault.kind != "latency":
                    continue
                if self._strikes(rule, path, page_size):
                    drawn.append(rule.fault)
            self._rules = [rule for rule in self._rules if rule.times != 0]
            self.happened.update(fault.kind for fault in drawn)
        latency = sum(fault.seconds for fault in drawn if fault.kind == "latency")
        ending = [fault for fault in drawn if fault.kind != "latency"]
        return latency, ending[0] if ending else None

    @staticmethod
    def _strikes(rule: _Rule, path: str, page_size: int | None) -> bool:
        if rule.path is not None and not fnmatchcase(path, rule.path):
            return False
        if not rule.fault.concerns(path, page_size) or not rule.strikes():
            return False
        if rule.times is not None:
            rule.times -= 1
        return True

    def _add(self, rule: _Rule) -> None:
        with self._lock:
            self._rules.append(rule)
