"""Waiting for what Genesys works out in its own time: analytics jobs and reports."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("tap-genesys")

#: Seconds between two requests for a job's state: the first wait, then half as long
#: again each time, up to the longest.
FIRST_POLL, LONGEST_POLL = 1.0, 30.0

#: Seconds after which a job that is still not done is given up, unless a setting says
#: otherwise.
JOB_TIMEOUT = 30 * 60.0

#: Seconds from one log line on a job that is waited for to the next.
TOLD_EVERY = 3 * 60.0

#: How often a job is submitted anew because its results have expired.
MAX_SUBMISSIONS = 3


class JobFailedError(GenesysError):
    """A job or report ended without results, or did not end at all."""


class Polling:
    """The one poll loop; ``cancel`` ends it, also from another thread.

    ``timeout`` is the number of seconds after which it gives up.
    """

    def __init__(
        self,
        timeout: float = JOB_TIMEOUT,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.timeout = timeout
        self.clock = clock
        self._cancelled = threading.Event()
        self.sleep = sleep or self._cancelled.wait

    def until_done(self, name: str, unfinished_state: Callable[[], str | None]) -> None:
        """Return when there is no unfinished state any more.

        ``unfinished_state`` asks Genesys once: it returns the state of what is under
        way, None when that is done, and raises if it failed. ``name`` is for errors.

        Raises:
            JobFailedError: It takes too long, or the run was cancelled.
        """
        began, wait, told = self.clock(), FIRST_POLL, 0.0
        while (state := unfinished_state()) is not None:
            waited = self.clock() - began
            if waited > self.timeout:
                message = (
                    f"{name} is still {state} after {waited / 60:.0f} minutes: "
                    "run again later, or raise the setting job_timeout"
                )
                raise JobFailedError(message)
            if waited - told >= TOLD_EVERY:
                told = waited
                logger.info(
                    "%s is %s, and has been waited for for %.0f minutes.",
                    name,
                    state,
                    waited / 60,
                )
            self.sleep(wait)
            self.check_not_cancelled(f"{name} is not waited for")
            wait = min(wait * 1.5, LONGEST_POLL)

    def cancel(self) -> None:
        """End every wait: the run was stopped, or the stream has ended."""
        self._cancelled.set()

    def check_not_cancelled(self, what: str) -> None:
        """Raise an error if the run was cancelled.

        Raises:
            JobFailedError: It was.
        """
        if self._cancelled.is_set():
            message = f"{what} any more: the run is broken off"
            raise JobFailedError(message)
