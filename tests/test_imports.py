"""Imports between rooms: the contracts in pyproject.toml, checked by import-linter."""

from __future__ import annotations

from pathlib import Path

import pytest

# Not by its command: that disables the loggers of all other tests of the process.
pytest.importorskip("importlinter.api", reason="import-linter needs Python 3.11")
use_cases = pytest.importorskip("importlinter.application.use_cases")

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def test_rooms_import_only_what_their_contracts_allow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No room imports one above it, and no modules import each other in a circle."""
    are_kept = use_cases.lint_imports(config_filename=str(PROJECT), cache_dir=None)
    report = capsys.readouterr().out
    _, _, broken = report.partition("Broken contracts")
    assert are_kept, broken or report
