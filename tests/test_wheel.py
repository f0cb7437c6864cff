"""The package as a user installs it: the wheel, in an environment of its own."""

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


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel as a user does, and give the folder of its commands."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-compile"]
    pins = ["--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, *options, *pins, str(wheel)], check=True)
    return folder / "bin"


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


def test_the_wheel_has_no_line_of_the_sandbox(wheel: Path) -> None:
    """Neither its code nor a requirement of it, which only tests and the demo need."""
    with ZipFile(wheel) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    of_sandbox = {
        path.read_bytes()
        for path in (ROOT / "sandbox" / "genesys_cloud_sandbox").rglob("*.py")
        if path.read_bytes().count(b"\n") > 1
    }
    for name, content in contents.items():
        if name.startswith("tap_genesys_analytics/"):
            assert b"genesys_cloud_sandbox" not in content, name
            assert content not in of_sandbox, name
    (metadata,) = (text for name, text in contents.items() if name.endswith("METADATA"))
    required = [line for line in metadata.splitlines() if b"Requires-Dist" in line]
    assert required
    assert not any(b"sandbox" in line for line in required)


@pytest.mark.parametrize("command", ["tap-genesys", "tap-genesys-analytics"])
def test_the_installed_commands_describe_the_tap(
    installed: Path, tmp_path: Path, command: str
) -> None:
    """Away from the checkout, with what the wheel requires and nothing else."""
    about = json.loads(run(installed / command, tmp_path, "--about", "--format=json"))
    assert about["name"] == "tap-genesys"
    assert "client_id" in about["settings"]["properties"]


def test_the_installed_tap_discovers_every_table(
    installed: Path, tmp_path: Path
) -> None:
    """The same tables as in the checkout, from the wheel's own models."""
    found = json.loads(run(installed / "tap-genesys", tmp_path, "--discover"))
    streams = {each["tap_stream_id"] for each in found["streams"]}
    expected = singer.catalog_of()["streams"]
    assert streams == {each["tap_stream_id"] for each in expected}


def test_the_installed_environment_has_no_sandbox(
    installed: Path, tmp_path: Path
) -> None:
    """What the other tests of this module ran did without it."""
    code = "import importlib.util as u; print(u.find_spec('genesys_cloud_sandbox'))"
    assert run(installed / "python", tmp_path, "-c", code).strip() == "None"


def run(command: Path, folder: Path, *options: str) -> str:
    """Return what a command prints that is run in a folder, by itself."""
    environ = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    }
    done = subprocess.run(
        [command, *options],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
