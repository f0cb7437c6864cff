"""Queries of the settings: any endpoint that pages by number in the body."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tests import singer
from tests.conftest import Reply, ScriptedGenesys
from tests.settings.test_settings import found as problems
from tests.spans import MIDNIGHT, SPAN, START
from tests.streams.queries.reading import QUERY, read

if TYPE_CHECKING:
    from pathlib import Path

    from genesys_cloud_sandbox.server import Sandbox


def test_a_query_of_the_settings_is_a_stream_of_its_own(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Its columns typed as asked for, all else kept; read whole in each run."""
    run = read(sandbox, tmp_path, "people", queries=[QUERY])
    records = run.messages.records["people"]
    truth = [
        user["id"]
        for user in sandbox.references.entities("users")
        if user["state"] == "active"
    ]
    assert sorted(row["id"] for row in records) == sorted(truth)
    assert {type(row["entity_version"]) for row in records} == {int}
    assert records[0]["extra"]["selfUri"].endswith(records[0]["id"])
    assert "does not know" not in run.log
    assert run.messages.schemas["people"]["key_properties"] == ["id"]
    assert sandbox.requests.count(QUERY["path"]) == -(-len(truth) // 7)


@pytest.mark.parametrize("connections", [1, 8])
def test_the_form_of_the_tutorial_is_read_too(
    genesys: ScriptedGenesys, tmp_path: Path, connections: int
) -> None:
    """``data`` and ``paging`` with a pageCount, as some gateways answer."""
    paging = {"pageSize": 1, "pageCount": 2}
    genesys.replies(
        *(
            Reply(
                {"data": [{"id": number}], "paging": {**paging, "pageNumber": number}}
            )
            for number in (1, 2)
        )
    )
    query = {
        "name": "tutorial",
        "path": "/api/v2/analytics/conversations/details/query",
        "body": {"interval": "{interval}"},
        "records_path": "data",
        "paging_key": "paging",
        "key": ["id"],
        "page_size": 1,
    }
    config = genesys.settings(
        queries=[query],
        start_date=format_timestamp(MIDNIGHT - timedelta(days=2)),
        end_date=format_timestamp(MIDNIGHT - timedelta(days=1)),
        max_connections=connections,
    )
    run = singer.run(tmp_path, config, streams=("tutorial",))
    assert run.exit_code == 0, run.errors
    assert [row["id"] for row in run.messages.records["tutorial"]] == ["1", "2"]
    asked = [request.json for request in genesys.requests]
    assert [each["paging"] for each in asked] == [
        {"pageSize": 1, "pageNumber": 1},
        {"pageSize": 1, "pageNumber": 2},
    ]
    assert {each["interval"] for each in asked} == {
        f"{config['start_date']}/{config['end_date']}"
    }
    (row, _) = run.messages.records["tutorial"]
    assert row["interval_start"] == config["start_date"]


def test_a_record_that_comes_in_every_interval_is_read_in_every_interval(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """As of an endpoint that answers how things stood on a day."""
    genesys.replies(Reply({"results": [{"userId": "a"}], "pageCount": 1}))
    query = {**QUERY, "body": {"day": "{start}"}, "key": ["userId", "intervalStart"]}
    config = genesys.settings(
        queries=[query],
        **SPAN,
    )
    run = singer.run(tmp_path, config, streams=("people",))
    days = [row["interval_start"] for row in run.messages.records["people"]]
    assert days == [format_timestamp(START + timedelta(days=n)) for n in range(3)]
    schema = run.messages.schemas["people"]["schema"]["properties"]
    assert schema["interval_start"]["format"] == "date-time"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"key": ["id", "id"]}, "queries.0.key: names a field twice"),
        ({"columns": {"extra": "object"}}, "two columns have the same name"),
        ({"name": "agent_status_daily"}, "there is a stream agent_status_daily"),
        ({"path": "https://elsewhere.example/x"}, "queries.0.path: must be"),
        ({"path": "/api/v2/users/search?expand=x"}, "queries.0.path: must be"),
        ({"key": []}, "queries.0.key: must not be empty"),
        ({"columns": {"name": "text"}}, "queries.0.columns.name: must be one of"),
        ({"columns": {"someName": "string", "some_name": "string"}}, "same name"),
        ({"records": "results"}, "did you mean records_path?"),
        ({"name": "conversations"}, "there is a stream conversations already"),
    ],
)
def test_a_query_that_cannot_be_is_refused_by_name(
    changed: dict[str, Any], told: str
) -> None:
    """Before the first request."""
    found = problems(queries=[{**QUERY, **changed}])
    assert any(told in problem for problem in found), found


def test_the_query_of_the_manual_reads_evaluations(
    sandbox: Sandbox, tmp_path: Path, manual_settings: list[dict[str, Any]]
) -> None:
    """As it stands there."""
    (queries,) = [each["queries"] for each in manual_settings if "queries" in each]
    span = {"start_date": format_timestamp(MIDNIGHT - timedelta(days=6))}
    run = read(sandbox, tmp_path, "evaluations", queries=queries, **span)
    records = run.messages.records["evaluations"]
    assert len({row["id"] for row in records}) == len(records) > 0
    assert all(row["extra"]["evaluator"] for row in records)
    assert all(row["created_date"] >= span["start_date"] for row in records)
