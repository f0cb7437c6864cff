"""A short version of the chaos command; see tests/chaos.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import chaos, singer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", range(10_000, 10_006))
def test_the_tables_are_the_truth_after_a_storm(seed: int, tmp_path: Path) -> None:
    """Whatever failed, and however often the tap was stopped or killed."""
    happened = chaos.run(seed, tmp_path)
    assert happened["ended well"] == len(chaos.draw(seed).moments)


def test_a_row_that_is_lost_does_not_go_unnoticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison is one that can fail."""
    load = chaos.Warehouse.load

    def forgetful(warehouse: chaos.Warehouse, messages: singer.Messages) -> None:
        for records in messages.records.values():
            del records[::3]
        load(warehouse, messages)

    monkeypatch.setattr(chaos.Warehouse, "load", forgetful)
    with pytest.raises(AssertionError, match="missing"):
        chaos.run(10_001, tmp_path)
