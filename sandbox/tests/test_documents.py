"""What the documents say is true: snippets run, options exist, tables are current."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from genesys_cloud_sandbox.api.faults import FaultKind, Faults
from genesys_cloud_sandbox.cli import main
from genesys_cloud_sandbox.options import SandboxOptions
from scripts.update_documents import ENDPOINTS, document

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_endpoints_are_current() -> None:
    """Otherwise: python scripts/update_documents.py."""
    assert ENDPOINTS.read_text("utf-8") == document()


@pytest.mark.parametrize(
    ("snippet", "printed"),
    [
        (SNIPPETS[0], r"(.+\n){25}"),
        (SNIPPETS[1], r"\d+ users\n"),
        (SNIPPETS[2], r"http\S+ http\S+\n0 requests were refused\n"),
    ],
    ids=["official SDK", "plain requests", "embedded"],
)
def test_a_snippet_of_the_readme_runs(
    tmp_path: Path, snippet: str, printed: str
) -> None:
    """As the README says: under `run`, with its prefix."""
    program = tmp_path / "program.py"
    program.write_text(snippet, "utf-8")
    sandbox = [sys.executable, "-m", "genesys_cloud_sandbox", "run", "--no-postgres"]
    ran = subprocess.run(
        [*sandbox, "--env-prefix", "GENESYS", "--", sys.executable, str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(printed, ran.stdout)


def test_the_readme_names_every_option_and_no_other() -> None:
    """Those of both commands."""
    known = {
        option
        for command in ("serve", "run")
        for option in re.findall(
            r"(--[a-z-]+)", CliRunner().invoke(main, [command, "--help"]).output
        )
    }
    assert len(known) > len(fields(SandboxOptions))
    table = README.partition("## Options")[2].partition("## Faults")[0]
    assert set(re.findall(r"`(--[a-z-]+)`", table)) == known - {"--help"}
    assert set(re.findall(r"--[a-z][a-z-]+", README)) <= known


def test_the_faults_of_the_readme_can_be_had() -> None:
    """Every kind is named, and every example is read."""
    for spec in re.findall(r"--fault '(\w[^'\[]+)'", README):
        Faults().add(spec)
    assert all(f"`{kind}`" in README for kind in get_args(FaultKind))


def test_the_readme_is_short() -> None:
    """Who wants more asks `--help`."""
    assert len(README.encode()) <= 8 * 1024
