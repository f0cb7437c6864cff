"""What the tests of the backfills share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.orchestrate.engine import ROOT

PLUGINS = ("extractors/tap-genesys", "loaders/target-postgres", "loaders/target-jsonl")


@pytest.fixture(scope="session")
def installed() -> None:
    """Install Meltano's plugins, unless they are: partitions do not do so."""
    meltano = Path(sys.executable).with_name("meltano")
    if all((ROOT / ".meltano" / plugin / "venv").exists() for plugin in PLUGINS):
        return
    subprocess.run([meltano, "install"], cwd=ROOT, check=True)
