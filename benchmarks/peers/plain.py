"""A hand-written script: requests and json, page by page."""

from __future__ import annotations

import json
from itertools import count

from benchmarks.peers import genesys


def main() -> None:
    """Print a line for each conversation."""
    session = genesys.logged_in()
    for number in count(1):
        conversations = genesys.page(session, number).json().get("conversations")
        if not conversations:
            return
        for conversation in conversations:
            print(json.dumps(conversation))


if __name__ == "__main__":
    main()
