"""Markdown tables of results, and the check of goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NAMES = {
    "tap": "this tap",
    "bare": "bare limit",
    "plain": "plain script",
    "sdk_tap": "SDK tap",
    "airbyte": "Airbyte CDK",
    "dlt_nested": "dlt, nested",
    "dlt_tables": "dlt, child tables",
    "sdk_workers": "SDK tap, 8 workers",
    "workers": "plain script, 8 workers",
}


def name_of(contender: str) -> str:
    """Return the display name of a contender."""
    return _NAMES.get(contender, contender)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figure(values: Mapping[str, float], digits: int = 0, unit: float = 1) -> str:
    """Return a median, with minimum and maximum if they differ."""
    median, low, high = (
        f"{values[name] / unit:,.{digits}f}" for name in ("median", "min", "max")
    )
    return median if low == high else f"{median} ({low} to {high})"


def met(is_met: bool) -> str:  # noqa: FBT001 (a word for a truth value)
    """Return whether a goal is met."""
    return "met" if is_met else "**not met**"
