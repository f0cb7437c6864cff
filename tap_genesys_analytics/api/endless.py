"""Answers that never end: pages that repeat, and empty ones that name a next one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_genesys_analytics.records.raw_documents import RawDocument

#: Empty pages in a row after which no other is asked for. Pages are empty where the
#: client may not see what is in them, or where the API drops duplicates.
MOST_EMPTY = 100

#: How often a page may come, though not twice in a row: pages shift while data arrive.
MOST_TIMES = 3


class EndlessPages:
    """Watches the pages of an answer for signs that they have no end."""

    def __init__(self) -> None:
        self._empty = 0
        self._previous: int | None = None
        self._times: Counter[int] = Counter()

    def sign(self, page: Sequence[RawDocument]) -> str:
        """Note a page; return what is wrong with the pages so far, or an empty text.

        Pages are equal if their first and last documents are.
        """
        if not page:
            self._empty += 1
            empty_again = self._empty > MOST_EMPTY
            return f"{self._empty} empty pages in a row" if empty_again else ""
        self._empty = 0
        identity = hash((len(page), _text(page[0]), _text(page[-1])))
        self._times[identity] += 1
        repeated = identity == self._previous or self._times[identity] > MOST_TIMES
        self._previous = identity
        return "the same page again and again" if repeated else ""


def _text(document: RawDocument) -> bytes | str:
    """Return a text that differs where documents do."""
    return bytes(document) if isinstance(document, msgspec.Raw) else repr(document)
