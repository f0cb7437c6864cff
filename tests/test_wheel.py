"""The package as a user installs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests import singer

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    options = ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*pip, *options], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_code_and_data_and_nothing_else(wheel: Path) -> None:
    """The models of the API are in it, tests and secrets are not."""
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "tap_genesys_analytics/records/models.json" in names
    assert "tap_genesys_analytics/streams/aggregates.json" in names
    assert "tap_genesys_analytics/py.typed" in names
    folders = {name.split("/")[0] for name in names}
    assert len(folders) == 2
    assert all(folder.startswith("tap_genesys_analytics") for folder in folders)


def test_the_installed_wheel_discovers_every_table(wheel: Path, tmp_path: Path) -> None:
    """From the wheel's own files, in a folder that has no others."""
    place = tmp_path / "installed"
    with ZipFile(wheel) as archive:
        archive.extractall(place)
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r}); "
        "from tap_genesys_analytics.tap import TapGenesys; TapGenesys.cli()"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, "--discover"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        check=True,
    )
    streams = {each["tap_stream_id"] for each in json.loads(found.stdout)["streams"]}
    expected = singer.catalog_of()["streams"]
    assert streams == {each["tap_stream_id"] for each in expected}
