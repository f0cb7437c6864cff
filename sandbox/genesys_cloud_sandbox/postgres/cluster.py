"""The data of the private PostgreSQL, and the server that runs on it."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.postgres.account import PostgresError

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.postgres.account import Account
    from genesys_cloud_sandbox.postgres.servers import Server

HOST = "127.0.0.1"
USER = "sandbox"
DATABASE = "warehouse"
# Without fsync it is faster, and data is lost only when the whole machine dies: it can
# be made again. What is committed survives any process being killed.
SETTINGS = (
    f"-c listen_addresses={HOST} -c unix_socket_directories='' -c timezone=UTC "
    "-c fsync=off -c full_page_writes=off"
)
START_ATTEMPTS = 4
RETRY_SECONDS = 0.5
STOP_SECONDS = 15
LOG_LINES = 15


@dataclass(frozen=True)
class Cluster:
    """A folder of data and password, with the server and the account that serve it."""

    folder: Path
    server: Server
    account: Account
    report: Callable[[str], None]

    @staticmethod
    def major_in(folder: Path) -> int | None:
        """Return which PostgreSQL made the data in the folder, if there is data."""
        version = folder / "cluster" / "data" / "PG_VERSION"
        return int(version.read_text("ascii")) if version.exists() else None

    @property
    def data(self) -> Path:
        """The data folder, as PostgreSQL calls it."""
        return self.folder / "cluster" / "data"

    def run(self) -> dict[str, str]:
        """Return the variables for target-postgres of the running server.

        Raises:
            PostgresError: it does not start; the message ends with its log.
        """
        port = self._running_port()
        if port is not None:
            self._say(f"in use by another command as well, on {HOST}:{port}")
        else:
            if not self.data.exists():
                self._say(f"making a new data folder in {self.folder}")
                self._make()
            self._say(f"starting ({self.server.origin})")
            port = self._start()
            self._say(f"ready on {HOST}:{port}")
        return {
            "TARGET_POSTGRES_HOST": HOST,
            "TARGET_POSTGRES_PORT": str(port),
            "TARGET_POSTGRES_USER": USER,
            "TARGET_POSTGRES_PASSWORD": (self.data / "../password").read_text("ascii"),
            "TARGET_POSTGRES_DATABASE": DATABASE,
        }

    def stop(self) -> None:
        """Stop the server if it runs, and wait until it has ended.

        Raises:
            PostgresError: it does not end, whatever it is told.
        """
        if self._running_port() is None:
            return
        for mode in ("fast", "immediate"):
            stopped = self._pg_ctl("stop", "-m", mode, "-t", str(STOP_SECONDS))
            if stopped.returncode == 0:
                self._say("stopped")
                return
        raise self._error(stopped.stdout)

    def _make(self) -> None:
        """Make data, database and password in one step that is done or not done."""
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.account.make_folder(unfinished)
        # Written by the account, for nobody else to read.
        write = "umask 077; cat > unfinished/password"
        self._run("/bin/sh", "-c", write, text=secrets.token_urlsafe(24))
        self._run(
            self.server.folder / "initdb",
            f"--pgdata={unfinished / 'data'}",
            f"--username={USER}",
            f"--pwfile={unfinished / 'password'}",
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"),
        )
        # A server of its own, without a port, for as long as there is text to read.
        self._run(
            self.server.folder / "postgres",
            *("--single", "-c", "fsync=off", "-D", unfinished / "data", "postgres"),
            text=f"create database {DATABASE}\n",
        )
        unfinished.rename(self.data.parent)

    def _start(self) -> int:
        """Start the server and return its port."""
        log = self.folder / "server.log"
        for _ in range(START_ATTEMPTS):
            log.unlink(missing_ok=True)
            with socket.create_server((HOST, 0)) as probe:
                port: int = probe.getsockname()[1]
            options = f"--options={SETTINGS} -c port={port}"
            started = self._pg_ctl("start", f"--log={log}", options)
            if started.returncode == 0:
                return port
            said = log.read_text("utf-8", "replace") if log.exists() else ""
            if "in use" not in said:  # the port, or memory that a killed server shared
                break
            time.sleep(RETRY_SECONDS)
        raise self._error(said or started.stdout)

    def _pg_ctl(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        pg_ctl = str(self.server.folder / "pg_ctl")
        command = [pg_ctl, f"--pgdata={self.data}", "--wait", action, *options]
        return self.account.run(command, folder=self.folder)

    def _run(self, *command: str | Path, text: str = "") -> None:
        ran = self.account.run(command, folder=self.folder, text=text)
        if ran.returncode != 0:
            raise self._error(ran.stdout)

    def _running_port(self) -> int | None:
        """Return the port of the server that runs on the data, if one does.

        What a killed server, or a machine that died, has left behind is removed: by now
        its process number may be that of another process, even of another PostgreSQL.
        """
        note = self.data / "postmaster.pid"
        if not note.exists():
            return None
        lines = note.read_text("utf-8").splitlines()
        if lines[4:] and str(self.data) in _command_line(lines[0]):
            return int(lines[3])
        note.unlink()
        return None

    def _say(self, what: str) -> None:
        self.report(f"{self.server}: {what}")

    def _error(self, output: str) -> PostgresError:
        last_lines = "\n".join(output.splitlines()[-LOG_LINES:])
        return PostgresError(
            f"{self.server} ({self.server.origin}, in {self.server.folder}) fails on "
            f"{self.folder}. Its last words:\n{last_lines}"
        )


def _command_line(process: str) -> str:
    """Return the command line of a process, empty when there is none."""
    if Path("/proc/self/cmdline").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return Path("/proc", process, "cmdline").read_text("utf-8", "replace")
        return ""
    ps = ["/bin/ps", "-ww", "-o", "args=", "-p", process]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603 - no input but a number
