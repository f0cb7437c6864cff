"""Timestamps and dates: only real ones, in one form."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.intervals.timestamps import (
    FIXED_LENGTH,
    all_in_fixed_form,
    fixed_form,
    format_timestamp,
    from_milliseconds,
    is_date,
    parse_timestamp,
)

#: Texts of the fixed form, of which few parts are out of range.
fixed_texts = st.builds(
    "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}.{:03d}Z".format,
    st.sampled_from([0, 1, 1900, 2000, 2024, 2026, 9999]),
    st.integers(0, 13),
    st.sampled_from([0, 1, 15, 28, 29, 30, 31, 32]),
    st.sampled_from([0, 9, 19, 20, 23, 24]),
    st.sampled_from([0, 59, 60]),
    st.sampled_from([0, 59, 60]),
    st.integers(0, 999),
)


def is_real(text: str) -> bool:
    """Tell whether a text of the fixed form is a moment, one field after the other."""
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 (UTC)
    except ValueError:
        return False
    return True


@given(st.lists(fixed_texts, max_size=4))
def test_many_are_real_if_each_is(texts: list[str]) -> None:
    """They are looked at together, and none hides another."""
    assert all_in_fixed_form(texts) == all(map(is_real, texts))


@given(st.lists(st.text(min_size=FIXED_LENGTH, max_size=FIXED_LENGTH), min_size=1))
def test_other_texts_of_that_length_are_none(texts: list[str]) -> None:
    """Also where they are not ASCII."""
    assert not all_in_fixed_form(texts)


@given(st.datetimes(timezones=st.just(timezone.utc)))
def test_every_moment_is_written_and_read_back(moment: datetime) -> None:
    """Whatever its year: with four digits of it."""
    text = format_timestamp(moment)
    assert len(text) == FIXED_LENGTH
    assert all_in_fixed_form([text])
    assert fixed_form(text) == text
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert parse_timestamp(text) == cut


def test_the_first_year_has_four_digits() -> None:
    """0001 is what Genesys answers where a moment was never set."""
    assert fixed_form("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-01-01T24:30:00.000Z",
        "2026-01-01T23:60:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T24:00:00Z",
        "٢٠٢٦-01-01T00:00:00.000Z",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """Whether its form is right, or it lies outside of all years in UTC."""
    with pytest.raises(ValueError, match=r"."):
        fixed_form(text)
    with pytest.raises(ValueError, match=r"."):
        parse_timestamp(text)


def test_leap_days_are_real_in_leap_years() -> None:
    """Not in 1900."""
    texts = [f"{year}-02-29T08:00:00.000Z" for year in (2000, 2024, 1900)]
    assert all_in_fixed_form(texts[:2])
    assert not all_in_fixed_form(texts)


@given(st.dates())
def test_every_date_is_one(day: date) -> None:
    """And a moment is none."""
    assert is_date(day.isoformat())
    assert not is_date(f"{day.isoformat()}T00:00:00Z")


@pytest.mark.parametrize(
    "text", ["2026-02-30", "0000-01-01", "2026-1-1", "2026-W01-1", "20260101", ""]
)
def test_what_is_no_date_is_none(text: str) -> None:
    """By its form, or by the calendar."""
    assert not is_date(text)


def test_milliseconds_beyond_all_years_are_no_moment() -> None:
    """The error is one that callers expect."""
    assert from_milliseconds(0) == "1970-01-01T00:00:00.000Z"
    with pytest.raises(OverflowError):
        from_milliseconds(1e18)
