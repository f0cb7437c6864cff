"""`meltano run tap-genesys target-postgres`: rows per second, and time per part."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from genesys_cloud_sandbox.postgres import postgres
from psycopg import sql

from benchmarks import serving
from benchmarks.commands import DEFAULT_TABLES, RECORD, UNLIMITED, known_settings, tap
from benchmarks.measuring import ROOT, Command, checked, run, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.measuring import Usage
    from benchmarks.serving import Server

_PER_DAY, _DAYS = 1_000, 2
_SMALLEST_DAY = 50

_SCHEMA = "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA"

#: Files of the repository that a project needs: its plugins and the tap.
_FILES = ("meltano.yml", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")
_PACKAGE = "tap_genesys_analytics"

#: The parts that are measured.
TAP, TARGET, MELTANO = "tap", "target", "meltano run"
EMPTY = f"{MELTANO}, an empty day"

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A separate Meltano project, with its database and server."""

    folder: Path
    environ: Mapping[str, str]
    server: Server

    def conversations_in(self, schema: str) -> int:
        """Return how many conversations were loaded into a schema."""
        get = self.environ.__getitem__
        query = sql.SQL("select count(*) from {}.conversations")
        with psycopg.connect(
            host=get("TARGET_POSTGRES_HOST"),
            port=get("TARGET_POSTGRES_PORT"),
            user=get("TARGET_POSTGRES_USER"),
            password=get("TARGET_POSTGRES_PASSWORD"),
            dbname=get("TARGET_POSTGRES_DATABASE"),
        ) as connection:
            row = connection.execute(query.format(sql.Identifier(schema))).fetchone()
        return int(row[0]) if row else 0

    def loaded_into(self, schema: str, *, validates: bool) -> dict[str, str]:
        """Return the environment of a load into a new schema."""
        return {
            **self.environ,
            _SCHEMA: schema,
            "TARGET_POSTGRES_VALIDATE_RECORDS": str(validates).lower(),
            "TARGET_POSTGRES_USE_COPY": "true",
        }

    def meltano(self, schema: str, days: serving.Days, *, validates: bool) -> Command:
        """Return the command that runs tap and target together."""
        settings = {
            "api_url": self.server.api_url,
            "login_url": self.server.login_url,
            "client_id": serving.CLIENT_ID,
            "client_secret": serving.CLIENT_SECRET,
            "start_date": days.start,
            "end_date": days.end,
            "conversation_source": "jobs",
            "requests_per_minute": str(UNLIMITED),
        }
        environ = {
            f"TAP_GENESYS_{name.upper()}": value
            for name, value in settings.items()
            if name in known_settings()
        }
        environ["TAP_GENESYS__SELECT_FILTER"] = '["conversation*"]'
        environ |= self.loaded_into(schema, validates=validates)
        arguments = [
            str(_BIN / "meltano"),
            "--log-level=warning",
            "run",
            f"--state-id-suffix={schema}",
            "tap-genesys",
            "target-postgres",
        ]
        return Command("meltano run", arguments, self.folder / "out", environ)

    def target(self, schema: str, messages: Path, *, validates: bool) -> Command:
        """Return the command that loads a file of messages."""
        arguments = [str(_BIN / "target-postgres"), "--config=ENV"]
        environ = self.loaded_into(schema, validates=validates)
        output = self.folder / "target"
        return Command("target-postgres", arguments, output, environ, input=messages)


def measure(scale: float, runs: int) -> dict[str, Any]:
    """Return the seconds of the whole run and of each part alone."""
    per_day = max(_SMALLEST_DAY, round(_PER_DAY * scale))
    usages: dict[str, list[Usage]] = {}
    with (
        tempfile.TemporaryDirectory() as name,
        serving.replay(Path(name), per_day, _DAYS) as server,
        _project(Path(name) / "project", server) as project,
    ):
        alone = tap(
            Path(name) / "tap",
            server,
            server.days,
            DEFAULT_TABLES,
            conversation_source="jobs",
            requests_per_minute=UNLIMITED,
        )
        for number in range(runs):
            for part, command in _parts(project, alone, number).items():
                usages.setdefault(part, []).append(run(command))
                schema = command.environ.get(_SCHEMA)
                if schema and part != EMPTY:
                    loaded = project.conversations_in(schema)
                    checked(part, loaded, per_day * _DAYS)
                print(part, usages[part][-1], flush=True)
        rows = _rows(alone.output)
    return {
        "conversations": per_day * _DAYS,
        "rows": rows,
        "parts": {
            part: {
                "seconds": spread([it.seconds for it in found]),
                "cpu_seconds": spread([it.cpu_seconds for it in found]),
                "rows_per_second": spread([rows / it.seconds for it in found]),
            }
            for part, found in usages.items()
        },
    }


def _parts(project: Project, alone: Command, number: int) -> dict[str, Command]:
    """Return the commands of a round; the target loads the output of the tap."""
    days = project.server.days
    parts = {TAP: alone}
    for validates in (True, False):
        kind = "validating" if validates else "not validating"
        schema = f"round_{number}_{str(validates).lower()}"
        parts[f"{TARGET}, {kind}"] = project.target(
            f"{schema}_alone", alone.output, validates=validates
        )
        parts[f"{MELTANO}, {kind}"] = project.meltano(schema, days, validates=validates)
    empty = f"round_{number}_empty"
    parts[EMPTY] = project.meltano(empty, days.before, validates=True)
    return parts


@contextmanager
def _project(folder: Path, server: Server) -> Iterator[Project]:
    """Create a project with plugins and a private PostgreSQL."""
    folder.mkdir()
    for file in _FILES:
        shutil.copy(ROOT / file, folder)
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / _PACKAGE, folder / _PACKAGE, ignore=unwanted)
    environ = {
        "MELTANO_ENVIRONMENT": "sandbox",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        "MELTANO_STATE_BACKEND_URI": f"file://{folder}/state",
        "PYTHONPATH": "",
    }
    plugins = ("tap-genesys", "target-postgres")
    arguments = [str(_BIN / "meltano"), "install", *plugins]
    run(Command("meltano install", arguments, folder / "install", environ))
    with postgres(folder / "server", {}, report=lambda _: None) as variables:
        yield Project(folder, {**environ, **variables}, server)


def _rows(messages: Path) -> int:
    """Return how many records a file of messages holds."""
    with messages.open("rb") as lines:
        return sum(bool(RECORD.search(line)) for line in lines)
