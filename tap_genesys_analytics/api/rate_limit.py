"""How many requests a minute: one budget for all threads of a run."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger("tap-genesys")

#: Seconds of the window that Genesys counts in, and one more: requests do not take
#: equally long to get there.
WINDOW = 61.0

#: Seconds of waiting that are worth a line in the log.
_LONG = 5.0


class RateBudget:
    """Lets a request go when the window has room for it, and keeps it back until then.

    The allowance is a window, not a pace: a short run may spend it in a burst. Genesys
    counts in windows whose beginning is its own; no stretch of a window's length holds
    more requests of ours than one allows, so wherever they begin, none is refused.
    What its answers say of the count is heeded, because other programs may use the
    same client. Safe to share between threads.

    A library for this knows either the one or the other: a window that others spend
    from, too, or a wait that one answer imposes on all threads.
    """

    def __init__(
        self,
        requests_per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._most = requests_per_minute
        self._allowed = requests_per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()
        self._closed_until = 0.0

    def spend(self) -> None:
        """Return when a request may be sent, and count it."""
        told = False
        while (wait := self._try()) > 0:
            if wait >= _LONG and not told:
                told = True
                logger.info(
                    "The rate limit (%d requests a minute) is used up: going on in "
                    "%.0f seconds.",
                    self._allowed,
                    wait,
                )
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Send nothing for some seconds, whichever thread would."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def heed(self, headers: Mapping[str, str]) -> None:
        """Take from an answer what Genesys counts: ``inin-ratelimit-…``."""
        try:
            count = int(headers["inin-ratelimit-count"])
            allowed = int(headers["inin-ratelimit-allowed"])
            reset = float(headers["inin-ratelimit-reset"])
        except (KeyError, ValueError):
            return
        with self._lock:
            self._allowed = min(self._most, max(1, allowed))
        if count >= allowed > 0:
            self.pause(min(reset, WINDOW))

    def _try(self) -> float:
        """Count a request and return 0, or return the seconds to wait before."""
        with self._lock:
            now = self._clock()
            while self._sent and now - self._sent[0] >= WINDOW:
                self._sent.popleft()
            wait = self._closed_until - now
            if len(self._sent) >= self._allowed:
                first_to_leave = self._sent[len(self._sent) - self._allowed]
                wait = max(wait, first_to_leave + WINDOW - now)
            if wait <= 0:
                self._sent.append(now)
                return 0
            return wait
