"""The hand-written script with eight workers, without a rate limit."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.peers import genesys

if TYPE_CHECKING:
    import requests

WORKERS = 8


def conversations(session: requests.Session, number: int) -> list[dict[str, Any]]:
    """Return the conversations of a page."""
    document = genesys.page(session, number).json()
    return document.get("conversations") or []


def main() -> None:
    """Print a line for each conversation."""
    session = genesys.logged_in()
    total = genesys.page(session, 1).json().get("totalHits", 0)
    numbers = range(1, math.ceil(total / genesys.PAGE_SIZE) + 1)
    with ThreadPoolExecutor(WORKERS) as pool:
        for page in pool.map(partial(conversations, session), numbers):
            for conversation in page:
                print(json.dumps(conversation))


if __name__ == "__main__":
    main()
