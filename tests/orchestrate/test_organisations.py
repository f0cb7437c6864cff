"""Two organisations at a time, and of each something that cannot be read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tests.orchestrate.engine import Engine, needs_dagster, settings_of, states_in
from tests.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TODAY = datetime.now(timezone.utc).date()
#: The oldest is what north's Genesys does not keep; today is not over.
DAYS = [f"{TODAY - timedelta(days=days)}" for days in (4, 3, 2, 1)]
FORGOTTEN, UNPAID, READ, _ = DAYS
FUTURE = f"{TODAY}"
LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename }
}
"""
ORGANISATIONS = ("north", "south")

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    needs_dagster,
]


class Outcome(NamedTuple):
    """What two backfills at a time have left behind."""

    runs: list[dict[str, Any]]
    said: dict[str, str]
    warehouses: dict[str, Warehouse]
    sandboxes: dict[str, Sandbox]

    def run(self, organisation: str, group: str, day: str) -> dict[str, Any]:
        """Return the one run of a partition."""
        asset = [organisation, group]
        (found,) = (
            run
            for run in self.runs
            if run["assets"] == [asset] and run["partition"] == day
        )
        return found


def _settings(sandboxes: Mapping[str, Sandbox]) -> dict[str, Any]:
    """Return settings in which each organisation has a sandbox and a schema."""
    groups = {"conversations": ["conversations"], "agents": ["user_presence"]}
    settings = settings_of((DAYS[0], f"{TODAY + timedelta(days=1)}"), groups)
    client = {"id": "NORTH_ID", "secret": "NORTH_SECRET", "rest_seconds": 0}
    clients = {
        "north": {"first": {**client, "slots": 1}, "second": {**client, "slots": 0}},
        "south": {
            "first": {**client, "id": "SOUTH_ID", "secret": "SOUTH_SECRET", "slots": 1}
        },
    }
    settings["organisations"] = {
        name: {
            "environment": {
                "TAP_GENESYS_API_URL": sandbox.api_url,
                "TAP_GENESYS_LOGIN_URL": sandbox.login_url,
                "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "of_{organisation}",
            },
            "clients": clients[name],
        }
        for name, sandbox in sandboxes.items()
    }
    settings["organisations"]["north"]["retention_days"] = 4
    return settings


def _launch(engine: Engine, organisation: str, day: str) -> None:
    """Run a partition that the command does not offer: without a look at the day."""
    selector = {
        "repositoryLocationName": "genesys_backfill.definitions",
        "repositoryName": "__repository__",
        "pipelineName": f"backfill__{organisation}__conversations",
    }
    tags = [{"key": "dagster/partition", "value": day}]
    said = engine.graphql(
        LAUNCH,
        params={
            "selector": selector,
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": tags},
        },
    )
    assert "LaunchRunSuccess" in said, said


@pytest.fixture(scope="module")
def outcome(
    installed: None,  # noqa: ARG001 (it only has to be there)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outcome]:
    """Backfill both at a time, with all that cannot go well among it."""
    home = tmp_path_factory.mktemp("organisations")
    # Of south, the client lacks the permission for users' presence.
    refused = ("/api/v2/analytics/users/*",)
    with (
        Sandbox(SandboxOptions(conversations_per_day=20)) as north,
        Sandbox(
            SandboxOptions(
                seed=2,
                conversations_per_day=30,
                client_id="south",
                client_secret="of-the-south",
                forbidden=refused,
            )
        ) as south,
        postgres(home / "postgres", {}, report=lambda _: None) as server,
    ):
        sandboxes = {"north": north, "south": south}
        environ = {
            **server,
            "NORTH_ID": north.options.client_id,
            "NORTH_SECRET": north.options.client_secret,
            "SOUTH_ID": south.options.client_id,
            "SOUTH_SECRET": south.options.client_secret,
            **states_in(home),
        }
        settings = _settings(sandboxes)
        with (
            Engine(home / "home", settings, environ, workers=6) as engine,
            ThreadPoolExecutor() as pool,
        ):
            _launch(engine, "north", FUTURE)

            def backfill(organisation: str) -> str:
                return engine.backfill_command(
                    *("backfill", organisation, "--wait", "--to", READ), check=False
                )

            said = dict(
                zip(ORGANISATIONS, pool.map(backfill, ORGANISATIONS), strict=True)
            )
            runs = engine.runs()
        schemas = {name: Warehouse(server, f"of_{name}") for name in ORGANISATIONS}
        yield Outcome(runs, said, schemas, sandboxes)


@pytest.mark.parametrize(
    ("organisation", "group", "day", "expected"),
    [
        ("north", "conversations", FORGOTTEN, "does not keep what is older than 4"),
        ("north", "agents", UNPAID, "pool genesys_north_second"),
        ("north", "conversations", UNPAID, "is set to 0: nothing may be read"),
        ("north", "conversations", FUTURE, "is not over yet"),
        ("south", "agents", READ, "lacks analytics:userDetail:view"),
    ],
)
def test_what_cannot_be_read_is_a_failed_run_that_says_why(
    outcome: Outcome, organisation: str, group: str, day: str, expected: str
) -> None:
    """With organisation, group and partition, and tried once: it gets no better."""
    run = outcome.run(organisation, group, day)
    assert run["status"] == "FAILURE"
    (failure,) = run["failures"]
    where = f"organisation {organisation}, stream group {group}, partition {day}"
    assert failure.startswith(where)
    assert expected in failure


def test_the_others_go_on(outcome: Outcome) -> None:
    """Of both organisations, and the command tells that some failed."""
    ended = {
        (*run["assets"][0], run["partition"])
        for run in outcome.runs
        if run["status"] == "SUCCESS"
    }
    assert ended == {
        ("north", "conversations", READ),
        ("north", "agents", READ),
        *(("south", "conversations", day) for day in (FORGOTTEN, UNPAID, READ)),
    }
    assert all("some partitions failed" in said for said in outcome.said.values())


def test_each_organisation_has_its_own_rows(outcome: Outcome) -> None:
    """And no row of the other: each schema has what its own Genesys has."""
    for name, warehouse in outcome.warehouses.items():
        sandbox = outcome.sandboxes[name]
        days = [READ] if name == "north" else [FORGOTTEN, UNPAID, READ]
        expected = set()
        for day in days:
            index = sandbox.world.day(datetime.fromisoformat(day).date())
            expected |= {
                sandbox.world.identifier(index.number, each) for each in index.indexes
            }
        found = {
            each
            for (each,) in warehouse.query(
                "select conversation_id::text from conversations"
            )
        }
        assert expected <= found
        assert len(found) < len(expected) + sandbox.options.conversations_per_day
    north, south = (
        {
            each
            for (each,) in outcome.warehouses[name].query(
                "select conversation_id::text from conversations"
            )
        }
        for name in ORGANISATIONS
    )
    assert not north & south


def test_each_pool_counts_by_itself(outcome: Outcome) -> None:
    """One run of a client at a time, while the other organisation's client reads."""
    spans: dict[str, list[list[float]]] = {name: [] for name in ORGANISATIONS}
    for run in outcome.runs:
        for step, span in run["steps"].items():
            if step.endswith("__read_with_first"):
                spans[run["assets"][0][0]].append(span)
    for of_one in spans.values():
        of_one.sort()
        assert len(of_one) > 1
        assert all(before[1] <= after[0] for before, after in pairwise(of_one))
    assert any(
        first[0] < second[1] and second[0] < first[1]
        for first in spans["north"]
        for second in spans["south"]
    )
