"""The world is a pure function of seed and time, at any volume."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.identity import conversation_id, locate
from genesys_cloud_sandbox.world.times import DAY, day_number, stamp, unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

WEDNESDAY = date(2026, 3, 4)
_FINGERPRINT = """
from datetime import date
from tests.test_world import fingerprint
print(fingerprint())
"""


def documents(world: World, day: date) -> list[Document]:
    """The settled documents of a day, in the day's order."""
    index = world.day(day)
    return [world.conversation(index.number, place).document for place in index.indexes]


def fingerprint() -> str:
    """A hash of a day of the default world."""
    content = msgspec.json.encode(documents(World(), WEDNESDAY))
    return hashlib.sha256(content).hexdigest()


def test_the_same_day_is_the_same_every_time_and_in_every_process() -> None:
    """Not the process, not the order of asking, only seed and day decide."""
    other = subprocess.run(
        [sys.executable, "-c", _FINGERPRINT],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONHASHSEED": "77"},
    )
    assert fingerprint() == fingerprint() == other.stdout.strip()


def test_another_seed_is_another_world() -> None:
    """No conversation and no agent is in two worlds."""
    one, two = World(1, 50), World(2, 50)
    assert not _ids(one, WEDNESDAY) & _ids(two, WEDNESDAY)
    agents = {agent.id for agent in one.organization.agents}
    assert not agents & {agent.id for agent in two.organization.agents}


def test_a_day_is_sorted_by_start_then_by_id_and_keeps_to_itself() -> None:
    """Also where two conversations start in one millisecond."""
    world = World(conversations_per_day=100_000)
    day = world.day(WEDNESDAY)
    entries = [
        (start, world.identifier(day.number, index))
        for start, index in zip(day.starts, day.indexes, strict=True)
    ]
    assert entries == sorted(entries)
    assert len({start for start, _ in entries}) < len(entries) == 100_000
    assert day_number(WEDNESDAY) == entries[0][0] // DAY == entries[-1][0] // DAY


def test_ids_are_unique_across_days_and_find_their_conversations() -> None:
    """The id alone leads to the conversation; others lead nowhere."""
    world = World(conversations_per_day=100)
    days = [WEDNESDAY + timedelta(days=offset) for offset in range(5)]
    found = {x: world.find(x) for day in days for x in _ids(world, day)}
    assert len(found) == 500
    assert all(
        life and life.document["conversationId"] == x for x, life in found.items()
    )
    assert world.find("6e7d1b8c-2ad1-4e41-9a7b-0f2c4a6b8d10") is None
    assert World(2).find(next(iter(found))) is None
    assert World(conversations_per_day=1).find(world.identifier(5, 50)) is None


@given(st.integers(0, 2**40), st.integers(0, 60_000), st.integers(0, 2**32 - 1))
def test_ids_lead_back(seed: int, day: int, index: int) -> None:
    """Whatever the seed, the day and the index."""
    assert locate(seed, conversation_id(seed, day, index)) == (day, index)


@given(st.integers(0, 4_102_444_800_000))
def test_stamps_lead_back(instant: int) -> None:
    """Whatever the instant."""
    assert unstamp(stamp(instant)) == instant


def test_business_hours_are_busy_and_nights_are_not_empty() -> None:
    """At any time of day some conversations start."""
    starts = World(conversations_per_day=5_000).day(WEDNESDAY).starts
    hours = [0] * 24
    for start in starts:
        hours[start % DAY // (DAY // 24)] += 1
    assert min(hours) > 0
    assert hours[10] > 10 * hours[3]


def test_a_quarter_of_a_million_conversations_a_day_are_no_trouble() -> None:
    """The index is made without a single document."""
    world = World(conversations_per_day=250_000)
    begun = time.process_time()
    day = world.day(WEDNESDAY)
    assert len(day.starts) == 250_000
    assert time.process_time() - begun < 4


def _ids(world: World, day: date) -> set[str]:
    number = day_number(day)
    return {
        world.identifier(number, index) for index in range(world.conversations_per_day)
    }
