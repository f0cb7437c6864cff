"""The account that the private PostgreSQL runs under, and the folder it owns."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# Where a folder of ours goes when the account cannot enter the one asked for.
SHARED_FOLDER = Path("/var/tmp")  # noqa: S108 - shared: see _refuse_if_not_owned


class PostgresError(Exception):
    """The private PostgreSQL cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, and what can be done as that user."""

    name: str
    uid: int
    gid: int

    def run(
        self, command: Sequence[str | Path], *, folder: Path = Path("/"), text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of PostgreSQL as this account, to its end, with a text to read.

        It sees nothing of our environment that could change its behaviour (PGPORT,
        a locale) or that is none of its business (credentials), and nothing of the
        terminal's Ctrl-C.

        Raises:
            OSError: the command is not there, or not for this account.
        """
        switch: dict[str, Any] = {}
        if self.uid != os.geteuid():
            switch = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(  # noqa: S603 - commands are our own
            command,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            start_new_session=True,
            **switch,
        )

    def can_run(self, *command: str | Path) -> bool:
        """Tell whether the command runs, and well, under this account."""
        try:
            return self.run(command).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account reaches the folder through all that is above."""
        return self.can_run("/bin/sh", "-c", 'cd -- "$0"', folder)

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only this account may enter."""
        folder.mkdir(mode=0o700)
        if self.uid != os.geteuid():
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


def server_account() -> Account:
    """Return the account for the server: this one, or for root an unprivileged one.

    Raises:
        PostgresError: for root, on a machine without the usual accounts.
    """
    known = {user.pw_name: user for user in pwd.getpwall()}
    found = known.get("postgres", known.get("nobody"))
    if os.geteuid() != 0:
        found = pwd.getpwuid(os.geteuid())
    if found:
        return Account(found.pw_name, found.pw_uid, found.pw_gid)
    message = (
        "PostgreSQL does not run as root, and this machine has neither the account "
        "'postgres' nor 'nobody' to run it under. Run this as another user."
    )
    raise PostgresError(message)


def server_folder(entry: Path, account: Account) -> Path:
    """Return the real folder behind `entry`, made for `account` when it is missing.

    When the account cannot enter the folders above `entry`, nothing about them is
    changed: the folder is made under /var/tmp, and `entry` becomes a link to it.

    Raises:
        PostgresError: the folder is another account's, or out of reach.
    """
    if entry.is_symlink() and not entry.exists():
        entry.unlink()  # /var/tmp was cleaned
    if not entry.exists():
        if account.can_enter(entry.parent):
            account.make_folder(entry)
        else:
            home = hashlib.sha256(os.fsencode(entry.parent.resolve())).hexdigest()[:16]
            elsewhere = SHARED_FOLDER / f"genesys-sandbox-{home}"
            if os.path.lexists(elsewhere):
                # Whoever deleted the link wanted the data gone.
                _refuse_if_not_owned(elsewhere, account)
                shutil.rmtree(elsewhere)
            account.make_folder(elsewhere)
            entry.symlink_to(elsewhere)
    folder = entry.resolve()
    _refuse_if_not_owned(folder, account)
    return folder


def _refuse_if_not_owned(folder: Path, account: Account) -> None:
    """Trust a folder only when the account made it: anybody may write to /var/tmp."""
    found = folder.lstat()
    owned = stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid
    if not owned or not account.can_enter(folder):
        message = (
            f"{folder} is not a folder that belongs to the account '{account.name}', "
            "which PostgreSQL runs under, and that it can enter. Delete it: it is made "
            "again. Or run this as the user that made it."
        )
        raise PostgresError(message)
