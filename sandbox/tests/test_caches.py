"""Events are where the cache looks for them, and are kept once they are final."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genesys_cloud_sandbox.api.aggregates import AggregateEvents
from genesys_cloud_sandbox.world.caches import EventCache
from genesys_cloud_sandbox.world.conversation_details import CORRECTION_DELAY, as_of
from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.events import (
    evaluation_events,
    flow_events,
    resolution_events,
    session_events,
    sessions_settled,
    survey_events,
)
from genesys_cloud_sandbox.world.statuses import Statuses
from genesys_cloud_sandbox.world.times import DAY, HOUR, unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.conversation_details import Conversation

WORLD = World(conversations_per_day=400)
MARCH = unstamp("2026-03-04T00:00:00.000Z")


def lives(days: int) -> list[tuple[Conversation, int]]:
    """Lives, and how long each could have been."""
    first = MARCH // DAY
    return [
        (WORLD.conversation(day, index), WORLD.longest_duration(day, index))
        for day in range(first, first + days)
        for index in range(WORLD.conversations_per_day)
    ]


def test_no_event_is_later_than_the_cache_expects() -> None:
    """After its conversation's longest life, or what comes afterwards."""
    sources = AggregateEvents(WORLD, Statuses(WORLD))
    for life, longest in lives(6):
        start = unstamp(life.document["conversationStart"])
        for event in (*session_events(life.document), *flow_events(life.document)):
            assert start <= event.at <= start + max(longest, CORRECTION_DELAY)
        for family, tell in (
            ("evaluations", evaluation_events),
            ("surveys", survey_events),
            ("resolutions", resolution_events),
        ):
            afterwards = sources._chronicles[family]._afterwards
            for event in tell(life.document):
                assert start <= event.at <= start + longest + afterwards


def test_what_is_settled_does_not_change() -> None:
    """Events and their dimensions are the same for ever from then on, not before."""
    early = 0
    for life, _ in lives(3):
        settled = sessions_settled(life)
        document = as_of(life, settled)
        assert document is not None
        assert list(session_events(document)) == list(session_events(life.document))
        assert list(flow_events(document)) == list(flow_events(life.document))
        early += settled < life.settled
    assert early > 100


@pytest.mark.parametrize("kept", [10, 300_000])
def test_a_cache_that_forgets_finds_the_same(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Whatever was asked before, and however little is kept."""
    module = "genesys_cloud_sandbox.world.caches"
    monkeypatch.setattr(f"{module}._EVENTS_KEPT", kept)
    world = World(conversations_per_day=40)
    cache = EventCache(world, session_events, sessions_settled)
    now = MARCH + 30 * HOUR
    happened = [
        event
        for day in range(MARCH // DAY - 12, MARCH // DAY + 2)
        for index in range(40)
        if (document := as_of(world.conversation(day, index), now))
        for event in session_events(document)
        if MARCH + HOUR <= event.at < MARCH + 2 * DAY
    ]
    expected = sorted(happened, key=repr)
    for moment in (now, now - 8 * HOUR, now + 9 * DAY, now):
        found = cache.between(MARCH + HOUR, MARCH + 2 * DAY, moment, lambda: None)
        told = sorted(found, key=repr)
        assert (told == expected) == (moment == now)
    assert cache._size <= max(kept, 0)


def test_a_stopped_sandbox_tells_no_more() -> None:
    """Who waits for it is not kept waiting."""
    sources = AggregateEvents(World(), Statuses(World()))
    sources.stop()
    events = sources.events("conversations", [(MARCH, MARCH + DAY)], MARCH + 2 * DAY)
    with pytest.raises(RuntimeError, match="stopped"):
        next(iter(events))
