"""Buckets: every moment lies in one, in any time zone, also where clocks change."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.bookmarks import Bookmark
from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.interval import DAY, Interval
from tap_genesys_analytics.intervals.plan import Lookback, Period, plan_buckets

UTC = timezone.utc
GRANULARITIES = ("PT15M", "PT30M", "PT1H", "PT2H30M", "PT12H", "P1D", "P1W", "P1M")
VALID = tuple(each for each in GRANULARITIES if each != "PT2H30M")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
moments = st.datetimes(
    datetime(2018, 1, 1),  # noqa: DTZ001 (the zone is added)
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(moments, st.sampled_from(VALID), st.sampled_from(ZONES))
def test_a_bucket_begins_before_what_lies_in_it_and_with_itself(
    moment: datetime, granularity: str, zone: str
) -> None:
    """The start of a bucket is that of its own bucket."""
    buckets = Buckets.of(granularity, zone)
    start = buckets.floor(moment)
    assert start <= moment
    assert buckets.floor(start) == start
    assert start.tzinfo == UTC


@given(
    moments,
    st.timedeltas(timedelta(), timedelta(days=70)),
    st.sampled_from(VALID),
    st.sampled_from(ZONES),
)
def test_windows_join_without_gap_or_overlap(
    start: datetime, length: timedelta, granularity: str, zone: str
) -> None:
    """They begin with the first bucket, end where the run ends, and cut none."""
    buckets = Buckets.of(granularity, zone)
    end = start + length
    windows = list(buckets.windows(start, end))
    if not windows:
        assert start == end == buckets.floor(start)
        return
    assert windows[0].start == buckets.floor(start)
    assert windows[-1].end == end
    for one, following in itertools.pairwise(windows):
        assert one.end == following.start
    for window in windows:
        assert buckets.floor(window.start) == window.start < window.end


@given(moments, st.sampled_from(VALID), st.sampled_from(ZONES))
def test_halves_are_cut_between_buckets(
    moment: datetime, granularity: str, zone: str
) -> None:
    """Down to single buckets, which have none."""
    buckets = Buckets.of(granularity, zone)
    (window, *_) = buckets.windows(moment, moment + 3 * DAY)
    waiting, single = [window], []
    while waiting:
        interval = waiting.pop()
        halves = buckets.halves(interval)
        if halves is None:
            single.append(interval)
            continue
        one, other = halves
        assert (one.start, one.end, other.end) == (
            interval.start,
            other.start,
            interval.end,
        )
        assert buckets.floor(other.start) == other.start
        waiting += halves
    starts = {buckets.floor(interval.start) for interval in single}
    assert len(starts) == len(single)
    for interval in single:
        last = interval.end - timedelta(microseconds=1)
        assert buckets.floor(last) == buckets.floor(interval.start)


def test_days_are_as_long_as_the_clocks_say() -> None:
    """In Berlin, 29 March 2026 has 23 hours and 25 October 25."""
    days = Buckets.of("P1D", "Europe/Berlin")
    spring = list(days.windows(at("2026-03-28T23:00"), at("2026-03-30T22:00")))
    assert spring[0] == Interval(at("2026-03-28T23:00"), at("2026-03-29T22:00"))
    # Where the clocks skip midnight, a day begins an hour later, and the next does not.
    paulista = Buckets.of("P1D", "America/Sao_Paulo")
    skipped = list(paulista.windows(at("2018-11-04T03:00"), at("2018-11-05T02:00")))
    assert skipped == [Interval(at("2018-11-04T03:00"), at("2018-11-05T02:00"))]
    autumn = list(days.windows(at("2026-10-24T22:00"), at("2026-10-25T23:00")))
    assert autumn == [Interval(at("2026-10-24T22:00"), at("2026-10-25T23:00"))]


def test_weeks_begin_on_monday_and_months_on_their_first_day() -> None:
    """By the clocks of the zone."""
    assert Buckets.of("P1W").floor(at("2026-11-22T23:59")) == at("2026-11-16T00:00")
    months = Buckets.of("P1M", "America/New_York")
    assert months.floor(at("2026-12-01T04:59")) == at("2026-11-01T04:00")
    assert months.floor(at("2026-12-01T05:00")) == at("2026-12-01T05:00")


@pytest.mark.parametrize("granularity", ["PT7M", "PT0M", "PT", "P2D", "1D", "PT36H"])
def test_a_granularity_that_does_not_divide_a_day_is_refused(granularity: str) -> None:
    """Its buckets would lie elsewhere each day."""
    with pytest.raises(ValueError, match="is no granularity"):
        Buckets.of(granularity)


def test_a_time_zone_that_there_is_not_is_refused() -> None:
    """By name."""
    with pytest.raises(ValueError, match="'Europe/Berlim' is no time zone"):
        Buckets.of("P1D", "Europe/Berlim")


def plan(
    bookmark: Bookmark, end: datetime, granularity: str = "P1D", lookback_days: int = 2
) -> list[tuple[str, datetime | None]]:
    """Return what a run reads, and the bookmark after it."""
    lookback = Lookback(days=lookback_days, every=timedelta(hours=24))
    period = Period(bookmark, at("2026-11-01T12:00"), end, end, lookback)
    planned = plan_buckets(period, Buckets.of(granularity))
    return [(str(each.interval), each.after.until) for each in planned]


def test_the_first_run_reads_whole_buckets_and_the_one_that_goes_on() -> None:
    """The bookmark stays before the bucket that is not over."""
    found = plan(Bookmark(), at("2026-11-03T10:00"))
    assert found == [
        (f"{day(1)}/{day(2)}", at("2026-11-02T00:00")),
        (f"{day(2)}/{day(3)}", at("2026-11-03T00:00")),
        (f"{day(3)}/2026-11-03T10:00:00.000Z", at("2026-11-03T00:00")),
    ]


def test_the_bucket_that_went_on_is_read_again_until_it_is_over() -> None:
    """Then the bookmark moves past it."""
    seen = at("2026-11-03T10:00")
    bookmark = Bookmark(at("2026-11-03T00:00"), looked_back_at=seen)
    found = plan(bookmark, at("2026-11-04T00:10"))
    assert found == [
        (f"{day(3)}/{day(4)}", at("2026-11-04T00:00")),
        (f"{day(4)}/2026-11-04T00:10:00.000Z", at("2026-11-04T00:00")),
    ]


def test_days_before_the_bookmark_are_read_again_once_a_day() -> None:
    """And the bookmark never moves back, nor does it tell before all is read."""
    bookmark = Bookmark(at("2026-11-10T00:00"), looked_back_at=at("2026-11-09T01:00"))
    found = plan(bookmark, at("2026-11-10T02:00"))
    assert [interval[:10] for interval, _ in found] == [
        "2026-11-08",
        "2026-11-09",
        "2026-11-10",
    ]
    assert {until for _, until in found} == {at("2026-11-10T00:00")}
    assert len(plan(bookmark, at("2026-11-10T00:30"))) == 1


def test_half_hours_go_on_from_the_last_that_is_over() -> None:
    """A sync at ten past reads one and a bit."""
    bookmark = Bookmark(at("2026-11-10T09:30"), looked_back_at=at("2026-11-10T01:00"))
    found = plan(bookmark, at("2026-11-10T10:10"), "PT30M")
    assert found == [
        (
            "2026-11-10T09:30:00.000Z/2026-11-10T10:10:00.000Z",
            at("2026-11-10T10:00"),
        )
    ]


def day(number: int) -> str:
    """Return a midnight of November 2026 as the API writes it."""
    return f"2026-11-{number:02}T00:00:00.000Z"
