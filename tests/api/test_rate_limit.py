"""The rate budget: no window holds more than it allows, none waits needlessly."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.rate_limit import WINDOW, RateBudget


@dataclass
class Time:
    """A clock that sleeping moves on."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.now += seconds


def budget(requests_per_minute: int, time: Time) -> RateBudget:
    """Return a budget that goes by a clock."""
    return RateBudget(requests_per_minute, clock=time.clock, sleep=time.sleep)


def headers(count: int, allowed: int, reset: float) -> dict[str, str]:
    """Return what an answer says of the rate limit."""
    return {
        "inin-ratelimit-count": str(count),
        "inin-ratelimit-allowed": str(allowed),
        "inin-ratelimit-reset": str(reset),
    }


def test_a_short_run_spends_its_allowance_in_a_burst() -> None:
    """It is a window, not a pace."""
    time = Time()
    spending = budget(300, time)
    for _ in range(300):
        spending.spend()
    assert time.slept == []


@given(
    st.integers(1, 20),
    st.lists(st.floats(0, 30), min_size=1, max_size=120),
)
def test_no_window_holds_more_requests_than_it_allows(
    allowed: int, pauses: list[float]
) -> None:
    """Wherever it begins, and whatever there is between requests."""
    time = Time()
    spending = budget(allowed, time)
    sent = []
    for pause in pauses:
        spending.spend()
        sent.append(time.now)
        time.now += pause
    for first, last in zip(sent, sent[allowed:], strict=False):
        assert last - first >= WINDOW - 1e-6


@given(st.integers(1, 30), st.integers(31, 200))
def test_a_long_run_settles_to_the_rate(allowed: int, requests: int) -> None:
    """It never waits longer than until there is room."""
    time = Time()
    spending = budget(allowed, time)
    for _ in range(requests):
        spending.spend()
    windows = (requests - 1) // allowed
    assert time.now - 1000 == pytest.approx(windows * WINDOW)


def test_what_others_spend_is_heeded() -> None:
    """Genesys counts the requests of all programs that use the client."""
    time = Time()
    spending = budget(300, time)
    spending.spend()
    spending.update_from_headers(headers(count=300, allowed=300, reset=42))
    spending.spend()
    assert time.slept == [42]


def test_a_smaller_allowance_of_genesys_counts() -> None:
    """An organisation's may be lower than what the setting says."""
    time = Time()
    spending = budget(300, time)
    spending.update_from_headers(headers(count=1, allowed=10, reset=60))
    for _ in range(11):
        spending.spend()
    assert time.slept == [WINDOW]


def test_a_larger_allowance_of_genesys_does_not_raise_the_setting() -> None:
    """It leaves room for other programs on purpose."""
    time = Time()
    spending = budget(5, time)
    spending.update_from_headers(headers(count=1, allowed=1000, reset=60))
    for _ in range(6):
        spending.spend()
    assert time.slept == [WINDOW]


@pytest.mark.parametrize(
    "answer",
    [{}, {"inin-ratelimit-count": "many"}, headers(count=5, allowed=0, reset=9)],
)
def test_an_answer_without_a_limit_changes_nothing(answer: dict[str, str]) -> None:
    """Gateways have no such headers."""
    time = Time()
    spending = budget(2, time)
    spending.update_from_headers(answer)
    spending.spend()
    assert time.slept == []


def test_one_pause_is_everybodys() -> None:
    """Threads that wait already, and those that come, go on when it is over."""
    time = Time()
    spending = budget(300, time)
    spending.pause(7)
    spending.pause(3)
    spending.spend()
    assert time.slept == [7]


def test_threads_share_one_budget() -> None:
    """However they are scheduled."""
    spending = RateBudget(50, sleep=lambda _: over.wait(5))
    over = threading.Event()
    sent: list[int] = []

    def spend() -> None:
        for _ in range(20):
            spending.spend()
            sent.append(1)

    threads = [threading.Thread(target=spend, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(0.3)
    assert len(sent) == 50


def test_a_reset_that_lies_far_away_is_not_waited_for() -> None:
    """A window is a minute long, whatever an answer says."""
    time = Time()
    spending = budget(300, time)
    spending.update_from_headers(headers(count=300, allowed=300, reset=7200))
    spending.spend()
    assert time.slept == [WINDOW]
