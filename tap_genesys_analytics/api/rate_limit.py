"""The rate limit: one budget of requests a minute for all threads of a run."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger("tap-genesys")

#: The seconds of Genesys' window, and one more because latencies differ.
WINDOW = 61.0

#: Waits of at least this many seconds are logged.
_LOGGED_WAIT = 5.0


class RateBudget:
    """Delays requests so that Genesys refuses none for its rate limit.

    The limit is a number per window, not a pace: a burst may use it up at once. The tap
    does not know when Genesys' windows begin, so it keeps to the limit in every sliding
    window. It also uses the counts in Genesys' responses, because other programs may
    share the client. Thread-safe.

    Existing limiters support either a window that others share, or a pause that one
    response imposes on all threads, but not both.
    """

    def __init__(
        self,
        requests_per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._configured = requests_per_minute
        self._allowed = requests_per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()
        self._paused_until = 0.0

    def spend(self) -> None:
        """Wait until a request may be sent, and count it."""
        logged = False
        while (wait := self._try_to_spend()) > 0:
            if wait >= _LOGGED_WAIT and not logged:
                logged = True
                logger.info(
                    "The rate limit (%d requests a minute) is used up: going on in "
                    "%.0f seconds.",
                    self._allowed,
                    wait,
                )
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Delay the requests of all threads by some seconds."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def update_from_headers(self, headers: Mapping[str, str]) -> None:
        """Apply the limit and the count in the headers ``inin-ratelimit-…``."""
        try:
            count = int(headers["inin-ratelimit-count"])
            allowed = int(headers["inin-ratelimit-allowed"])
            reset = float(headers["inin-ratelimit-reset"])
        except (KeyError, ValueError):
            return
        with self._lock:
            self._allowed = min(self._configured, max(1, allowed))
        if count >= allowed > 0:
            self.pause(min(reset, WINDOW))

    def _try_to_spend(self) -> float:
        """Count a request and return 0; or return the seconds to wait before it."""
        with self._lock:
            now = self._clock()
            while self._sent and now - self._sent[0] >= WINDOW:
                self._sent.popleft()
            wait = self._paused_until - now
            if len(self._sent) >= self._allowed:
                oldest = self._sent[len(self._sent) - self._allowed]
                wait = max(wait, oldest + WINDOW - now)
            if wait <= 0:
                self._sent.append(now)
                return 0
            return wait
