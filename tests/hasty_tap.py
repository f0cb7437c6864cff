"""The tap with its waits shortened, and at another time where a test says so.

python -m tests.hasty_tap
"""

from __future__ import annotations

import os
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import backoff._sync

from tap_genesys_analytics.api import jobs, polling
from tap_genesys_analytics.api import rate_limit as rate
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    import datetime as dt

__all__ = ["TapGenesys", "set_clock"]

polling.FIRST_POLL = 0.02
polling.LONGEST_POLL = 0.1
jobs.RESULTS_GRACE = 1.0
hasty_time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 50))
setattr(backoff._sync, "time", hasty_time)  # noqa: B010 (a module's own import)
pause = rate.RateBudget.pause
rate.RateBudget.pause = lambda self, seconds: pause(self, seconds / 50)  # type: ignore[method-assign]


def set_clock(now: dt.datetime) -> None:
    """Let it be another time for the tap, going on from there."""
    offset = now - TapGenesys.now()
    present = TapGenesys.now
    TapGenesys.now = staticmethod(lambda: present() + offset)  # type: ignore[method-assign]


if __name__ == "__main__":
    if moment := os.environ.get("HASTY_NOW"):
        set_clock(parse_timestamp(moment))
    TapGenesys.cli()
