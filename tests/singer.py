"""Runs the tap as a user does, and reads the Singer messages that it writes."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from genesys_cloud_sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
CONVERSATIONS = "conversation*"
Record = dict[str, Any]

#: A line of the log that tells of an error, or the last line of a traceback.
_ERROR = re.compile(r"\b(ERROR|CRITICAL)\b|^\w[\w.]*(Error|Exception)\b")
_LAST_LINES = 20


@dataclass
class Messages:
    """Singer messages, sorted by what they are."""

    schemas: dict[str, Record] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    states: list[Record] = field(default_factory=list)
    versions: list[Record] = field(default_factory=list)
    record_versions: dict[str, list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    order: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, lines: Iterable[bytes]) -> Messages:
        """Return the messages of a tap's output, but for a line that was cut off."""
        messages = cls()
        for line in lines:
            if not line.endswith(b"\n"):
                continue
            message = json.loads(line)
            messages.order.append(message["type"])
            if message["type"] == "SCHEMA":
                messages.schemas[message["stream"]] = message
            elif message["type"] == "RECORD":
                messages.records[message["stream"]].append(message["record"])
                if "version" in message:
                    versions = messages.record_versions[message["stream"]]
                    versions.append(message["version"])
            elif message["type"] == "ACTIVATE_VERSION":
                messages.versions.append(message)
            elif message["type"] == "STATE":
                messages.states.append(message["value"])
        return messages

    @property
    def bookmarks(self) -> list[str]:
        """The bookmarks of conversations, in the order of the STATE messages."""
        found = [
            state["bookmarks"].get("conversations", {}).get("replication_key_value")
            for state in self.states
        ]
        return [bookmark for bookmark in found if bookmark]


@dataclass
class Run:
    """A run of the tap that has ended."""

    messages: Messages
    log: str
    exit_code: int

    @property
    def errors(self) -> str:
        """What to show if the run should have gone well: errors, then the log's end."""
        lines = self.log.splitlines()
        errors = [line for line in lines if _ERROR.search(line)]
        return "\n".join([*errors, "", "The log ends with:", *lines[-_LAST_LINES:]])


def settings(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    """Return the tap's settings for a sandbox; conversations from the query."""
    return {
        "conversation_source": "query",
        "requests_per_minute": 100_000,
        "client_id": sandbox.options.client_id,
        "client_secret": sandbox.options.client_secret,
        "api_url": sandbox.api_url,
        "login_url": sandbox.login_url,
        **more,
    }


@functools.cache
def _discovered(settings: str) -> str:
    """Return the catalog of some settings, as JSON."""
    tap = TapGenesys(config=json.loads(settings), validate_config=False)
    return json.dumps(tap.catalog_dict)


def catalog_of(*patterns: str, **config: Any) -> dict[str, Any]:
    """Return a catalog that selects the default tables among those of some names."""
    catalog: dict[str, Any] = json.loads(_discovered(json.dumps(config)))
    for stream in catalog["streams"]:
        if not any(fnmatchcase(stream["tap_stream_id"], each) for each in patterns):
            for entry in stream["metadata"]:
                entry["metadata"]["selected"] = False
    return catalog


def selecting(*streams: str, **config: Any) -> dict[str, Any]:
    """Return a catalog that selects these streams, by default or not, and no others."""
    catalog = catalog_of(*streams, **config)
    for stream in catalog["streams"]:
        if stream["tap_stream_id"] in streams:
            for entry in stream["metadata"]:
                if not entry["breadcrumb"]:
                    entry["metadata"]["selected"] = True
    return catalog


def start(
    folder: Path,
    config: Mapping[str, Any],
    *,
    state: Mapping[str, Any] | None = None,
    catalog: Mapping[str, Any] | None = None,
    options: Iterable[str] = (),
    module: str = "tap_genesys_analytics",
    streams: tuple[str, ...] = (CONVERSATIONS,),
    environ: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the tap in a process of its own; its output goes to files in the folder.

    Without a catalog, the default tables among ``streams`` are read; none: all.
    """
    arguments = []
    if catalog is None and streams and "--discover" not in options:
        defining = {
            name: config[name]
            for name in ("aggregates", "queries", "lists")
            if name in config
        }
        catalog = catalog_of(*streams, **defining)
    inputs = {"config": config, "state": state, "catalog": catalog}
    whole = {**os.environ, **(environ or {})}
    for name, content in inputs.items():
        if content is not None:
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
    command = [sys.executable, "-m", module, *arguments, *options]
    with (folder / "out").open("wb") as out, (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=out, stderr=log, cwd=ROOT, env=whole)


def finish(folder: Path, process: subprocess.Popen[bytes]) -> Run:
    """Wait for a started tap and return what it wrote."""
    exit_code = process.wait(timeout=120)
    with (folder / "out").open("rb") as out:
        messages = Messages.read(out)
    return Run(messages, (folder / "log").read_text("utf-8"), exit_code)


def discover(config: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the catalog that the tap writes."""
    finished = start(folder, config, options=["--discover"])
    assert finished.wait(timeout=60) == 0
    catalog: dict[str, Any] = json.loads((folder / "out").read_bytes())
    return catalog


def run(folder: Path, config: Mapping[str, Any], **inputs: Any) -> Run:
    """Run the tap to its end."""
    return finish(folder, start(folder, config, **inputs))
