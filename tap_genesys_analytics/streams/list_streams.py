"""Declared streams for reference lists."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tap_genesys_analytics.readers.lists import ListReader
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.full_table_stream import FullTableStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_genesys_analytics.readers.lists import ReferenceList


def list_streams(lists: Iterable[ReferenceList]) -> tuple[DeclaredStream, ...]:
    """Return the declared streams of lists."""
    return tuple(
        DeclaredStream(
            reference_list.table,
            FullTableStream,
            f"GET {reference_list.path}",
            reference_list.permissions,
            reader=partial(_reader, reference_list),
        )
        for reference_list in lists
    )


def _reader(reference_list: ReferenceList, stream: FullTableStream) -> ListReader:
    return ListReader(stream.client, reference_list)
