"""The tap with its waits shortened: what it waits for is on this machine.

python -m tests.hasty_tap
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import backoff._sync

from tap_genesys_analytics import jobs
from tap_genesys_analytics.tap import TapGenesys

jobs.FIRST_POLL = 0.02
jobs.LONGEST_POLL = 0.1
hasty_time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 50))
setattr(backoff._sync, "time", hasty_time)  # noqa: B010 (a module's own import)

if __name__ == "__main__":
    TapGenesys.cli()
