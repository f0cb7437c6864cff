"""A Dagster of its own for a test: instance, settings, daemon and workers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from genesys_cloud_sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "orchestrate" / "dagster"
BIN = PROJECT / ".venv" / "bin"
MODULE = "genesys_backfill.definitions"
_STOP_SECONDS = 30

#: Dagster needs other versions than Meltano: it has an environment of its own.
needs_dagster = pytest.mark.skipif(
    not (BIN / "genesys-backfill").exists(), reason="`make dagster` installs it"
)

#: Id and process of a run, in a line of the log.
_RUN = r"([0-9a-f-]{{36}}) - (\d+) - {}"


@dataclass
class Engine:
    """Runs backfills on processes of this machine while its `with` block lasts."""

    home: Path
    settings: Mapping[str, Any]
    environ: Mapping[str, str]
    workers: int = 2
    _daemon: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def write(self) -> None:
        """Write instance and settings, and give the pools their limits."""
        instance = yaml.safe_load((PROJECT / "dagster.yaml").read_text("utf-8"))
        instance["concurrency"]["runs"]["max_concurrent_runs"] = self.workers
        instance["run_monitoring"]["poll_interval_seconds"] = 2
        self.home.mkdir(parents=True, exist_ok=True)
        for name, content in (("dagster", instance), ("genesys", self.settings)):
            (self.home / f"{name}.yaml").write_text(json.dumps(content), "utf-8")
        self.backfill_command("pools")

    def __enter__(self) -> Self:
        """Start the daemon."""
        self.write()
        with self.log.open("wb") as log:
            self._daemon = subprocess.Popen(
                [BIN / "dagster-daemon", "run", "-m", MODULE],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the daemon and whatever it still runs."""
        assert self._daemon
        self._daemon.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._daemon.wait(_STOP_SECONDS)
        self._daemon.kill()
        self._daemon.wait()
        for worker in self.worker_processes():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    @property
    def log(self) -> Path:
        """What daemon and workers say."""
        return self.home / "daemon.log"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of all that belongs to it."""
        return {
            **os.environ,
            **self.environ,
            "DAGSTER_HOME": str(self.home),
            "GENESYS_BACKFILL_SETTINGS": str(self.home / "genesys.yaml"),
        }

    def backfill_command(self, *arguments: str, check: bool = True) -> str:
        """Run `genesys-backfill`; return what it says."""
        return self._run("genesys-backfill", *arguments, check=check)

    def runs(self) -> list[dict[str, Any]]:
        """Return what became of the runs that there were, the oldest first."""
        script = Path(__file__).with_name("runs.py")
        found: list[dict[str, Any]] = json.loads(self._run("python", str(script)))
        return found

    def graphql(self, mutation: str, **variables: Any) -> str:
        """Ask Dagster for what its UI would ask; return its answer."""
        given = json.dumps(variables)
        return self._run("dagster-graphql", "-m", MODULE, "-t", mutation, "-v", given)

    def run_job(self, job: str) -> str:
        """Run a job of Dagster's, here and now."""
        return self._run("dagster", "job", "execute", "-m", MODULE, "-j", job)

    def _run(self, command: str, *arguments: str, check: bool = True) -> str:
        ran = subprocess.run(
            [BIN / command, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or ran.returncode == 0, f"{ran.stdout}\n{self.said()}"
        return ran.stdout

    def said(self) -> str:
        """Return the log of daemon and workers, as far as there is one."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def worker_processes(self) -> list[int]:
        """Return the processes whose partitions have begun and not ended, by age."""
        said = self.said()
        ended = {run for run, _ in re.findall(_RUN.format("RUN_(?:SUCC|FAIL)"), said)}
        begun = re.findall(_RUN.format("RUN_START"), said)
        return [int(process) for run, process in begun if run not in ended]


def settings_of(
    days: tuple[str, str], groups: Mapping[str, list[str]], **more: Any
) -> dict[str, Any]:
    """Return settings: daily windows, the one client of the sandbox, and more."""
    client = {"id": "TAP_GENESYS_CLIENT_ID", "secret": "TAP_GENESYS_CLIENT_SECRET"}
    return {
        "meltano": {
            "project": str(ROOT),
            "executable": str(Path(sys.executable).with_name("meltano")),
            "environment": "sandbox",
        },
        "partitions": {"every": "day", "start": days[0], "end": days[1]},
        "groups": dict(groups),
        "organisations": {
            "demo": {"clients": {"first": {**client, "slots": 4, "rest_seconds": 0}}}
        },
        "retry_seconds": 2,
        **more,
    }


def environ_of(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """Return an environment with a sandbox for Genesys Cloud, and states of its own."""
    return {
        "TAP_GENESYS_API_URL": sandbox.api_url,
        "TAP_GENESYS_LOGIN_URL": sandbox.login_url,
        "TAP_GENESYS_CLIENT_ID": sandbox.options.client_id,
        "TAP_GENESYS_CLIENT_SECRET": sandbox.options.client_secret,
        **states_in(folder),
    }


def states_in(folder: Path) -> dict[str, str]:
    """Return the environment of a Meltano that keeps its states in a folder."""
    return {
        "MELTANO_STATE_BACKEND_URI": f"file://{folder}/state",
        "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
    }


def meltano(environ: Mapping[str, str], *arguments: str) -> None:
    """Run the Meltano of these tests in the project."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("meltano"), *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
