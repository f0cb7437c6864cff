"""The stream of a reference table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.readers.lists import ListReader
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.full_table_stream import FullTableStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_genesys_analytics.readers.lists import ReferenceList
    from tap_genesys_analytics.run.sdk_tap import TapAdapter
    from tap_genesys_analytics.streams.full_table_stream import FullTableReader


class ListStream(FullTableStream):
    """Reads a list, or one list for each owner."""

    def __init__(self, tap: TapAdapter, reference_list: ReferenceList) -> None:
        self.list = reference_list
        self.endpoint = f"GET {reference_list.path}"
        self.permissions = reference_list.permissions
        super().__init__(tap, reference_list.table)

    @override
    def new_reader(self) -> FullTableReader:
        return ListReader(self.client, self.list)


def list_streams(lists: Iterable[ReferenceList]) -> tuple[DeclaredStream, ...]:
    """Return the declared streams of lists."""
    return tuple(
        DeclaredStream(each.table, partial(ListStream, reference_list=each))
        for each in lists
    )
