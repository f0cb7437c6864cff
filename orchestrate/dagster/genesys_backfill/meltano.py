"""Runs Meltano: each run in a folder of its own, with a state id of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from genesys_backfill.settings import Meltano

    Tell = Callable[[str, str], None]

_PLUGINS = ("extractors", "loaders", "mappers", "utilities")
_LAST_ERRORS = 5
_STOP_SECONDS = 30
#: What a log says too often to be of use.
_NOISE = ("METRIC:", "Skipping deselected stream", "Inserting with SQL:")


class MeltanoError(RuntimeError):
    """Meltano did not do what it was asked for; the message has its last errors."""


@dataclass(frozen=True)
class Project:
    """A Meltano project, shared by runs that do not step on each other."""

    settings: Meltano

    def state_id(self, suffix: str) -> str:
        """Return the state id that `meltano run` makes of a suffix."""
        about = self.settings
        plain = f"{about.environment}:{about.extractor}-to-{about.loader}"
        return f"{plain}:{suffix}" if suffix else plain

    def run(
        self,
        name: str,
        suffix: str,
        environ: Mapping[str, str],
        *options: str,
        tell: Tell,
        secrets: tuple[str, ...] = (),
    ) -> None:
        """Run extractor and loader to their end, in a folder of that name.

        Raises:
            MeltanoError: The run failed.
        """
        about = self.settings
        arguments = ["run", "--no-install", *options]
        if suffix:
            arguments.append(f"--state-id-suffix={suffix}")
        with self._own_folder(name) as folder:
            own = {
                "MELTANO_SYS_DIR_ROOT": str(folder),
                "MELTANO_CLI_LOG_FORMAT": "json",
            }
            command = [*_bound(), *self._command(*arguments)]
            command += [about.extractor, about.loader]
            errors = []
            with self._started(command, {**environ, **own}) as process:
                for line in process.stdout or ():
                    level, text = _read(line, secrets)
                    tell(level, text)
                    if level in {"error", "critical"}:
                        errors.append(text)
        if process.returncode:
            last = " | ".join(dict.fromkeys(errors[-_LAST_ERRORS:]))
            message = (
                f"Meltano ended with exit code {process.returncode}: "
                f"{last or 'it said nothing; see the log of this run'}"
            )
            raise MeltanoError(message)

    def state(self, suffix: str) -> dict[str, Any]:
        """Return the bookmarks that are kept under the state id of a suffix."""
        found = self._ask("state", "get", self.state_id(suffix))
        state: dict[str, Any] = json.loads(found or "{}")
        bookmarks: dict[str, Any] = state.get("singer_state", {}).get("bookmarks", {})
        return bookmarks

    def set_state(self, suffix: str, bookmarks: Mapping[str, Any]) -> None:
        """Keep bookmarks under the state id of a suffix, instead of what is there."""
        state = json.dumps({"singer_state": {"bookmarks": bookmarks}})
        self._ask("state", "set", "--force", self.state_id(suffix), state)

    def _command(self, *arguments: str) -> list[str]:
        about = self.settings
        return [about.executable, f"--environment={about.environment}", *arguments]

    def _environment(self) -> dict[str, str]:
        """Return the environment of all commands: one system database for all."""
        database = self.settings.project / ".meltano" / "meltano.db"
        return {
            "MELTANO_DATABASE_URI": f"sqlite:///{database}",
            **os.environ,
            "MELTANO_PROJECT_ROOT": str(self.settings.project),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        }

    def _ask(self, *arguments: str) -> str:
        command = self._command("--log-level=error", *arguments)
        try:
            ran = subprocess.run(  # noqa: S603 (the command of the settings)
                command,
                cwd=self.settings.project,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise self._not_started(error) from None
        if ran.returncode:
            message = (
                f"`meltano {' '.join(arguments[:3])}` failed: {ran.stderr.strip()}"
            )
            raise MeltanoError(message)
        return ran.stdout

    @contextmanager
    def _own_folder(self, name: str) -> Iterator[Path]:
        """Give a run a system folder of its own, with the project's plugins in it.

        Meltano keeps the catalog, the state and the configuration of a run in its
        system folder, under names that all runs share.
        """
        system = self.settings.project / ".meltano"
        folder = system / "backfill" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for plugins in _PLUGINS:
            (folder / plugins).symlink_to(system / plugins)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _started(
        self, command: list[str], environ: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a command; it ends with us, and if we are told to end."""
        try:
            process = subprocess.Popen(  # noqa: S603 (the command of the settings)
                command,
                cwd=self.settings.project,
                env={**self._environment(), **environ},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise self._not_started(error) from None
        try:
            yield process
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _not_started(self, error: OSError) -> MeltanoError:
        message = (
            f"{self.settings.executable} cannot be run: {error.strerror}. "
            "`meltano.executable` in the settings names it."
        )
        return MeltanoError(message)


def _bound() -> list[str]:
    """Return the prefix that ends a command when its worker is killed, on Linux."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _read(line: str, secrets: tuple[str, ...]) -> tuple[str, str]:
    """Return level and text of a line of Meltano's log, without secrets."""
    for secret in secrets:
        line = line.replace(secret, "*****")
    try:
        entry = json.loads(line)
        level, text = str(entry["level"]), str(entry["event"])
    except (ValueError, TypeError, KeyError):
        return "info", line.rstrip()
    if text.startswith(_NOISE):
        level = "debug"
    if name := entry.get("name"):
        text = f"{name}: {text}"
    if (error := entry.get("err") or entry.get("exc_info")) and level == "error":
        text = f"{text}: {error}"
    return level, text
