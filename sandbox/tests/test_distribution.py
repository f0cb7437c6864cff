"""The wheel works by itself, in an environment that has nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT.parent / "constraints.txt"
TAP = "tap_genesys" + "_analytics"
CLIENT = """
import json, os
from urllib.request import Request, urlopen

def ask(url, token=None, data=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return json.load(urlopen(Request(url, data, headers)))

env = {name[4:]: value for name, value in os.environ.items() if name[:4] == "BOX_"}
form = f"client_id={env['CLIENT_ID']}&client_secret={env['CLIENT_SECRET']}"
data = f"grant_type=client_credentials&{form}".encode()
token = ask(env["LOGIN_URL"] + "/oauth/token", data=data)["access_token"]
page = ask(env["API_URL"] + "/api/v2/users?pageSize=25&pageNumber=1", token)
print(len(page["entities"]), page["pageCount"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the folder of the product."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps"]
    pip += ["--no-build-isolation"]  # what builds it is among what tests need
    subprocess.run([*pip, "--wheel-dir", str(folder), str(ROOT)], check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the wheel, and no extra of it."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, with_pip=True)
    constraint = ["--constraint", str(CONSTRAINTS)] if CONSTRAINTS.exists() else []
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "install"]
    subprocess.run([*pip, *constraint, str(wheel)], check=True)
    return folder / "bin"


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """Its code, its data, and that it has types; no tests, no scripts."""
    package = ROOT / "genesys_cloud_sandbox"
    known = {
        str(path.relative_to(ROOT))
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "genesys_cloud_sandbox/py.typed" in known
    held = set(ZipFile(wheel).namelist())
    assert {name for name in held if ".dist-info/" not in name} == known


def test_no_file_names_the_tap() -> None:
    """Neither is needed for the other."""
    naming = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".toml", ".json", ".typed"}
        and TAP in path.read_text("utf-8")
    ]
    assert naming == []


def test_run_works_in_a_bare_environment(bare: Path, tmp_path: Path) -> None:
    """Away from the checkout, without a PostgreSQL: a login and a page of users."""
    command = [str(bare / "genesys-sandbox"), "run", "--env-prefix", "BOX", "--"]
    ran = subprocess.run(
        [*command, str(bare / "python"), "-c", CLIENT],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (ran.returncode, ran.stdout) == (0, "25 4\n"), ran.stderr
    assert "PostgreSQL" not in ran.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["genesys-sandbox", "tap-genesys-sandbox"])
def test_serve_works_in_a_bare_environment(
    bare: Path, tmp_path: Path, command: str
) -> None:
    """By either name; the lines that it prints are all that a client needs."""
    with subprocess.Popen(
        [str(bare / command), "serve", "--env-prefix", "BOX"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:
        assert server.stdout is not None
        lines = "".join(server.stdout.readline() for _ in range(5))
        told = dict(re.findall(r"export (\w+)=(\S+)", lines))
        asked = subprocess.run(
            [str(bare / "python"), "-c", CLIENT],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | told,
        )
        server.terminate()
        assert (asked.returncode, asked.stdout) == (0, "25 4\n"), asked.stderr
