"""The commands to measure: the tap and its peers, on a server, for some days."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from benchmarks.deep_schema import conversation_schema
from benchmarks.environment import PEERS_PYTHON
from benchmarks.measuring import ROOT, Command
from benchmarks.serving import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.serving import Days, Server

TAP = (sys.executable, "-m", "tap_genesys_analytics")
UNLIMITED = 1_000_000

#: Peers by hand, a line for each conversation; and taps. Both need what the tap needs.
_SCRIPTS = frozenset({"bare", "plain", "workers"})
_TAPS = frozenset({"sdk_tap", "sdk_workers"})

#: The mark of a line with a record.
RECORD = re.compile(rb'"type": ?"RECORD"')
_STREAM = re.compile(rb'"stream": ?"conversations"')
_SUMMARY = re.compile(r"conversations: .*?([\d,]+) records")


@dataclass(frozen=True)
class Selection:
    """Streams, and whether columns are selected that are not by default."""

    streams: str
    by_default: bool = False


#: One stream with whole documents.
NESTED = Selection("conversations")
#: All tables made of a conversation.
TABLES = Selection("conversation*")
#: The default selection.
DEFAULT_TABLES = Selection("conversation*", by_default=True)
DEFAULT = Selection("*", by_default=True)


@functools.cache
def known_settings() -> frozenset[str]:
    """Return the names of the settings that this version of the tap has."""
    about = json.loads(_output(*TAP, "--about", "--format=json"))
    return frozenset(about["settings"]["properties"])


@functools.cache
def _discovered() -> bytes:
    """Return the tap's catalog."""
    return _output(*TAP, "--discover")


def catalog(selection: Selection) -> dict[str, Any]:
    """Return a catalog with this selection."""
    document: dict[str, Any] = json.loads(_discovered())
    for stream in document["streams"]:
        chosen = fnmatchcase(stream["tap_stream_id"], selection.streams)
        nested = selection == NESTED
        for entry in stream["metadata"]:
            about = entry["metadata"]
            if not chosen:
                about["selected"] = False
            elif not selection.by_default and (nested or not entry["breadcrumb"]):
                about["selected"] = True
    return document


def tap(
    folder: Path,
    server: Server,
    days: Days,
    selection: Selection,
    *,
    state: Mapping[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401 (settings of the tap)
) -> Command:
    """Return the command that runs the tap in a folder, with some settings."""
    config = {
        **_access(server),
        "start_date": days.start,
        "end_date": days.end,
        **{name: value for name, value in settings.items() if name in known_settings()},
    }
    config = {name: value for name, value in config.items() if value is not None}
    arguments = list(TAP)
    folder.mkdir(parents=True, exist_ok=True)
    inputs = {"config": config, "catalog": catalog(selection), "state": state}
    for name, content in inputs.items():
        if content is not None:
            path = folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
    return Command("the tap", arguments, folder / "out")


def peer(
    module: str, folder: Path, server: Server, days: Days, source: str = "query"
) -> Command:
    """Return the command that runs a peer in a folder."""
    python = sys.executable if module in _SCRIPTS | _TAPS else PEERS_PYTHON
    folder.mkdir(parents=True, exist_ok=True)
    schema, config = folder / "schema.json", folder / "config.json"
    access = {**_access(server), "start_date": days.start, "end_date": days.end}
    schema.write_text(json.dumps(conversation_schema()), encoding="utf-8")
    config.write_text(json.dumps(access), encoding="utf-8")
    arguments = [python, "-m", f"benchmarks.peers.{module}"]
    if module in _TAPS:
        arguments += ["--config", str(config)]
    environ = {
        **{f"GENESYS_{name.upper()}": value for name, value in _access(server).items()},
        "GENESYS_START": days.start,
        "GENESYS_END": days.end,
        "GENESYS_SOURCE": source,
        "GENESYS_SCHEMA": str(schema),
        # Without telemetry, and without compression of files.
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    }
    return Command(module, arguments, folder / "out", environ)


def conversations_written(command: Command) -> int:
    """Return how many conversations a run has written."""
    loaded = command.output.parent / "loaded"
    if loaded.exists():
        files = loaded.glob("genesys/conversations/*.jsonl")
        return sum(_lines(file) for file in files)
    if command.name in _SCRIPTS:
        return _lines(command.output)
    with command.output.open("rb") as lines:
        return sum(bool(RECORD.search(line) and _STREAM.search(line)) for line in lines)


def conversations_read(command: Command) -> int:
    """Return the number of conversations in the tap's log."""
    match = _SUMMARY.search(command.log.read_text("utf-8"))
    return int(match[1].replace(",", "")) if match else 0


def _access(server: Server) -> dict[str, str]:
    """Return the settings for a server: its URL and its credentials."""
    return {
        "api_url": server.api_url,
        "login_url": server.login_url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _output(*command: str) -> bytes:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
