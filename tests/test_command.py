"""The command line: what it answers without a request, and what it does with one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tap_genesys_analytics.sandbox.server import Sandbox, SandboxOptions
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent


def tap(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command to its end."""
    return subprocess.run(
        [BIN / "tap-genesys", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environ},
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    with Sandbox(SandboxOptions(conversations_per_day=20)) as sandbox:
        yield sandbox


def test_both_names_of_the_command_tell_its_version() -> None:
    """The name that Meltano calls, and that of the package."""
    expected = f"tap-genesys v{version('tap-genesys-analytics')}"
    assert tap("--version").stdout.startswith(expected)
    alias = subprocess.run(
        [BIN / "tap-genesys-analytics", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert alias.stdout.startswith(expected)


def test_about_names_every_setting_and_marks_the_secret() -> None:
    """Machine-readable, as the hub wants it."""
    about = json.loads(tap("--about", "--format=json").stdout)
    settings = (
        {each["name"]: each for each in about["settings"]}
        if isinstance(about["settings"], list)
        else about["settings"]["properties"]
    )
    assert {"client_id", "client_secret", "region", "page_size"} <= set(settings)
    assert settings["client_secret"]["secret"] is True


def test_discovery_needs_no_settings_and_lists_every_table() -> None:
    """With keys, the replication key, and what is selected by default."""
    catalog = json.loads(tap("--discover").stdout)
    streams = {each["tap_stream_id"]: each for each in catalog["streams"]}
    assert set(streams) == {table.name for table in TABLES}
    for table in TABLES:
        stream = streams[table.name]
        assert stream["key_properties"] == [column.name for column in table.keys]
        assert stream["replication_key"] == "conversation_start"
        assert stream["replication_method"] == "INCREMENTAL"
        metadata = {tuple(m["breadcrumb"]): m["metadata"] for m in stream["metadata"]}
        assert metadata[()]["selected-by-default"] is table.selected_by_default
    nested = ("properties", "participants")
    metadata = {
        tuple(m["breadcrumb"]): m["metadata"]
        for m in streams["conversations"]["metadata"]
    }
    assert metadata[nested]["selected-by-default"] is False


def test_the_connection_test_reads_a_record_of_the_tables(sandbox: Sandbox) -> None:
    """--test reaches Genesys and ends well."""
    environ = {
        f"TAP_GENESYS_{name.upper()}": str(value)
        for name, value in singer.settings(sandbox).items()
    }
    finished = tap("--config=ENV", "--test", **environ)
    assert finished.returncode == 0, finished.stderr
    assert sandbox.requests.count() > 1
    assert '"stream":"conversations"' in finished.stdout


def test_the_connection_test_fails_with_wrong_credentials(sandbox: Sandbox) -> None:
    """And says which two causes are usual."""
    environ = {
        f"TAP_GENESYS_{name.upper()}": str(value)
        for name, value in singer.settings(sandbox).items()
    }
    environ["TAP_GENESYS_CLIENT_SECRET"] = "a-wrong-one"
    finished = tap("--config=ENV", "--test", **environ)
    assert finished.returncode != 0
    assert "client_secret" in finished.stderr
    assert "a-wrong-one" not in finished.stderr


def test_wrong_settings_end_the_run_before_the_first_request(sandbox: Sandbox) -> None:
    """All that is wrong at once."""
    sandbox.requests.clear()
    environ = {
        "TAP_GENESYS_CLIENT_ID": "c",
        "TAP_GENESYS_PAGE_SIZE": "1000",
        "TAP_GENESYS_API_URL": sandbox.api_url,
        "TAP_GENESYS_REGION": "atlantis",
    }
    finished = tap("--config=ENV", **environ)
    assert finished.returncode == 1
    for told in ("client_secret: is required", "page_size: must be", "atlantis"):
        assert told in finished.stderr
    assert sandbox.requests.count() == 0
