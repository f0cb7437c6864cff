"""`meltano run tap-genesys target-postgres`: rows per second, and where time goes."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import serving
from benchmarks.commands import DEFAULT_TABLES, RECORD, UNLIMITED, known_settings, tap
from benchmarks.measuring import ROOT, Command, run, spread
from tap_genesys_analytics.sandbox.postgres import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.measuring import Usage
    from benchmarks.serving import Server

_PER_DAY, _DAYS = 500, 2
_SMALLEST_DAY = 50

#: What a project needs of ours: its plugins and, to install it, the tap.
_FILES = ("meltano.yml", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")
_PACKAGE = "tap_genesys_analytics"

#: The parts that are measured.
TAP, TARGET, MELTANO = "tap", "target", "meltano run"
EMPTY = f"{MELTANO}, an empty day"

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A Meltano project of its own, and the database and server that it is told of."""

    folder: Path
    environ: Mapping[str, str]
    server: Server

    def loaded_into(self, schema: str, *, validates: bool) -> dict[str, str]:
        """Return the environment of a load into tables of its own."""
        return {
            **self.environ,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
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
    """Return seconds of the whole and of its parts, each by itself."""
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
            parts = {TAP: alone}
            for validates in (True, False):
                kind = "validating" if validates else "not validating"
                schema = f"run_{number}_{str(validates).lower()}"
                parts[f"{TARGET}, {kind}"] = project.target(
                    f"{schema}_alone", alone.output, validates=validates
                )
                parts[f"{MELTANO}, {kind}"] = project.meltano(
                    schema, server.days, validates=validates
                )
            parts[EMPTY] = project.meltano(
                f"run_{number}_empty", server.days.before, validates=True
            )
            for part, command in parts.items():
                usages.setdefault(part, []).append(run(command))
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


@contextmanager
def _project(folder: Path, server: Server) -> Iterator[Project]:
    """Make a project with its plugins installed, beside a private PostgreSQL."""
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
