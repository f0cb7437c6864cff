"""The environment of the peers, and a description of this machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.measuring import ROOT

_VENV = Path(__file__).parent / ".venv"
PEERS_PYTHON = str(_VENV / "bin" / "python")

_GIBIBYTE = 1 << 30


def install_peers() -> None:
    """Create the peers' virtual environment from the dependency group `bench`."""
    marker = _VENV / ".made"
    project = ROOT / "pyproject.toml"
    if marker.exists() and marker.stat().st_mtime >= project.stat().st_mtime:
        return
    print(f"Installing the peers into {_VENV.relative_to(ROOT)} ...", flush=True)
    pip = [PEERS_PYTHON, "-m", "pip", "install", "--quiet", "--quiet"]
    commands = [
        [sys.executable, "-m", "venv", str(_VENV)],
        [*pip, "--disable-pip-version-check", "--upgrade", "pip>=25.1"],
        [*pip, "--disable-pip-version-check", "--group", f"{project}:bench"],
    ]
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True)
    marker.touch()


def versions() -> str:
    """Return the installed peers: name and version."""
    program = (
        "from importlib.metadata import version;"
        "print(', '.join(f'{name} {version(name)}' for name in ('airbyte-cdk', 'dlt')))"
    )
    process = subprocess.run(
        [PEERS_PYTHON, "-c", program], check=True, capture_output=True, text=True
    )
    return process.stdout.strip()


def machine() -> dict[str, str]:
    """Return the conditions of the results: machine, Python, date."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBIBYTE
    return {
        "CPU": f"{_cpu_model()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
    }


def _cpu_model() -> str:
    """Return the CPU's name, if the system has it."""
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
