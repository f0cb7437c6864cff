"""Agent status is seamless, spans midnights and weeks, and is the same whoever asks."""

from __future__ import annotations

from itertools import groupby, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.organization import presence_definitions
from genesys_cloud_sandbox.world.statuses import Status, Statuses
from genesys_cloud_sandbox.world.times import DAY, HOUR, unstamp

STATUSES = Statuses(World())
MARCH = unstamp("2026-03-01T00:00:00.000Z")
LATER = MARCH + 100 * DAY
SYSTEM = {
    "AVAILABLE", "AWAY", "BUSY", "OFFLINE", "IDLE", "ON_QUEUE", "MEAL", "TRAINING",
    "MEETING", "BREAK",
}  # fmt: skip
ROUTING = {"OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING"}
INSTANTS = st.integers(MARCH - 300 * DAY, MARCH + 300 * DAY)


def month() -> list[Status]:
    """All that overlaps March and the days after it, long over."""
    return STATUSES.known(MARCH, MARCH + 40 * DAY, LATER)


def series(statuses: list[Status]) -> list[list[Status]]:
    """Of each agent and kind, in order."""

    def whose(status: Status) -> tuple[str, str]:
        return status.user_id, status.kind

    return [list(own) for _, own in groupby(sorted(statuses, key=whose), whose)]


@given(INSTANTS, st.integers(1, 9 * DAY), st.integers(0, 59))
@settings(max_examples=60, deadline=None)
def test_periods_join_without_gap_or_overlap(
    start: int, length: int, agent: int
) -> None:
    """Whatever interval is asked for, all of it is covered, once per kind."""
    found = list(STATUSES.periods(agent, start, start + length))
    both = series(found)
    assert {own[0].kind for own in both} == {"primaryPresence", "routingStatus"}
    for own in both:
        assert own[0].start <= start
        assert (own[-1].end or 0) >= start + length
        assert all(one.end == two.start for one, two in pairwise(own))
        assert all(one.value != two.value for one, two in pairwise(own))
        assert all(x.end is not None and x.end > x.start for x in own)


@given(INSTANTS, INSTANTS, INSTANTS, st.integers(0, 59))
@settings(max_examples=60, deadline=None)
def test_a_period_is_the_same_whichever_interval_sees_it(
    one: int, two: int, instant: int, agent: int
) -> None:
    """Start and end are its own, and not the interval's."""
    ends = (one, min(two, one + 20 * DAY)) if one < two else (two, one)
    start, end = ends[0], min(ends[1], ends[0] + 20 * DAY) + 1
    wide = list(STATUSES.periods(agent, start, end))
    moment = start + instant % (end - start)
    for status in STATUSES.periods(agent, moment, moment + 1):
        assert status in wide


def test_every_presence_and_routing_status_occurs() -> None:
    """In the form that the Analytics API has, with an id of the organization."""
    known = {(x.id, x.system_presence) for x in presence_definitions(1)}
    found = month()
    presences = [x for x in found if x.kind == "primaryPresence"]
    assert {x.value for x in presences} == SYSTEM
    assert {(x.organization_presence_id, x.value) for x in presences} == known
    assert {x.value for x in found if x.kind == "routingStatus"} == ROUTING


def test_each_system_presence_has_a_definition_and_some_have_more() -> None:
    """Ids and names are unique; another seed has other ids."""
    definitions = presence_definitions(1)
    primary = [x.system_presence for x in definitions if x.primary]
    assert sorted(primary) == sorted(SYSTEM)
    assert ("MEETING", "Coaching") in {
        (x.system_presence, x.name) for x in definitions if not x.primary
    }
    assert len({x.id for x in definitions}) == len({x.name for x in definitions})
    other = {x.id for x in presence_definitions(2)}
    assert not other & {x.id for x in definitions}


def test_routing_agrees_with_presence() -> None:
    """Off queue whenever the presence is not on queue, and only then."""
    worked = 0
    for agent in range(10):
        found = list(STATUSES.periods(agent, MARCH, MARCH + 7 * DAY))
        on_queue = {(x.start, x.end) for x in found if x.value == "ON_QUEUE"}
        worked += len(on_queue)
        for status in found:
            if status.kind == "routingStatus":
                within = any(
                    start <= status.start and (status.end or 0) <= (end or 0)
                    for start, end in on_queue
                )
                assert within == (status.value != "OFF_QUEUE")
    assert worked > 100


def test_both_kinds_often_change_in_the_same_millisecond() -> None:
    """What goes on queue begins to wait at once."""
    found = month()
    starts = {(x.user_id, x.start) for x in found if x.kind == "primaryPresence"}
    shared = [x for x in found if x.kind == "routingStatus"]
    together = sum((x.user_id, x.start) in starts for x in shared)
    assert together > len(shared) / 10


def test_periods_span_midnights_and_some_span_weeks() -> None:
    """Nights and holidays are offline; some are on queue at midnight."""
    found = [x for x in month() if x.kind == "primaryPresence"]
    lengths = [(x.end or LATER) - x.start for x in found if x.value == "OFFLINE"]
    assert 7 * DAY < max(lengths) < 20 * DAY
    nights = [x for x in lengths if x < 18 * HOUR]
    assert len(nights) > len(lengths) / 2
    across = [x for x in found if x.start // DAY != ((x.end or LATER) - 1) // DAY]
    assert {"OFFLINE", "ON_QUEUE", "BREAK"} <= {x.value for x in across}


@given(st.integers(MARCH, MARCH + 3 * DAY))
@settings(max_examples=25, deadline=None)
def test_what_has_not_ended_is_open_and_later_ones_are_not_there(now: int) -> None:
    """One presence and one routing status of each agent are open."""
    then = STATUSES.known(MARCH, MARCH + 5 * DAY, now)
    later = STATUSES.known(MARCH, MARCH + 5 * DAY, LATER)
    opened = [x for x in then if x.end is None]
    assert len(opened) == 2 * 60
    assert max(x.start for x in then) <= now
    assert [x for x in then if x.end] == [x for x in later if (x.end or 0) <= now]
    assert {x[:4] for x in opened} == {
        x[:4] for x in later if x.start <= now < (x.end or 0)
    }


def test_nothing_is_known_of_the_future() -> None:
    """What is open goes as far as now."""
    now = MARCH + HOUR
    assert not STATUSES.known(now + 1, now + DAY, now)
    assert len(STATUSES.known(now, now + DAY, now)) == 2 * 60


def test_only_agents_of_visible_divisions_are_seen() -> None:
    """The others are as if they were not there."""
    world = World(visible_divisions=1)
    home = world.organization.divisions[0].id
    agents = {x.id for x in world.organization.agents if x.division_id == home}
    found = Statuses(world).known(MARCH, MARCH + DAY, LATER)
    assert {x.user_id for x in found} == agents
    assert found == [
        x for x in STATUSES.known(MARCH, MARCH + DAY, LATER) if x.user_id in agents
    ]
