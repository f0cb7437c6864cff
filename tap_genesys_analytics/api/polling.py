"""Polling of analytics jobs and reports until Genesys has finished them."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("tap-genesys")

#: Seconds between two requests for a job's state. Each wait is 1.5 times the previous.
FIRST_POLL, LONGEST_POLL = 1.0, 30.0

#: The tap gives up a job that is not done after this many seconds, unless the setting
#: job_timeout says otherwise.
JOB_TIMEOUT = 30 * 60.0

#: Seconds between two log lines on a job that is not done.
LOG_INTERVAL = 3 * 60.0

#: The maximum number of submissions of a job whose results expire.
MAX_SUBMISSIONS = 3


class JobFailedError(GenesysError):
    """A job or report failed, took too long, or was cancelled."""


class Polling:
    """The poll loop. Another thread can end it with ``cancel``.

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
        """Return when a job is done.

        ``unfinished_state`` sends one request and returns the state of a job that still
        runs, None if the job is done. It raises an error if the job has failed.
        ``name`` names the job in errors.

        Raises:
            JobFailedError: The job took too long, or ``cancel`` was called.
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
            if waited - told >= LOG_INTERVAL:
                told = waited
                logger.info(
                    "%s is %s, and has been waited for for %.0f minutes.",
                    name,
                    state,
                    waited / 60,
                )
            self.sleep(wait)
            self.check_not_cancelled(f"stopped waiting for {name}")
            wait = min(wait * 1.5, LONGEST_POLL)

    def cancel(self) -> None:
        """End all waits, because the run was stopped or the stream has ended."""
        self._cancelled.set()

    def check_not_cancelled(self, consequence: str) -> None:
        """Raise an error if the waits were cancelled.

        Raises:
            JobFailedError: ``cancel`` was called.
        """
        if self._cancelled.is_set():
            message = f"{consequence}: the run is being stopped"
            raise JobFailedError(message)
