"""The log of requests and of how they were served."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEPT = 100_000


@dataclass(frozen=True)
class Served:
    """A request that had a response, or whose connection was closed."""

    method: str
    path: str
    interval: str | None
    page_number: int | None
    page_size: int | None
    #: None: the connection was closed before a response.
    status: int | None
    fault: str | None
    seconds: float


class RequestLog:
    """The last requests, in the order of their ends. Safe for threads."""

    def __init__(self, listener: Callable[[Served], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._served: deque[Served] = deque(maxlen=_KEPT)
        self._listener = listener

    def add(self, served: Served) -> None:
        """Note a request."""
        with self._lock:
            self._served.append(served)
        if self._listener is not None:
            self._listener(served)

    def count(
        self,
        path: str | None = None,
        *,
        method: str | None = None,
        status: int | None = None,
    ) -> int:
        """Return how many requests were of a path, method and status; None: any."""
        return sum(
            path in (None, served.path)
            and method in (None, served.method)
            and status in (None, served.status)
            for served in self
        )

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._served.clear()

    def __iter__(self) -> Iterator[Served]:
        with self._lock:
            return iter(list(self._served))

    def __len__(self) -> int:
        with self._lock:
            return len(self._served)
