"""Runs Meltano, each run with its own system folder and state id."""

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
#: Starts of frequent log lines, which are logged at level debug.
_NOISE = ("METRIC:", "Skipping deselected stream", "Inserting with SQL:")


class MeltanoError(RuntimeError):
    """A command of Meltano failed; the message has its last errors."""


@dataclass(frozen=True)
class Project:
    """A Meltano project, for several runs at the same time."""

    settings: Meltano

    def state_id(self, suffix: str) -> str:
        """Return the state id of `meltano run` with a suffix."""
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
        """Run extractor and loader to their end, in the system folder ``name``.

        Raises:
            MeltanoError: The run failed.
        """
        about = self.settings
        arguments = ["run", "--no-install", *options]
        if suffix:
            arguments.append(f"--state-id-suffix={suffix}")
        with self._own_folder(name) as folder:
            run_environ = {
                "MELTANO_SYS_DIR_ROOT": str(folder),
                "MELTANO_CLI_LOG_FORMAT": "json",
            }
            command = [*_bound(), *self._command(*arguments)]
            command += [about.extractor, about.loader]
            errors = []
            with self._started(command, {**environ, **run_environ}) as process:
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
        """Return the bookmarks in the state of a suffix."""
        output = self._output_of("state", "get", self.state_id(suffix))
        state: dict[str, Any] = json.loads(output or "{}")
        bookmarks: dict[str, Any] = state.get("singer_state", {}).get("bookmarks", {})
        return bookmarks

    def set_state(self, suffix: str, bookmarks: Mapping[str, Any]) -> None:
        """Replace the state of a suffix by bookmarks."""
        state = json.dumps({"singer_state": {"bookmarks": bookmarks}})
        self._output_of("state", "set", "--force", self.state_id(suffix), state)

    def _command(self, *arguments: str) -> list[str]:
        about = self.settings
        return [about.executable, f"--environment={about.environment}", *arguments]

    def _environment(self) -> dict[str, str]:
        """Return the environment of all commands, with one system database."""
        database = self.settings.project / ".meltano" / "meltano.db"
        return {
            "MELTANO_DATABASE_URI": f"sqlite:///{database}",
            **os.environ,
            "MELTANO_PROJECT_ROOT": str(self.settings.project),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        }

    def _output_of(self, *arguments: str) -> str:
        command = self._command("--log-level=error", *arguments)
        try:
            process = subprocess.run(  # noqa: S603 (the command of the settings)
                command,
                cwd=self.settings.project,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise self._not_started(error) from None
        if process.returncode:
            message = (
                f"`meltano {' '.join(arguments[:3])}` failed: {process.stderr.strip()}"
            )
            raise MeltanoError(message)
        return process.stdout

    @contextmanager
    def _own_folder(self, name: str) -> Iterator[Path]:
        """Create a system folder for one run, with the project's plugins.

        Meltano writes catalog, state and configuration of a run to its system folder,
        with the same names in every run.
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
        """Run a command; terminate it if this process ends first."""
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
    """Return a prefix that ends the command when its worker is killed (Linux)."""
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
