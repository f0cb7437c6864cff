"""Lists of the settings: any list that the API answers to a GET."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests import singer
from tests.conftest import Reply, ScriptedGenesys
from tests.settings.test_settings import found as problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUEUES = "/api/v2/routing/queues"
CODES: dict[str, Any] = {
    "name": "codes",
    "path": "/api/v2/routing/wrapupcodes",
    "columns": {"name": "string", "version": "integer"},
    "page_size": 4,
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud."""
    with Sandbox(SandboxOptions(requests_per_minute=0)) as sandbox:
        yield sandbox


def test_a_list_of_the_settings_is_a_table(sandbox: Sandbox, tmp_path: Path) -> None:
    """Its columns typed as asked for, all else kept; read page by page, whole."""
    config = singer.settings(sandbox, lists=[CODES])
    run = singer.run(tmp_path, config, streams=("codes",))
    assert run.exit_code == 0, run.errors
    records = run.messages.records["codes"]
    truth = sandbox.references.entities("routing/wrapupcodes")
    assert sorted(row["id"] for row in records) == sorted(code["id"] for code in truth)
    assert {row["name"] for row in records} == {code["name"] for code in truth}
    assert records[0]["extra"]["selfUri"].endswith(records[0]["id"])
    assert run.messages.schemas["codes"]["key_properties"] == ["id"]
    assert sandbox.requests.count(CODES["path"]) == -(-len(truth) // 4)
    assert "does not know" not in run.log


@pytest.mark.parametrize("connections", [1, 8])
def test_a_list_can_be_read_for_each_entity_of_another(
    sandbox: Sandbox, tmp_path: Path, connections: int
) -> None:
    """It holds what the built-in table of members does."""
    members = {
        "name": "members",
        "path": f"{QUEUES}/{{id}}/members",
        "for_each": QUEUES,
        "paging": "links",
    }
    config = singer.settings(sandbox, lists=[members], max_connections=connections)
    run = singer.run(tmp_path, config, streams=("members", "queue_members"))
    assert run.exit_code == 0, run.errors
    found = run.messages.records
    assert run.messages.schemas["members"]["key_properties"] == ["owner_id", "id"]
    pairs = {(row["owner_id"], row["id"]) for row in found["members"]}
    assert pairs == {(row["queue_id"], row["id"]) for row in found["queue_members"]}
    assert len(pairs) == len(found["members"]) > 0


def test_the_lists_of_the_manual_are_read(
    genesys: ScriptedGenesys, tmp_path: Path, manual_settings: list[dict[str, Any]]
) -> None:
    """As they stand there: one by itself, one for each user."""
    (lists,) = [each["lists"] for each in manual_settings if "lists" in each]
    genesys.replies(
        Reply({"entities": [{"id": "u1"}, {"id": "u2"}], "pageCount": 1}),
        Reply({"entities": [{"id": "c1", "averageScore": 80}], "pageCount": 1}),
        Reply({"entities": [], "pageCount": 0}),
        Reply({"entities": [{"id": "d", "name": "No", "size": 3}], "pageCount": 1}),
    )
    config = genesys.settings(lists=lists, max_connections=1)
    run = singer.run(tmp_path, config, streams=("dnc_lists", "calibrations"))
    assert run.exit_code == 0, run.errors
    (dnc,) = run.messages.records["dnc_lists"]
    assert (dnc["id"], dnc["name"], dnc["extra"]) == ("d", "No", {"size": 3})
    (calibration,) = run.messages.records["calibrations"]
    assert (calibration["owner_id"], calibration["id"]) == ("u1", "c1")
    assert calibration["average_score"] == 80
    assert [request.path for request in genesys.requests] == [
        "/api/v2/users?pageSize=100&pageNumber=1",
        "/api/v2/quality/calibrations?calibratorId=u1&pageSize=100&pageNumber=1",
        "/api/v2/quality/calibrations?calibratorId=u2&pageSize=100&pageNumber=1",
        "/api/v2/outbound/dnclists?pageSize=100&pageNumber=1",
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "queues"}, "there is a stream queues already"),
        ({"path": "/api/v2/x/{id}/y"}, "lists.0.for_each: belongs to a path"),
        ({"for_each": "/api/v2/users"}, "lists.0.for_each: belongs to a path"),
        ({"path": "/api/v2/users?state=any"}, "lists.0.path: must be"),
        ({"key": ["id", "id"]}, "lists.0.key: names a field twice"),
        ({"columns": {"extractedAt": "string"}}, "two columns have the same name"),
        ({"paging": "cursor"}, "lists.0.paging: must be one of numbers, links, none"),
        ({"param": {}}, "did you mean params?"),
    ],
)
def test_a_list_that_cannot_be_is_refused_by_name(
    changed: dict[str, Any], told: str
) -> None:
    """Before the first request."""
    found = problems(lists=[{**CODES, **changed}])
    assert any(told in problem for problem in found), found
