"""All that the tap writes is valid against the schemas that it writes before."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from jsonschema import Draft7Validator, FormatChecker

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer

#: A Tuesday at eleven: agents are at work, customers wait.
ELEVEN = datetime(2026, 3, 10, 11, tzinfo=timezone.utc)
#: Streams of settings: all others are there anyway.
DEFINED: dict[str, Any] = {
    "aggregates": [
        {
            "name": "everything",
            "family": "conversations",
            "metrics": ["nOffered", "tHandle"],
            "views": [
                {
                    "name": "within_a_minute",
                    "target": "tHandle",
                    "function": "rangeBound",
                    "range": {"gte": 0, "lt": 60000},
                }
            ],
        }
    ],
    "lists": [{"name": "presences", "path": "/api/v2/presence/definitions"}],
}

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """Tell whether a text is a real moment in ISO 8601, in UTC, of four-digit years."""
    if not isinstance(value, str):
        return True
    form = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)
    return bool(form and datetime.fromisoformat(value[:-1]))


@formats.checks("date", raises=ValueError)
def is_day(value: object) -> bool:
    """Tell whether a text is a real date."""
    return not isinstance(value, str) or bool(date.fromisoformat(value))


def everything(**config: Any) -> dict[str, Any]:
    """Return a catalog that selects all columns of all streams."""
    catalog = singer.catalog_of("*", **config)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = True
    return catalog


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> singer.Run:
    """Read everything that a Genesys Cloud answers."""
    folder = tmp_path_factory.mktemp("everything")
    options = SandboxOptions(
        conversations_per_day=25,
        requests_per_minute=0,
        job_seconds=0.02,
        clock=lambda: ELEVEN,
    )
    with Sandbox(options) as sandbox:
        config = singer.settings(
            sandbox,
            conversation_source="auto",
            start_date=format_timestamp(ELEVEN.replace(day=8, hour=0)),
            **DEFINED,
        )
        run = singer.run(
            folder,
            config,
            catalog=everything(**DEFINED),
            module="tests.hasty_tap",
            environ={"HASTY_NOW": format_timestamp(ELEVEN)},
        )
    assert run.exit_code == 0, run.log
    return run


def test_every_record_is_valid_and_its_key_whole_and_its_own(
    output: singer.Run,
) -> None:
    """By a strict validator, formats included: in all columns of all streams."""
    names = {stream["tap_stream_id"] for stream in everything(**DEFINED)["streams"]}
    assert set(output.messages.schemas) == names
    read = {name for name, records in output.messages.records.items() if records}
    assert len(read) > len(names) * 0.8, names - read
    for name, message in output.messages.schemas.items():
        Draft7Validator.check_schema(message["schema"])
        validator = Draft7Validator(message["schema"], format_checker=formats)
        for record in output.messages.records[name]:
            problems = [error.message for error in validator.iter_errors(record)]
            assert not problems, (name, problems)
            assert record.keys() == message["schema"]["properties"].keys()
            assert all(record[key] for key in message["key_properties"]), name


def test_the_validator_is_strict() -> None:
    """It refuses what a target would refuse."""
    schema = {"type": ["string"], "format": "date-time"}
    validator = Draft7Validator(schema, format_checker=formats)
    assert validator.is_valid("2024-02-29T08:00:00.000Z")
    for value in (None, "", "2026-02-29T08:00:00.000Z", "1-01-01T00:00:00.000Z"):
        assert not validator.is_valid(value), value
    days = Draft7Validator({**schema, "format": "date"}, format_checker=formats)
    assert [days.is_valid(value) for value in ("2026-01-31", "2026-02-31")] == [
        True,
        False,
    ]
