"""The bare limit: requests, each page decoded once, each record encoded once."""

from __future__ import annotations

import os
import sys
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from benchmarks.peers import genesys

if TYPE_CHECKING:
    from collections.abc import Iterator


def pages() -> Iterator[bytes]:
    """Yield the pages, of the query or of a job."""
    session = genesys.logged_in()
    if os.environ["GENESYS_SOURCE"] == "jobs":
        yield from (page.content for page in genesys.job_pages(session))
        return
    yield from (genesys.page(session, number).content for number in count(1))


def main() -> None:
    """Write a line for each conversation."""
    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    for page in pages():
        conversations = msgspec.json.decode(page).get("conversations")
        if not conversations:
            return
        for conversation in conversations:
            write(encode(conversation) + b"\n")


if __name__ == "__main__":
    main()
