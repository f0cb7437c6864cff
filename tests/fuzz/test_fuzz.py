"""The fuzzer in the suite: what it finds is what is known, no more and no less."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tap_genesys_analytics.api.polling import Polling
from tap_genesys_analytics.streams import registry
from tap_genesys_analytics.tap import TapGenesys
from tests.fuzz import known
from tests.fuzz.fuzzing import Fuzzer
from tests.fuzz.groups import DEFINITIONS, groups
from tests.fuzz.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def fuzzer() -> Iterator[Fuzzer]:
    """Give a fuzzer that knows the truth of all groups."""
    with Fuzzer() as fuzzer:
        yield fuzzer


def test_every_stream_is_in_a_group() -> None:
    """Those that the settings define, too."""
    streams = {stream for group in groups() for stream in group.streams}
    assert streams == {each.table.name for each in registry.declared(DEFINITIONS)}


def test_a_replayed_run_is_the_truth_again(fuzzer: Fuzzer) -> None:
    """Nothing is changed: nothing differs, and no request is new."""
    for name in ("conversations-auto", "speech_transcripts", "queue_members"):
        outcome, truth = fuzzer.undisturbed(name), fuzzer.truths[name]
        assert not outcome.error
        assert not outcome.endless
        assert read_tables(outcome.output).rows == truth.tables.rows


def test_the_tap_has_its_own_clock_and_waits_again(fuzzer: Fuzzer) -> None:
    """After a run: other tests are in the same process."""
    fuzzer.undisturbed("queues")
    tap = TapGenesys(config={}, validate_config=False)
    assert abs(tap.now() - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert Polling().clock is time.monotonic


def test_a_case_is_the_same_each_time(fuzzer: Fuzzer) -> None:
    """So that a finding can be repeated."""
    for run in range(20):
        assert str(fuzzer.case(5, run)) == str(fuzzer.case(5, run))


def test_the_findings_are_those_that_are_known(fuzzer: Fuzzer) -> None:
    """A new one is a new fault; one that is gone leaves the list.

    ``python -m tests.fuzz --write-known`` renews the list.
    """
    found, listed = known.lines(known.found_in(fuzzer)), known.lines(known.read())
    new, gone = sorted(found - listed), sorted(listed - found)
    assert not new, "\n".join(["New findings:", *new])
    assert not gone, "\n".join(["Known, and no more found:", *gone])
