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

#: Seconds of the window that Genesys counts in, and one more: requests do not take
#: equally long to get there.
WINDOW = 61.0

#: Waits of this many seconds or more are logged.
_LONG = 5.0


class RateBudget:
    """Delays each request until the window has room for it.

    The allowance is a window, not a pace: a short run may spend it in a burst. Genesys
    counts in windows that begin when it chooses. No stretch of time as long as a window
    holds more of our requests than a window allows, so none is refused, wherever the
    windows begin. The counts in Genesys' responses are used as well, because other
    programs may share the client. Safe to share between threads.

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
        self._most = requests_per_minute
        self._allowed = requests_per_minute
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: deque[float] = deque()
        self._closed_until = 0.0

    def spend(self) -> None:
        """Wait until a request may be sent, and count it."""
        logged = False
        while (wait := self._try()) > 0:
            if wait >= _LONG and not logged:
                logged = True
                logger.info(
                    "The rate limit (%d requests a minute) is used up: going on in "
                    "%.0f seconds.",
                    self._allowed,
                    wait,
                )
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Hold back the requests of all threads for some seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def update_from_headers(self, headers: Mapping[str, str]) -> None:
        """Use the counts that Genesys sends: headers ``inin-ratelimit-…``."""
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
        """Count a request and return 0, or return the seconds to wait first."""
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
