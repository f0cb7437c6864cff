"""Buckets follow the clocks of a time zone, also on the days on which those are set."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_cloud_sandbox.api.errors import ApiError
from genesys_cloud_sandbox.api.intervals import divide
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, stamp, unstamp

GRANULARITIES = (
    "PT15M",
    "PT30M",
    "PT1H",
    "PT7H",
    "P1D",
    "P1W",
    "P1M",
    "P1Y",
    "P1DT12H",
)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)
INSTANTS = st.integers(
    unstamp("2026-01-01T00:00:00.000Z"), unstamp("2027-01-01T00:00:00.000Z")
)


def starts(start: str, end: str, granularity: str, zone: str = "UTC") -> list[str]:
    """Where the buckets begin, to the minute."""
    instants = unstamp(f"{start}:00.000Z"), unstamp(f"{end}:00.000Z")
    return [
        stamp(begin)[:16] for begin, _ in divide(instants, granularity, ZoneInfo(zone))
    ]


@given(
    INSTANTS,
    st.integers(1, 90 * DAY),
    st.sampled_from(GRANULARITIES),
    st.sampled_from(ZONES),
)
def test_buckets_make_up_the_interval(
    start: int, length: int, granularity: str, zone: str
) -> None:
    """Without gap, overlap or excess, whatever is asked for."""
    buckets = divide((start, start + length), granularity, ZoneInfo(zone))
    assert (buckets[0][0], buckets[-1][1]) == (start, start + length)
    assert all(one[1] == two[0] for one, two in pairwise(buckets))
    assert all(begin < end for begin, end in buckets)


@given(INSTANTS, st.sampled_from(("PT15M", "PT30M", "PT1H")), st.sampled_from(ZONES))
def test_no_bucket_is_longer_than_its_granularity(
    start: int, granularity: str, zone: str
) -> None:
    """Not even when clocks are set back."""
    longest = {"PT15M": 15 * MINUTE, "PT30M": 30 * MINUTE, "PT1H": HOUR}[granularity]
    buckets = divide((start, start + 2 * DAY), granularity, ZoneInfo(zone))
    assert max(end - begin for begin, end in buckets) == longest


@pytest.mark.parametrize(
    ("hours", "midnights"),
    [
        (24, ("2026-03-27T23:00", "2026-03-28T23:00")),
        (23, ("2026-03-28T23:00", "2026-03-29T22:00")),
        (25, ("2026-10-24T22:00", "2026-10-25T23:00")),
    ],
)
def test_days_are_as_long_as_the_clocks_say(
    hours: int, midnights: tuple[str, str]
) -> None:
    """23 hours when summer begins in Berlin, 25 when it ends."""
    assert len(starts(*midnights, "PT1H", "Europe/Berlin")) == hours
    assert starts(*midnights, "P1D", "Europe/Berlin") == [midnights[0]]


@pytest.mark.parametrize(
    ("start", "end", "granularity", "zone", "expected"),
    [
        (
            "2026-03-04T09:10", "2026-03-04T11:00", "PT1H", "UTC",
            ["2026-03-04T09:10", "2026-03-04T10:00"],
        ),
        (
            "2026-03-04T09:10", "2026-03-04T10:20", "PT30M", "Asia/Kolkata",
            ["2026-03-04T09:10", "2026-03-04T09:30", "2026-03-04T10:00"],
        ),
        (
            "2026-03-04T00:00", "2026-03-05T12:00", "P1D", "America/New_York",
            ["2026-03-04T00:00", "2026-03-04T05:00", "2026-03-05T05:00"],
        ),
        (
            "2026-03-04T00:00", "2026-03-17T00:00", "P1W", "UTC",
            ["2026-03-04T00:00", "2026-03-09T00:00", "2026-03-16T00:00"],
        ),
        (
            "2026-01-31T00:00", "2026-04-01T00:00", "P1M", "Europe/Berlin",
            ["2026-01-31T00:00", "2026-01-31T23:00", "2026-02-28T23:00",
             "2026-03-31T22:00"],
        ),
        (
            "2026-03-04T00:00", "2026-03-07T00:00", "P1DT12H", "UTC",
            ["2026-03-04T00:00", "2026-03-05T12:00"],
        ),
        (
            "2026-03-04T06:00", "2026-03-05T03:00", "PT7H", "UTC",
            ["2026-03-04T06:00", "2026-03-04T13:00", "2026-03-04T20:00"],
        ),
    ],
)  # fmt: skip
def test_buckets_begin_where_the_clocks_have_their_limits(
    start: str, end: str, granularity: str, zone: str, expected: list[str]
) -> None:
    """The first is cut short where the interval begins within it."""
    assert starts(start, end, granularity, zone) == expected


@pytest.mark.parametrize(
    "granularity", ["", "P", "PT", "P0D", "PT0M", "1D", "P1DT", "PT5S", "day"]
)
def test_what_is_no_period_is_refused(granularity: str) -> None:
    """With the value in the error."""
    with pytest.raises(ApiError) as refused:
        divide((0, DAY), granularity, ZoneInfo("UTC"))
    assert refused.value.code == "invalid.value"
    assert refused.value.params["value"] == granularity
