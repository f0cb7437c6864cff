"""When conversations reach the index that queries are answered from: some come late."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.identity import mix
from genesys_cloud_sandbox.world.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genesys_cloud_sandbox.world.conversations import Day

_LATE, _HOW_LATE = 3, 4
_WHOLE = 2**64


@dataclass(frozen=True)
class Arrivals:
    """How late conversations become visible: a property of each one."""

    seed: int
    share: float = 0
    """Of conversations that come late."""
    most_seconds: int = 120

    def delay(self, day: int, index: int) -> int:
        """Milliseconds from a conversation's start until queries find it."""
        if mix(self.seed, day, index, _LATE) >= self.share * _WHOLE:
            return 0
        part = mix(self.seed, day, index, _HOW_LATE) / _WHOLE
        return SECOND + int(part * max(0, self.most_seconds - 1) * SECOND)

    def visible(self, day: Day, now: int) -> Sequence[int]:
        """Positions of a day's conversations that queries find at an instant."""
        started = day.started(now)
        if not self.share:
            return range(started)
        certain = bisect(day.starts, now - self.most_seconds * SECOND)
        if certain == started:
            return range(started)
        recent = (
            position
            for position in range(certain, started)
            if day.starts[position] + self.delay(day.number, day.indexes[position])
            <= now
        )
        return [*range(certain), *recent]

    def complete(self, day: Day, now: int) -> bool:
        """Whether all of a day's conversations are visible."""
        last = day.starts[-1] if day.starts else now - self.most_seconds * SECOND
        return last + self.most_seconds * SECOND <= now
