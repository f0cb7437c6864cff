"""The command line: what it answers without a request, and what it does with one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
SNAPSHOT: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "catalog.json").read_text("utf-8")
)


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


@pytest.mark.parametrize("option", ["--help", "--version", "--about"])
def test_what_needs_no_stream_imports_none(option: str) -> None:
    """Streams, checks and the client are a fifth of the start."""
    environ = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    command = [str(BIN / "tap-genesys"), option]
    found = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True
    )
    imported = [line.rpartition("|")[2].strip() for line in found.stderr.splitlines()]
    own = {name for name in imported if name.startswith("tap_genesys_analytics.")}
    assert "tap_genesys_analytics.settings.schema" in own
    later = ("streams", "settings_checks", "client", "aggregates", "intervals")
    assert not own & {f"tap_genesys_analytics.{name}" for name in later}


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
    assert set(streams) == set(SNAPSHOT)
    for name, expected in SNAPSHOT.items():
        stream = streams[name]
        assert stream["key_properties"] == expected["key"]
        assert stream.get("replication_key") == expected["replication_key"]
        method = "INCREMENTAL" if expected["replication_key"] else "FULL_TABLE"
        assert stream["replication_method"] == method
        assert list(stream["schema"]["properties"]) == list(expected["columns"])
        metadata = {tuple(m["breadcrumb"]): m["metadata"] for m in stream["metadata"]}
        assert metadata[()]["selected-by-default"] is expected["selected"]
        for column, kind in expected["columns"].items():
            selected = metadata["properties", column].get("selected-by-default")
            assert (selected is False) == kind.endswith("not selected")


def test_discovery_lists_what_the_settings_define() -> None:
    """Aggregates and queries are streams like all others."""
    environ = {
        "TAP_GENESYS_AGGREGATES": json.dumps(
            [{"name": "calls", "family": "conversations", "metrics": ["nOffered"]}]
        ),
        "TAP_GENESYS_QUERIES": json.dumps(
            [
                {
                    "name": "alerts",
                    "path": "/api/v2/alerting/alerts/query",
                    "records_path": "entities",
                    "key": ["id"],
                }
            ]
        ),
    }
    catalog = json.loads(tap("--config=ENV", "--discover", **environ).stdout)
    found = {each["tap_stream_id"] for each in catalog["streams"]}
    assert found == {*SNAPSHOT, "calls", "alerts"}


def test_discovery_makes_no_request(sandbox: Sandbox) -> None:
    """Not even for a token, whatever it knows."""
    environ = {
        f"TAP_GENESYS_{name.upper()}": str(value)
        for name, value in singer.settings(sandbox).items()
    }
    sandbox.requests.clear()
    finished = tap("--config=ENV", "--discover", **environ)
    assert finished.returncode == 0
    assert len(json.loads(finished.stdout)["streams"]) == len(SNAPSHOT)
    assert sandbox.requests.count() == 0


def test_discovery_names_what_is_wrong_with_a_definition() -> None:
    """It cannot list it."""
    wrong = [{"name": "calls", "family": "calls", "metrics": ["nOffered"]}]
    environ = {"TAP_GENESYS_AGGREGATES": json.dumps(wrong)}
    finished = tap("--config=ENV", "--discover", **environ)
    assert finished.returncode == 1
    assert "aggregates.0.family: must be one of" in finished.stderr


def test_the_connection_test_names_wrong_settings() -> None:
    """As a run does, without a traceback."""
    environ = {"TAP_GENESYS_CLIENT_ID": "c", "TAP_GENESYS_REGION": "atlantis"}
    finished = tap("--config=ENV", "--test", **environ)
    assert finished.returncode == 1
    for told in ("client_secret: is required", "atlantis"):
        assert told in finished.stderr
    assert "Traceback" not in finished.stderr


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The state cannot be used: the file is empty"),
        ('{"bookmarks": null}', "its bookmarks are not a JSON object"),
        ('{"conversations": {}}', "it has no bookmarks but conversations"),
    ],
)
def test_a_state_file_without_bookmarks_ends_the_run_with_a_sentence(
    sandbox: Sandbox, tmp_path: Path, text: str, told: str
) -> None:
    """Before the first request."""
    state = tmp_path / "given.json"
    state.write_text(text, encoding="utf-8")
    sandbox.requests.clear()
    options = ("--state", str(state))
    run = singer.run(tmp_path, singer.settings(sandbox), options=options)
    assert run.exit_code == 1
    assert told in run.log
    assert "Traceback" not in run.log
    assert not run.messages.order
    assert sandbox.requests.count() == 0


@pytest.mark.parametrize(
    "form",
    [
        '{{"singer_state": {}}}',
        '{{"bookmarks": {{}}}}\n{{"type": "STATE", "value": {}}}',
    ],
)
def test_a_run_goes_on_from_a_state_in_a_wrapper(
    sandbox: Sandbox, tmp_path: Path, form: str
) -> None:
    """It says so, and sends the state without the wrapper."""
    until = format_timestamp(datetime.now(timezone.utc) - timedelta(hours=1))
    bookmark = {
        "replication_key": "conversation_start",
        "replication_key_value": until,
        "looked_back_at": until,
    }
    given = {"bookmarks": {"conversations": bookmark}}
    state = tmp_path / "given.json"
    state.write_text(form.format(json.dumps(given)), encoding="utf-8")
    run = singer.run(
        tmp_path, singer.settings(sandbox), options=("--state", str(state))
    )
    assert run.exit_code == 0, run.log
    assert "The state is wrapped" in run.log
    assert run.messages.states[0] == given
    assert min(run.messages.bookmarks) == until
