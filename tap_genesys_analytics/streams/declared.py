"""How a module declares its streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_genesys_analytics.records.tables import Table
    from tap_genesys_analytics.run.sdk_tap import TapAdapter
    from tap_genesys_analytics.streams.base import GenesysStream


@dataclass(frozen=True)
class DeclaredStream:
    """A table, and how the stream that fills it is made for a run."""

    table: Table
    stream: Callable[[TapAdapter], GenesysStream]
