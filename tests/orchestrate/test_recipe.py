"""JSON lines by partition, and DuckDB: the manual's recipe, as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import combinations
from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb
import pytest
import yaml
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.orchestrate.engine import (
    ROOT,
    Engine,
    environ_of,
    meltano,
    needs_dagster,
    settings_of,
)
from tests.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Record = dict[str, Any]

PARTITIONS = 3
END = datetime.now(timezone.utc).date() - timedelta(days=2)
START = END - timedelta(days=PARTITIONS)
TABLE = "conversation_segments"
KEYS = ("conversation_id", "participant_id", "session_id", "segment_number")
#: The folder that the manual writes to.
DESTINATION = "/data/genesys"
#: Where a run would begin that knows of no state.
LONG_AGO = START - timedelta(days=30)

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    needs_dagster,
]


def _section() -> str:
    """Return the manual's section with the recipe."""
    text = (ROOT / "docs" / "backfills.md").read_text("utf-8")
    return text.split("## If the warehouse is the bottleneck\n")[1]


def _block(language: str, folder: Path) -> str:
    """Return the recipe's block in a language, for files in a folder of the test."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", _section(), re.DOTALL)
    assert DESTINATION in block
    return str(block).replace(DESTINATION, str(folder))


@dataclass(frozen=True)
class Read:
    """What a backfill to files has left behind."""

    sandbox: Sandbox
    environ: Mapping[str, str]
    folder: Path

    def records(self) -> dict[str, list[Record]]:
        """Return the records of the table, by partition."""
        found: dict[str, list[Record]] = defaultdict(list)
        for file in self.folder.glob(f"conversations/*/{TABLE}.jsonl"):
            with file.open(encoding="utf-8") as lines:
                found[file.parent.name] += [json.loads(line) for line in lines]
        return found


@pytest.fixture(scope="module")
def read(
    installed: None,  # noqa: ARG001 (it only has to be there)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Read]:
    """Read daily windows to files with the manual's settings; then take over."""
    home = tmp_path_factory.mktemp("recipe")
    folder = home / "files"
    snippet = yaml.safe_load(_block("yaml", folder))
    settings = settings_of((f"{START}", f"{END}"), {"conversations": ["conversation*"]})
    settings["meltano"] |= {"environment": "prod", **snippet["meltano"]}
    organisations = snippet["organisations"]
    organisations["main"] |= settings["organisations"]["demo"]
    settings["organisations"] = organisations
    with Sandbox(SandboxOptions(conversations_per_day=20)) as sandbox:
        environ = environ_of(sandbox, home)
        with Engine(home / "home", settings, environ, workers=3) as engine:
            engine.backfill_command("backfill", "main", "--wait")
            engine.backfill_command("takeover", "main")
        yield Read(sandbox, environ, folder)


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record[column] for column in KEYS)


def _plain(value: Any) -> Any:
    """Return what DuckDB makes of a JSON value as the value again.

    It finds out types by itself, and a field that an object lacks is null for it.
    """
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
        return moment.replace("+00:00", "Z")
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    return value


def _newest(partitions: Mapping[str, list[Record]]) -> dict[tuple[Any, ...], Record]:
    """Return the newest reading of each key."""
    newest: dict[tuple[Any, ...], Record] = {}
    for records in partitions.values():
        for record in records:
            before = newest.setdefault(_key(record), record)
            if before["extracted_at"] < record["extracted_at"]:
                newest[_key(record)] = record
    return newest


def test_duckdb_has_the_newest_reading_of_every_key(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of segments in two partitions, too; and the Parquet file has the same rows."""
    partitions = read.records()
    assert len(partitions) == PARTITIONS
    newest = _newest(partitions)
    lines = sum(len(records) for records in partitions.values())
    assert 0 < len(newest) < lines
    keys = [{_key(record)[0] for record in each} for each in partitions.values()]
    assert any(one & other for one, other in combinations(keys, 2))
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        connection.execute(_block("sql", read.folder))
        for source in (TABLE, f"read_parquet('{TABLE}.parquet')"):
            found = connection.sql(f"from {source}")
            rows = [
                dict(zip(found.columns, row, strict=True)) for row in found.fetchall()
            ]
            plain = [_plain(row) for row in rows]
            assert {_key(row): row for row in plain} == {
                key: _plain(record) for key, record in newest.items()
            }
            assert len(rows) == len(newest)


def _copy_command() -> list[str]:
    """Return the manual's command that copies the state."""
    (command,) = re.findall(
        r"^    (meltano .*state copy(?:.*\\\n)*.*)$", _section(), re.MULTILINE
    )
    return shlex.split(str(command).replace("\\\n", " "))


def test_a_sync_into_the_warehouse_goes_on_from_a_copied_state(
    read: Read, tmp_path: Path
) -> None:
    """It asks for what the files do not have, and for nothing before."""
    command, *arguments = _copy_command()
    assert command == "meltano"
    with postgres(tmp_path / "postgres", {}, report=lambda _: None) as server:
        environ = {
            **read.environ,
            **server,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "after",
            "TAP_GENESYS_START_DATE": f"{LONG_AGO}",
            "TAP_GENESYS__SELECT_FILTER": '["conversations"]',
        }
        meltano(environ, *arguments)
        read.sandbox.requests.clear()
        sync = ("run", "--state-id-suffix=main", "tap-genesys", "target-postgres")
        meltano(environ, "--environment=prod", *sync)
        asked = {each.interval for each in read.sandbox.requests if each.interval}
        ((loaded,),) = Warehouse(server, "after").query(
            "select count(*) from conversations"
        )
    assert min(asked)[:10] == f"{END}"
    assert loaded
