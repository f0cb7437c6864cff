"""States: taken out of files and wrappers, and refused where they hold no bookmarks."""

from __future__ import annotations

import json
from typing import Any

from tap_genesys_analytics.intervals.bookmarks import StateError

_BOOKMARKS, _WRAPPER, _MESSAGE = "bookmarks", "singer_state", "STATE"


def parse_state(text: str) -> tuple[Any, list[str]]:
    """Return the JSON in a state file, and warnings.

    A target writes one state a line, the latest last.

    Raises:
        StateError: There is none.
    """
    if not text.strip():
        message = "the file is empty"
        raise _refused(message)
    try:
        return json.loads(text), []
    except ValueError:
        pass
    try:
        *earlier, last = (json.loads(line) for line in text.splitlines() if line)
    except ValueError:
        message = "the file is not JSON"
        raise _refused(message) from None
    warning = (
        f"The state file holds {len(earlier) + 1} states, one a line: the last one is "
        "taken."
    )
    return last, [warning]


def unwrapped(state: Any) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401 (JSON)
    """Return a state without what others put around it, and warnings.

    Raises:
        StateError: It holds no bookmarks, or they are no objects.
    """
    warnings = []
    while isinstance(state, dict) and _BOOKMARKS not in state:
        if _WRAPPER in state:
            member = _WRAPPER
        elif state.get("type") == _MESSAGE and "value" in state:
            member = "value"
        else:
            break
        warnings.append(f"The state is wrapped: what is in its {member} is taken.")
        state = state[member]
    if not isinstance(state, dict):
        message = "it is not a JSON object"
        raise _refused(message)
    if state and _BOOKMARKS not in state:
        message = f"it has no {_BOOKMARKS} but {', '.join(sorted(state))}"
        raise _refused(message)
    bookmarks = state.get(_BOOKMARKS, {})
    if not isinstance(bookmarks, dict):
        message = f"its {_BOOKMARKS} are not a JSON object"
        raise _refused(message)
    for stream, bookmark in bookmarks.items():
        if not isinstance(bookmark, dict):
            message = f"the bookmark of {stream} is not a JSON object"
            raise _refused(message)
    return state, warnings


def _refused(problem: str) -> StateError:
    """Return an error that says what is wrong with a state, and what to do about it."""
    return StateError(
        f"The state cannot be used: {problem}. Nothing was read. Give the state of an "
        "earlier run, or none to begin at start_date (with Meltano: meltano state get "
        "/ meltano state clear)."
    )
