"""Windows, pools, bad input and takeover: what Dagster's environment says of them."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.orchestrate.engine import BIN, needs_dagster

pytestmark = needs_dagster


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """Ask once."""
    probe = Path(__file__).with_name("probe.py")
    ran = subprocess.run(
        [BIN / "python", probe], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_windows_begin_at_the_start_and_leave_no_gap(
    answers: dict[str, Any], every: str
) -> None:
    """Also weeks, which Dagster would begin on the next Sunday."""
    windows = [window.split("/") for window in answers["windows"][every]]
    assert windows[0][0] == "2026-01-21T00:00:00Z"
    assert all(before[1] == after[0] for before, after in pairwise(windows))


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("future", "not over yet"),
        ("forgotten", "older than 550 days"),
        ("fine", "None"),
    ],
)
def test_a_window_that_cannot_be_read_is_refused(
    answers: dict[str, Any], window: str, expected: str
) -> None:
    """Before anything is asked of Genesys."""
    assert expected in answers["checked"][window]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("unknown", "workers: Extra inputs are not permitted"),
        ("month", "which not every month has"),
        ("executor", "Install the package"),
        ("missing", "GENESYS_BACKFILL_SETTINGS"),
    ],
)
def test_wrong_settings_are_named(
    answers: dict[str, Any], wrong: str, expected: str
) -> None:
    """With what to do."""
    assert expected in answers["settings"][wrong]


@pytest.mark.parametrize(
    ("slots", "expected"),
    [("none", "no limit"), ("0", "is set to 0"), ("11", "leaves none"), ("3", "3")],
)
def test_runs_share_the_budget_by_the_limit_of_the_pool(
    answers: dict[str, Any], slots: str, expected: str
) -> None:
    """Ten requests a minute in three slots are three for each."""
    assert expected in answers["pools"][slots]


def test_a_partition_that_fails_says_where_and_the_others_go_on(
    answers: dict[str, Any],
) -> None:
    """One lacks a permission, one has a pool of zero."""
    runs = answers["runs"]
    assert [runs[key]["success"] for key in ("21", "22", "23", "24")] == [
        True,
        False,
        False,
        True,
    ]
    (said,) = runs["22"]["failures"]
    assert said == (
        "organisation acme, stream group agents, partition 2026-01-22 "
        "(2026-01-22T00:00:00Z/2026-01-23T00:00:00Z), client second: Meltano ended "
        "with exit code 1: lacks a permission"
    )
    assert (
        "partition 2026-01-23: The pool genesys_acme_first" in runs["23"]["failures"][0]
    )


def test_what_may_pass_is_tried_again_whatever_else_failed(
    answers: dict[str, Any],
) -> None:
    """A stream may have failed beside one whose permission is missing."""
    assert answers["tried_again"] == {"forbidden": False, "failed": True, "both": True}


def test_no_secret_is_logged(answers: dict[str, Any]) -> None:
    """Not even one that Meltano says."""
    assert all(answers["runs"][key]["hidden"] for key in ("21", "22", "24"))


def test_the_command_tells_what_was_not_read(answers: dict[str, Any]) -> None:
    """Takeover refuses a hole, and says how to fill it."""
    runs = answers["runs"]
    assert "2 of 4, not yet: 2026-01-22, 2026-01-23" in runs["status"]
    assert (
        "were not read: 2026-01-22, 2026-01-23. Nothing was changed" in runs["takeover"]
    )
    assert "lies in the future" in runs["future"]
    assert "no organisation nobody" in runs["stranger"]


def test_takeover_leaves_no_gap_and_does_not_go_backwards(
    answers: dict[str, Any],
) -> None:
    """From the first provisional end, or from the newest partition."""
    takeover = answers["takeover"]
    assert takeover["hole"] == "1 partitions from 2 to 4 were not read: 3"
    assert takeover["nothing"] == "no partition was read yet"
    assert takeover["stretch"] == ["2", "3"]
    assert "define a differently" in takeover["otherwise"]
    assert takeover["handed"] == {
        "a": "2026-01-02T18:00:00.000Z",
        "b": "2026-01-04T00:00:00.000Z",
    }
    untils = {
        stream: bookmark["replication_key_value"][:10]
        for stream, bookmark in takeover["merged"].items()
    }
    assert untils == {"a": "2026-02-01", "b": "2026-01-04", "c": "2026-01-02"}


def test_a_tick_of_the_schedule_runs_the_incremental_sync(
    answers: dict[str, Any],
) -> None:
    """At the time of the settings, once it is switched on."""
    assert answers["schedule"] == {
        "runs": 1,
        "skipped": None,
        "job": "incremental__acme",
        "stopped": True,
        "when": ["5 * * * *", None],
        "reads": [["acme", "incremental"]],
    }
