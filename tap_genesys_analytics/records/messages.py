"""RECORD messages: as the SDK writes them, but without its work per value."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_genesys_analytics.records.record_builder import Record


class _RecordMessage(msgspec.Struct, omit_defaults=True):
    """A RECORD message. Source: the Singer specification."""

    type: str
    stream: str
    record: Any
    time_extracted: str
    version: int | None = None


_encoder = msgspec.json.Encoder()


def write_record_messages(
    stream: str, records: Iterable[Record], time_extracted: str, version: int | None
) -> None:
    """Write records as RECORD messages to standard output.

    Does not flush standard output: the next message of another type does.
    """
    messages = [
        _RecordMessage("RECORD", stream, record, time_extracted, version)
        for record in records
    ]
    sys.stdout.buffer.write(_encoder.encode_lines(messages))
