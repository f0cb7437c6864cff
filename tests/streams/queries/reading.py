"""A search, read as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests import singer

if TYPE_CHECKING:
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox


QUERY: dict[str, Any] = {
    "name": "people",
    "path": "/api/v2/users/search",
    "body": {"query": [{"type": "EXACT", "fields": ["state"], "value": "active"}]},
    "records_path": "results",
    "key": ["id"],
    "columns": {"name": "string", "version": "integer"},
    "page_size": 7,
}


def read(
    sandbox: Sandbox, folder: Path, stream: str, state: Any = None, **config: Any
) -> singer.Run:
    """Read one stream."""
    defining = {key: config[key] for key in ("queries",) if key in config}
    catalog = singer.selecting(stream, **defining)
    settings = singer.settings(sandbox, **config)
    run = singer.run(folder, settings, catalog=catalog, state=state)
    assert run.exit_code == 0, run.errors
    return run


def bookmark(run: singer.Run, stream: str) -> dict[str, str]:
    """Return the last state of a stream."""
    found: dict[str, str] = run.messages.states[-1]["bookmarks"][stream]
    return found
