"""Up to when the data that jobs read is complete."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.times import SECOND, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Watermark:
    """The `dataAvailabilityDate` of one kind of jobs. Safe for threads.

    It follows the clock at a distance, in steps, unless a test holds it.
    """

    def __init__(
        self, clock: Callable[[], datetime], lag_seconds: int, step_seconds: int
    ) -> None:
        self._clock = clock
        self._lag = lag_seconds * SECOND
        self._step = step_seconds * SECOND
        self._lock = threading.Lock()
        self._held: int | None = None

    def hold(self, moment: datetime) -> None:
        """Put it at a moment, where it stands still."""
        with self._lock:
            self._held = milliseconds(moment)

    def release(self) -> None:
        """Let it follow the clock again."""
        with self._lock:
            self._held = None

    def now(self) -> int:
        """Where it is, in milliseconds since 1970-01-01T00:00Z."""
        with self._lock:
            if self._held is not None:
                return self._held
        behind = milliseconds(self._clock()) - self._lag
        return behind // self._step * self._step
