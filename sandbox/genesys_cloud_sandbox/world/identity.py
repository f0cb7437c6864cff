"""Ids that follow from the seed, so that none has to be stored or searched for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_MASK_64 = (1 << 64) - 1
_MASK_60 = (1 << 60) - 1
_SHIFT = 31  # more than half of 60 bits: the xor-shift is then its own inverse
_FIRST, _SECOND = 0x9E3779B97F4A7C5, 0xD1B54A32D192ED3
_FIRST_INVERSE, _SECOND_INVERSE = pow(_FIRST, -1, 1 << 60), pow(_SECOND, -1, 1 << 60)
_INDEX_BITS = 32
_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)


def mix(*numbers: int) -> int:
    """Return a 64-bit number that looks random and depends on every argument.

    The algorithm is splitmix64.
    """
    state = 0
    for number in numbers:
        state = (state + number + 0x9E3779B97F4A7C15) & _MASK_64
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK_64
        state ^= state >> 31
    return state


def uuid(rng: Random) -> str:
    """Return the next random UUID (version 4) of a generator."""
    digits = f"{rng.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    )


def conversation_id(seed: int, day: int, index: int) -> str:
    """Return the UUID of a day's conversation; `locate` is the inverse.

    `day` counts from 1970-01-01.
    """
    place = _scatter(seed, (day << _INDEX_BITS) | index)
    check = mix(seed, place) >> 2
    high, low = f"{place:015x}", f"{(0b10 << 62) | check:016x}"
    return f"{high[:8]}-{high[8:12]}-4{high[12:]}-{low[:4]}-{low[4:]}"


def locate(seed: int, identifier: str) -> tuple[int, int] | None:
    """Return a conversation's day (since 1970-01-01) and index; None: unknown id."""
    if not _UUID4.fullmatch(identifier):
        return None
    digits = identifier.replace("-", "")
    place = _gather(seed, int(digits[:12] + digits[13:16], 16))
    day, index = place >> _INDEX_BITS, place & ((1 << _INDEX_BITS) - 1)
    return (day, index) if conversation_id(seed, day, index) == identifier else None


def _scatter(seed: int, number: int) -> int:
    """Return a number's place in a permutation of the 60-bit numbers."""
    number = (number * _FIRST + mix(seed)) & _MASK_60
    number ^= number >> _SHIFT
    number = (number * _SECOND) & _MASK_60
    return number ^ (number >> _SHIFT)


def _gather(seed: int, number: int) -> int:
    """Return the number that has a place: the inverse of `_scatter`."""
    number ^= number >> _SHIFT
    number = (number * _SECOND_INVERSE) & _MASK_60
    number ^= number >> _SHIFT
    return ((number - mix(seed)) * _FIRST_INVERSE) & _MASK_60
