"""What a run reads: nothing twice without need, nothing never."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.interval import DAY, Interval, day_start
from tap_genesys_analytics.intervals.plan import (
    Lookback,
    Period,
    PlannedInterval,
    Source,
    plan_days,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=timezone.utc)
END = NOW - timedelta(minutes=5)
TODAY = day_start(NOW)
START = TODAY - 10 * DAY
HOUR = timedelta(hours=1)
NO_LOOKBACK = Lookback(days=0)

hours_ago = st.integers(0, 24 * 20).map(lambda hours: NOW - hours * HOUR)
optional = st.none() | hours_ago
lookbacks = st.builds(
    Lookback,
    days=st.integers(0, 9),
    every=st.integers(0, 48).map(lambda hours: hours * HOUR),
    restate_days=st.integers(0, 30),
)


def plan(
    bookmark: Bookmark,
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    lookback: Lookback,
    watermark: datetime | None = None,
    provisional: bool = True,
) -> Iterator[PlannedInterval]:
    """Return the plan of a period."""
    period = Period(bookmark, start, end, now, lookback)
    return plan_days(period, watermark=watermark, provisional=provisional)


def stretches(readings: Iterable[PlannedInterval], source: Source) -> list[Interval]:
    """Return the intervals read from a source, neighbours joined."""
    joined: list[Interval] = []
    for reading in readings:
        interval = reading.interval
        if reading.source is not source:
            continue
        if joined and joined[-1].end == interval.start:
            interval = Interval(joined.pop().start, interval.end)
        joined.append(interval)
    return joined


@given(optional, optional, optional, optional, lookbacks)
def test_every_run_covers_all_from_bookmark_to_end(
    until: datetime | None,
    watermark: datetime | None,
    looked_back_at: datetime | None,
    provisional_until: datetime | None,
    lookback: Lookback,
) -> None:
    """Jobs or query without a gap; the bookmark never goes back, nor past them."""
    bookmark = Bookmark(until, provisional_until, looked_back_at)
    readings = list(
        plan(bookmark, START, END, NOW, lookback=lookback, watermark=watermark)
    )
    settled = Source.QUERY if watermark is None else Source.JOBS
    settled_end = END if watermark is None else min(watermark, END)
    begin = until or START
    covered = stretches(readings, settled)
    if begin < settled_end:
        assert len(covered) == 1
        assert covered[0].start <= begin
        assert covered[0].end == settled_end
    if watermark is not None:
        provisional = stretches(readings, Source.QUERY)
        assert len(provisional) <= 1
        if any(reading.source is Source.JOBS for reading in readings):
            # What jobs know less of is read again from the query.
            assert not provisional or provisional[0].start == settled_end
            assert provisional or settled_end == END
        elif provisional:
            assert provisional[0].end == END
    reached = until
    for reading in readings:
        after = reading.after.until
        assert reached is None or (after is not None and after >= reached)
        if after != reached:
            assert after is not None
            assert after <= settled_end
            assert reading.source is settled
            assert after == reading.interval.end
        reached = after


@given(hours_ago, hours_ago, lookbacks)
def test_the_lookback_is_not_made_in_every_run(
    until: datetime, looked_back_at: datetime, lookback: Lookback
) -> None:
    """Only when its interval has passed; and then it begins at a midnight."""
    bookmark = Bookmark(until, None, looked_back_at, restated_at=NOW)
    readings = list(plan(bookmark, START, END, NOW, lookback=lookback))
    if not readings:
        return
    first = readings[0].interval.start
    if lookback.days and NOW - looked_back_at >= lookback.every:
        assert first == min(until, day_start(until - lookback.days * DAY))
        assert readings[-1].after.looked_back_at == NOW
    else:
        assert first == until
        assert readings[-1].after.looked_back_at == looked_back_at


def test_the_first_run_begins_at_the_start_dates_midnight_without_lookback() -> None:
    """And counts as a lookback: all was read just now."""
    readings = list(plan(Bookmark(), START + HOUR, END, NOW, lookback=Lookback()))
    assert readings[0].interval.start == START
    assert len(readings) == 11
    assert readings[-1].after == Bookmark(END, None, NOW, NOW)


def test_a_lookback_that_is_interrupted_is_made_again() -> None:
    """It is noted when the bookmark is reached, not before."""
    bookmark = Bookmark(TODAY, None, NOW - 2 * DAY)
    readings = list(plan(bookmark, START, END, NOW, lookback=Lookback()))
    assert readings[0].interval == Interval(TODAY - 7 * DAY, TODAY - 6 * DAY)
    for reading in readings[:6]:
        assert reading.after == bookmark
    assert readings[6].after.looked_back_at == NOW
    assert readings[6].after.until == TODAY


def test_restating_goes_deeper_and_is_made_once_a_week() -> None:
    """For surveys that come late."""
    lookback = Lookback(restate_days=30)
    due = Bookmark(TODAY, None, NOW, NOW - 8 * DAY)
    readings = list(plan(due, START, END, NOW, lookback=lookback))
    assert readings[0].interval.start == TODAY - 30 * DAY
    assert readings[-1].after.restated_at == NOW
    done = Bookmark(TODAY, None, NOW, NOW - 6 * DAY)
    assert next(plan(done, START, END, NOW, lookback=lookback)).interval.start == TODAY


def test_a_sync_a_quarter_of_an_hour_later_reads_that_quarter() -> None:
    """The watermark stands where it stood: no job, and only the new minutes."""
    watermark = TODAY + 9 * HOUR
    quarter_ago = END - HOUR / 4
    bookmark = Bookmark(watermark, quarter_ago, NOW, NOW)
    readings = list(
        plan(bookmark, START, END, NOW, lookback=Lookback(), watermark=watermark)
    )
    assert [(each.interval, each.source) for each in readings] == [
        (Interval(quarter_ago, END), Source.QUERY)
    ]
    assert readings[0].after == Bookmark(watermark, END, NOW, NOW)


def test_when_the_watermark_moves_jobs_settle_and_the_rest_is_read_anew() -> None:
    """A job knows less of what goes on than the query that was read before it."""
    before, after = TODAY + 8 * HOUR, TODAY + 9 * HOUR
    bookmark = Bookmark(before, END - HOUR, NOW, NOW)
    readings = list(
        plan(bookmark, START, END, NOW, lookback=Lookback(), watermark=after)
    )
    assert [(each.interval, each.source) for each in readings] == [
        (Interval(before, after), Source.JOBS),
        (Interval(after, END), Source.QUERY),
    ]
    assert readings[-1].after == Bookmark(after, END, NOW, NOW)


def test_a_watermark_that_goes_back_takes_nothing_back() -> None:
    """The bookmark stays, and the query goes on from where it was."""
    bookmark = Bookmark(TODAY, END - HOUR, NOW, NOW)
    readings = list(
        plan(bookmark, START, END, NOW, lookback=Lookback(), watermark=TODAY - DAY)
    )
    assert [each.interval for each in readings] == [Interval(END - HOUR, END)]
    assert readings[0].after.until == TODAY


def test_an_end_that_is_reached_leaves_nothing_to_read() -> None:
    """A backfill that is run again makes no request for details."""
    bookmark = Bookmark(TODAY, None, NOW, NOW)
    assert not list(plan(bookmark, START, TODAY, NOW, lookback=NO_LOOKBACK))
    assert not list(
        plan(bookmark, START, TODAY, NOW, lookback=NO_LOOKBACK, watermark=END)
    )
