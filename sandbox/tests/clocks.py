"""A clock that only tests move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on."""
        self.now += timedelta(**duration)
