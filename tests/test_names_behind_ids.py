"""PostgreSQL, loaded with all streams: every id in the facts finds its name."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.postgres import postgres
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.tap import TapGenesys
from tests import singer
from tests.clocks import Clock
from tests.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EVENING = datetime(2026, 3, 11, 18, tzinfo=timezone.utc)
START = EVENING.replace(hour=0) - timedelta(days=4)

#: Table and column of facts → the reference table that the ids are of.
REFERENCES = {
    ("conversation_participants", "user_id"): "users",
    ("conversation_participants", "team_id"): "teams",
    ("conversation_sessions", "edge_id"): "edges",
    ("conversation_sessions", "flow_id"): "flows",
    ("conversation_sessions", "outbound_campaign_id"): "campaigns",
    ("conversation_sessions", "outbound_contact_list_id"): "contact_lists",
    ("conversation_sessions", "script_id"): "scripts",
    ("conversation_sessions", "selected_agent_id"): "users",
    ("conversation_sessions", "assigner_id"): "users",
    ("conversation_sessions", "screen_monitored_user_id"): "users",
    ("conversation_segments", "queue_id"): "queues",
    ("conversation_segments", "group_id"): "groups",
    ("conversation_segments", "requested_language_id"): "languages",
    ("conversation_segments", "wrap_up_code"): "wrapup_codes",
    ("conversation_flow_outcomes", "flow_outcome_id"): "flow_outcomes",
    ("conversation_evaluations", "form_id"): "evaluation_forms",
    ("conversation_evaluations", "evaluator_id"): "users",
    ("conversation_evaluations", "user_id"): "users",
    ("conversation_evaluations", "assignee_id"): "users",
    ("conversation_evaluations", "queue_id"): "queues",
    ("conversation_surveys", "survey_form_id"): "survey_forms",
    ("conversation_surveys", "user_id"): "users",
    ("conversation_surveys", "queue_id"): "queues",
    ("conversation_resolutions", "queue_id"): "queues",
    ("conversation_resolutions", "user_id"): "users",
    ("user_presence", "user_id"): "users",
    ("user_presence", "organization_presence_id"): "presence_definitions",
    ("user_routing_status", "user_id"): "users",
    ("queue_performance_half_hourly", "queue_id"): "queues",
    ("agent_performance_daily", "user_id"): "users",
    ("agent_performance_daily", "queue_id"): "queues",
    ("agent_status_daily", "user_id"): "users",
    ("flow_outcomes_daily", "flow_id"): "flows",
    ("flow_outcomes_daily", "flow_outcome_id"): "flow_outcomes",
    ("queue_members", "queue_id"): "queues",
    ("queue_members", "user_id"): "users",
    ("queue_wrapup_codes", "queue_id"): "queues",
    ("queue_wrapup_codes", "id"): "wrapup_codes",
    ("team_members", "team_id"): "teams",
    ("team_members", "id"): "users",
    ("management_unit_users", "management_unit_id"): "management_units",
    ("management_unit_users", "id"): "users",
    ("queues", "division_id"): "divisions",
    ("users", "division_id"): "divisions",
    ("schedules", "business_unit_id"): "business_units",
}

#: The same, of columns that hold lists of ids.
LISTS = {
    ("conversations", "division_ids"): "divisions",
    ("conversations", "queue_ids"): "queues",
    ("conversations", "user_ids"): "users",
    ("conversations", "knowledge_base_ids"): "knowledge_bases",
    ("conversation_sessions", "active_skill_ids"): "skills",
    ("conversation_sessions", "removed_skill_ids"): "skills",
    ("conversation_segments", "requested_routing_skill_ids"): "skills",
    ("conversation_segments", "requested_routing_user_ids"): "users",
}

#: Ids of what is in no reference table: parts of conversations (their own, or others'),
#: and what other services know.
ELSEWHERE = {
    "agent_assistant_id",
    "associated_conversation_id",
    "barged_participant_id",
    "calibration_id",
    "coached_participant_id",
    "cobrowse_room_id",
    "consultation_conversation_ids",
    "context_id",
    "conversation_id",
    "destination_conversation_id",
    "destination_session_id",
    "evaluation_id",
    "external_contact_id",
    "external_organization_id",
    "journey_action_id",
    "journey_action_map_id",
    "journey_customer_id",
    "journey_customer_session_id",
    "media_bridge_id",
    "monitored_participant_id",
    "outbound_contact_id",
    "participant_id",
    "peer_id",
    "protocol_call_id",
    "room_id",
    "screen_share_room_id",
    "session_id",
    "skill_expression_id",
    "source_conversation_id",
    "source_session_id",
    "survey_form_context_id",
    "survey_id",
    "video_room_id",
}

#: Columns that few rows have a value in: perhaps none of those that are loaded.
RARE = {("conversation_evaluations", "assignee_id")}

#: What Genesys puts in the place of an id, and no id there: an empty key, a constant.
NO_IDS = "id <> '' and id not like 'ININ-%'"


@pytest.fixture(scope="module")
def clock() -> Clock:
    """Give the clock of the sandbox, and of the tap."""
    return Clock(EVENING)


@pytest.fixture(scope="module")
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """Serve a Genesys Cloud in which it is evening."""
    options = SandboxOptions(
        conversations_per_day=150, requests_per_minute=0, clock=clock, job_seconds=0.02
    )
    with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Run a PostgreSQL."""
    home = tmp_path_factory.mktemp("postgres")
    with postgres(home, {}, report=lambda _: None) as environ:
        yield environ


def everything() -> dict[str, Any]:
    """Return the catalog with every stream selected."""
    catalog = singer.catalog_of("*")
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return catalog


def sync(
    sandbox: Sandbox, warehouse: Warehouse, folder: Path, catalog: Any, **config: Any
) -> singer.Run:
    """Load streams."""
    settings = singer.settings(
        sandbox,
        conversation_source="auto",
        start_date=format_timestamp(START),
        emit_activate_version_messages=True,
        **config,
    )
    run = singer.run(
        folder,
        settings,
        catalog=catalog,
        module="tests.hasty_tap",
        environ={"HASTY_NOW": format_timestamp(sandbox.options.clock())},
    )
    assert run.exit_code == 0, run.errors
    warehouse.load(folder / "out")
    return run


@pytest.fixture(scope="module")
def loaded(
    sandbox: Sandbox,
    server: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    """Load all there is, also what is not selected by default."""
    warehouse = Warehouse(server, "all_streams")
    sync(sandbox, warehouse, tmp_path_factory.mktemp("run"), everything())
    return warehouse


def test_every_stream_has_rows(loaded: Warehouse) -> None:
    """A table for each; flows are passed in seconds, so nobody may be in one."""
    tables = [each["tap_stream_id"] for each in singer.catalog_of()["streams"]]
    empty = [table for table, count in loaded.counts(tables).items() if not count]
    assert set(empty) <= {"flow_observations"}


def test_every_column_with_ids_is_looked_at() -> None:
    """In all tables of conversations, of users' status and of figures."""
    streams = TapGenesys(config={}, validate_config=False).genesys_streams
    facts = {
        (name, column.name)
        for name, stream in streams.items()
        if name.startswith(("conversation", "user_presence", "user_routing"))
        or name.endswith(("_daily", "_hourly"))
        for column in stream.table.columns
        if column.name.endswith(("_id", "_ids")) and column.name not in ELSEWHERE
    }
    assert len(facts) > 40
    assert facts <= REFERENCES.keys() | LISTS.keys()


@pytest.mark.parametrize(
    ("table", "column", "reference"),
    [(*fact, reference) for fact, reference in REFERENCES.items()],
)
def test_every_id_finds_its_row(
    loaded: Warehouse, table: str, column: str, reference: str
) -> None:
    """As a foreign key would have it."""
    ids = f"select distinct {column} as id from {table} where {column} is not null"  # noqa: S608 (our names)
    counted, missing = counts(loaded, ids, reference)
    assert counted or (table, column) in RARE
    assert missing == 0


@pytest.mark.parametrize(
    ("table", "column", "reference"),
    [(*fact, reference) for fact, reference in LISTS.items()],
)
def test_every_id_in_a_list_finds_its_row(
    loaded: Warehouse, table: str, column: str, reference: str
) -> None:
    """Each of them."""
    ids = f"select distinct unnest({column}) as id from {table}"  # noqa: S608 (our names)
    counted, missing = counts(loaded, ids, reference)
    assert counted
    assert missing == 0


def counts(warehouse: Warehouse, ids: str, reference: str) -> tuple[int, int]:
    """Return how many ids there are, and how many without a row in their table."""
    counted, missing = warehouse.query(
        f"select count(*), count(*) filter (where {reference}.id is null) "  # noqa: S608
        f"from ({ids}) as facts left join {reference} using (id) where {NO_IDS}"
    )[0]
    return counted, missing


def test_rows_that_genesys_has_no_more_are_marked(
    sandbox: Sandbox, clock: Clock, server: Mapping[str, str], tmp_path: Path
) -> None:
    """Those of tables that are read whole, and no others."""
    warehouse = Warehouse(server, "deleted")
    catalog = singer.catalog_of("queues", "skills", "user_presence")
    clock.now = EVENING
    sync(sandbox, warehouse, tmp_path, catalog)
    before = warehouse.counts(["queues", "skills", "user_presence"])
    clock.now = EVENING + timedelta(days=4)
    sync(sandbox, warehouse, tmp_path, catalog)
    clock.now = EVENING
    assert warehouse.counts(["queues", "skills"]) == {
        table: before[table] for table in ("queues", "skills")
    }
    marked = {
        table: warehouse.query(
            f"select count(*) from {table} where _sdc_deleted_at is not null"  # noqa: S608
        )[0][0]
        for table in ("queues", "skills", "user_presence")
    }
    assert marked == {"queues": 1, "skills": 1, "user_presence": 0}
