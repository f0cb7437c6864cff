"""What a metric amounts to: the statistics of its values. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genesys_cloud_sandbox.world.timeline import Document

_TARGET = 0.8
"""The share of contacts to answer in time."""


def statistics(metric: str, values: Sequence[float]) -> Document:
    """The statistics of a metric's values, of which there is one, by their instants."""
    if metric == "oServiceTarget":
        return {"current": values[-1]}
    total = sum(values)
    if metric.endswith("ServiceLevel"):
        return {
            "ratio": total / len(values),
            "numerator": total,
            "denominator": len(values),
            "target": _TARGET,
        }
    if metric.startswith("n"):
        return {"count": total}
    return {
        "count": len(values),
        "sum": total,
        "min": min(values),
        "max": max(values),
    }
