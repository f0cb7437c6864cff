"""What comes and goes: every week's promotion has a queue, a skill and a helper.

They exist from Monday 06:00 UTC for five days. No conversation refers to them.
"""

from __future__ import annotations

from typing import NamedTuple

from genesys_cloud_sandbox.world.times import DAY, stamp, unstamp

_FIRST = unstamp("2026-01-05T06:00:00.000Z")
_EVERY, _LENGTH = 7 * DAY, 5 * DAY


class Promotion(NamedTuple):
    """A promotion that has begun; instants in milliseconds UTC."""

    number: int
    begun: int
    over: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return f"Promotion {self.number}"

    @property
    def since(self) -> str:
        """When it began, as the API writes it."""
        return stamp(self.begun)


def promotions(now: int) -> list[Promotion]:
    """Those that have begun, the oldest first."""
    return [
        Promotion(number, begun, over=now >= begun + _LENGTH)
        for number, begun in enumerate(range(_FIRST, now + 1, _EVERY), start=1)
    ]


def current(now: int) -> list[Promotion]:
    """The one that is going on, if there is one."""
    return [promotion for promotion in promotions(now) if not promotion.over]
