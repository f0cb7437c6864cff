"""Days and moments: nothing between them is lost, whatever the zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.interval import (
    DAY,
    SHORTEST,
    Interval,
    day_start,
    utc_days,
)
from tap_genesys_analytics.intervals.timestamps import (
    fixed_form,
    format_timestamp,
    milliseconds_between,
    parse_timestamp,
)

moments = st.datetimes(
    datetime(2015, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)
spans = st.timedeltas(timedelta(0), timedelta(days=40))


@given(moments, spans)
def test_days_cover_start_to_end_without_a_gap(
    start: datetime, span: timedelta
) -> None:
    """Each begins where the one before ended, cut at midnights in UTC."""
    end = start + span
    days = list(utc_days(start, end))
    if not days:
        assert end == start
        return
    assert days[0].start == start
    assert days[-1].end == end
    for before, after in pairwise(days):
        assert before.end == after.start == day_start(after.start)
    for day in days:
        assert day.start < day.end <= day_start(day.start) + DAY


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=7)))
def test_halves_are_the_whole_and_end_at_a_minute(
    start: datetime, span: timedelta
) -> None:
    """Splitting comes to an end, and loses no moment on the way."""
    waiting = [Interval(start, start + span)]
    pieces: list[Interval] = []
    while waiting:
        interval = waiting.pop()
        halves = interval.halves()
        if halves is None or len(pieces) > 50:
            pieces.append(interval)
            assert halves is not None or interval.end - interval.start < 2 * SHORTEST
            continue
        assert halves[0].start == interval.start
        assert halves[0].end == halves[1].start
        assert halves[1].end == interval.end
        assert min(half.end - half.start for half in halves) >= SHORTEST
        waiting += halves


def test_an_interval_is_written_as_the_api_reads_it() -> None:
    """UTC, milliseconds, Z, start and end divided by a slash."""
    berlin = timezone(timedelta(hours=1))
    interval = Interval(
        datetime(2026, 11, 16, 1, tzinfo=berlin),
        datetime(2026, 11, 16, 12, 30, 0, 123999, tzinfo=timezone.utc),
    )
    assert str(interval) == "2026-11-16T00:00:00.000Z/2026-11-16T12:30:00.123Z"


@given(moments)
def test_a_timestamp_has_one_form_and_means_one_moment(moment: datetime) -> None:
    """Any zone in, one text out, to the millisecond."""
    text = format_timestamp(moment)
    assert fixed_form(text) == text == fixed_form(moment.isoformat())
    assert timedelta(0) <= moment - parse_timestamp(text) < timedelta(milliseconds=1)


@given(moments, moments)
def test_timestamps_sort_as_text_like_moments(one: datetime, other: datetime) -> None:
    """State and orders compare them as text."""
    texts_in_order = format_timestamp(one) < format_timestamp(other)
    assert not texts_in_order or one < other


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
        ("2026-01-31T08:00:00", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.000Z"),
        ("2026-01-31T08:00:00.5Z", "2026-01-31T08:00:00.500Z"),
        ("2026-01-31T08:00:00.123456Z", "2026-01-31T08:00:00.123Z"),
        ("2026-01-31T08:00:00+02:00", "2026-01-31T06:00:00.000Z"),
        ("2026-01-31T08:00:00-0500", "2026-01-31T13:00:00.000Z"),
    ],
)
def test_every_iso_form_is_read(text: str, expected: str) -> None:
    """With and without zone, seconds' parts, time."""
    assert fixed_form(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "31.01.2026", "2026-13-01"])
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    """No guess at a date."""
    with pytest.raises(ValueError, match=r".*"):
        parse_timestamp(text)


def test_a_duration_is_in_milliseconds() -> None:
    """Across midnight and forms."""
    assert (
        milliseconds_between("2026-01-31T23:59:59.750Z", "2026-02-01T00:00:01Z") == 1250
    )
