"""RECORD messages: as the SDK writes them, but without its work per value."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics import interrupts

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


def write_lines(lines: bytes, *, flush: bool = False) -> None:
    """Write whole lines to standard output.

    A signal waits until they are written, however slowly the reader reads.

    Raises:
        BrokenPipeError: There is no reader any more.
    """
    output = sys.stdout.buffer
    with interrupts.held():
        try:
            while lines:
                # Unbuffered (PYTHONUNBUFFERED), a signal ends a write half-way.
                lines = lines[output.write(lines) :]
            if flush:
                output.flush()
        except BrokenPipeError:
            # What is left in the buffer is not tried again when the process ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, output.fileno())
            os.close(nowhere)
            raise


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
    write_lines(_encoder.encode_lines(messages))
