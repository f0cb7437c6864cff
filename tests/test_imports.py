"""Imports between rooms: the contracts in pyproject.toml, checked by import-linter."""

from __future__ import annotations

import pytest

cli = pytest.importorskip("importlinter.cli", reason="import-linter needs Python 3.11")


def test_rooms_import_only_what_their_contracts_allow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No room imports one above it, and no modules import each other in a circle."""
    status = cli.lint_imports(no_cache=True)
    report = capsys.readouterr().out
    _, _, broken = report.partition("Broken contracts")
    assert status == cli.EXIT_STATUS_SUCCESS, broken or report
