"""Streams that read by jobs, which are deleted behind them."""

from __future__ import annotations

import abc
from contextlib import closing
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.api.jobs import AnalyticsJobs
    from tap_genesys_analytics.records.record_builder import Row


class JobStream(IntervalStream):
    """A stream that reads all, or some, of its intervals by jobs."""

    @property
    @abc.abstractmethod
    def jobs(self) -> AnalyticsJobs:
        """The jobs: the same ones each time."""

    @override
    def read(self) -> Iterator[Row]:
        with closing(self.jobs):
            yield from super().read()

    @override
    def break_off(self) -> None:
        self.jobs.stop()
