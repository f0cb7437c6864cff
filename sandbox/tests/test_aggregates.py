"""Aggregates agree with the details that they are of, metric by metric."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from genesys_cloud_sandbox.api.aggregate_query import family_lists
from tests.counted import (
    FOURTH,
    LATE,
    TODAY,
    WHOLE_DAY,
    Counted,
    ask,
    cells,
    expected,
    half_hour,
    only,
    session_metrics,
    statistics,
    truth,
    whole_day,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock
    from tests.conftest import Client


"""Group, start of the bucket, metric, qualifier."""


"""Group, moment, metric, value."""


@pytest.mark.parametrize("interval", [FOURTH, TODAY])
@pytest.mark.parametrize(
    "group_by", [("queueId", "mediaType"), ("userId", "purpose"), ()]
)
def test_conversations_agree_with_their_sessions(
    client: Client, interval: str, group_by: tuple[str, ...]
) -> None:
    """Each metric counts in the bucket of its own moment, however old its session."""
    metrics = [
        x for x in family_lists("conversations").metrics if x != "nConversations"
    ]
    found = cells(
        client,
        "conversations",
        interval=interval,
        metrics=metrics,
        groupBy=group_by,
        granularity="PT30M",
    )
    counted = list(session_metrics(client, interval))
    assert found == expected(only(counted, *group_by), metrics, half_hour)
    assert len({key[2] for key in found}) > 25


def test_conversations_count_once_when_they_start(client: Client) -> None:
    """In the group of their first session."""
    found = cells(
        client,
        "conversations",
        metrics=["nConversations"],
        groupBy=["originatingDirection"],
    )
    assert sum(stats["count"] for stats in found.values()) == 300
    assert len(found) == 2


def test_buckets_of_the_past_do_not_change_and_today_grows(
    client: Client, clock: Clock
) -> None:
    """What has not happened is not counted; the clock may go back."""
    body = {"metrics": ["tTalk", "nOffered"], "granularity": "PT1H"}
    before = cells(client, "conversations", interval=TODAY, **body)
    assert max(start for _, start, *_ in before) == "2026-03-05T11:00:00.000Z"
    noon = clock.now
    clock.advance(hours=4)
    after = cells(client, "conversations", interval=TODAY, **body)
    assert len(after) > len(before)
    assert {key: after[key] for key in before} == before
    clock.now = noon
    assert cells(client, "conversations", interval=TODAY, **body) == before


def test_an_evening_and_a_morning_make_up_what_both_have(client: Client) -> None:
    """However the interval is cut."""
    body: dict[str, Any] = {"metrics": ["nOffered"], "groupBy": ["queueId"]}
    whole = cells(client, "conversations", **body)
    halves = [
        cells(client, "conversations", interval=interval, **body)
        for interval in (
            "2026-03-04T00:00:00Z/2026-03-04T10:20:30Z",
            "2026-03-04T10:20:30Z/2026-03-05T00:00:00Z",
        )
    ]
    for group in {key[0] for key in whole}:
        parts = [
            stats["count"] for half in halves for key, stats in half.items()
            if key[0] == group
        ]  # fmt: skip
        assert (
            sum(parts) == whole[group, whole_day("2026-03-04"), "nOffered", ""]["count"]
        )


def test_several_values_are_several_groups_or_one_that_is_flattened(
    client: Client,
) -> None:
    """A conversation of two divisions counts in both."""
    body: dict[str, Any] = {"metrics": ["nConversations"], "groupBy": ["divisionId"]}
    apart = cells(client, "conversations", **body)
    flat = cells(client, "conversations", flattenMultivaluedDimensions=True, **body)
    values = [dict(key[0])["divisionId"] for key in flat]
    assert any("," in value for value in values)
    assert not any("," in dict(key[0])["divisionId"] for key in apart)
    assert sum(stats["count"] for stats in flat.values()) == 300
    for key, stats in apart.items():
        name = dict(key[0])["divisionId"]
        assert stats["count"] == sum(
            x["count"] for k, x in flat.items() if name in dict(k[0])["divisionId"]
        )


def test_a_group_lacks_the_dimension_that_its_events_lack(client: Client) -> None:
    """Customers have no user."""
    found = cells(
        client, "conversations", metrics=["tFirstEngagement"], groupBy=["userId"]
    )
    assert [key[0] for key in found] == [()]


def test_filters_apply(client: Client) -> None:
    """Predicates and clauses, as in details queries."""
    by_media = {"metrics": ["nOffered"], "groupBy": ["mediaType"]}
    everything = cells(client, "conversations", **by_media)
    wanted = {
        "type": "and",
        "predicates": [{"dimension": "queueId", "operator": "exists"}],
        "clauses": [
            {
                "type": "or",
                "predicates": [
                    {"dimension": "mediaType", "value": "Email"},
                    {"dimension": "mediaType", "value": "chat"},
                ],
            }
        ],
    }
    found = cells(client, "conversations", filter=wanted, **by_media)
    assert {dict(key[0])["mediaType"] for key in found} == {"email", "chat"}
    assert found == {key: x for key, x in everything.items() if key in found}


def test_views_count_the_values_in_a_range(client: Client) -> None:
    """Under a name of their own, beside the metrics."""
    views = [
        {
            "target": "tTalk",
            "name": "short",
            "function": "rangeBound",
            "range": {"gte": 1_000, "lt": 60_000},
        },
        {
            "target": "tTalk",
            "name": "none",
            "function": "rangeBound",
            "range": {"lt": 0},
        },
    ]
    answer = ask(client, "conversations", metrics=["tHeld"], views=views).json()
    (data,) = answer["results"][0]["data"]
    values = [
        value
        for _, _, metric, value in session_metrics(client, FOURTH)
        if metric == "tTalk" and 1_000 <= value < 60_000
    ]
    assert values
    assert [x["metric"] for x in data["metrics"]] == ["tHeld"]
    assert data["views"] == [
        {"name": "short", "stats": statistics("tTalk", [("", x) for x in values])}
    ]


def test_flows_agree_with_the_sessions_that_passed_them(client: Client) -> None:
    """By flow and by outcome."""
    metrics = ["nFlow", "tFlow", "tFlowExit", "tFlowDisconnect"]
    start, end = FOURTH.split("/")
    passages: list[Counted] = []
    outcomes: list[Counted] = []
    for document in truth(client, 12):
        for participant in document["participants"]:
            for session in participant["sessions"]:
                flow = session.get("flow", {})
                group = {"flowId": flow.get("flowId")}
                passages += [
                    (group, x["emitDate"], x["name"], x["value"])
                    for x in session.get("metrics", ())
                    if x["name"] in metrics and start <= x["emitDate"] < end
                ]
                for outcome in flow.get("outcomes", ()):
                    moment = outcome.get("flowOutcomeEndTimestamp", "~")
                    if start <= moment < end:
                        names = ("flowOutcomeId", "flowOutcomeValue")
                        own = {name: outcome[name] for name in names}
                        outcomes.append((group | own, moment, "nFlowOutcome", 1))
                        if own["flowOutcomeValue"] == "FAILURE":
                            outcomes.append(
                                (group | own, moment, "nFlowOutcomeFailed", 1)
                            )
    found = cells(client, "flows", metrics=metrics, groupBy=["flowId"])
    assert found == expected(passages, metrics, whole_day)
    metrics = ["nFlowOutcome", "nFlowOutcomeFailed"]
    by = ["flowId", "flowOutcomeId", "flowOutcomeValue"]
    reached = cells(client, "flows", metrics=metrics, groupBy=by)
    assert reached == expected(outcomes, metrics, whole_day)
    assert {key[2] for key in reached} == set(metrics)


def test_what_comes_afterwards_counts_when_it_comes(
    start: Callable[..., Client], clock: Clock
) -> None:
    """Evaluations, surveys and resolutions of conversations of weeks before."""
    client = start(conversations_per_day=60)
    clock.now = LATE
    begin, end = FOURTH.split("/")
    events: dict[str, list[Counted]] = defaultdict(list)
    for document in truth(client, 62):
        for evaluation in document.get("evaluations", ()):
            group = {"formId": evaluation["formId"]}
            moment = evaluation["eventTime"]
            for name in ("oTotalScore", "oTotalCriticalScore"):
                events["evaluations"].append((group, moment, name, evaluation[name]))
            events["evaluations"].append((group, moment, "nEvaluations", 1))
        for survey in document.get("surveys", ()):
            group = {"queueId": survey["queueId"]}
            events["surveys"].append((group, survey["eventTime"], "nSurveysSent", 1))
            if "surveyCompletedDate" in survey:
                moment = survey["surveyCompletedDate"]
                score = survey["oSurveyTotalScore"]
                events["surveys"].append((group, moment, "oSurveyTotalScore", score))
                events["surveys"].append((group, moment, "nSurveyResponses", 1))
        for resolution in document.get("resolutions", ()):
            group = {"userId": resolution["userId"]}
            moment, value = resolution["eventTime"], resolution["nNextContactAvoided"]
            events["resolutions"].append((group, moment, "nNextContactAvoided", value))
    for family, dimension in (
        ("evaluations", "formId"),
        ("surveys", "queueId"),
        ("resolutions", "userId"),
    ):
        counted = [x for x in events[family] if begin <= x[1] < end]
        metrics = {metric for _, _, metric, _ in counted}
        assert metrics
        found = cells(client, family, metrics=sorted(metrics), groupBy=[dimension])
        assert found == expected(counted, metrics, whole_day)


@pytest.mark.parametrize("granularity", ["P1D", "PT15M"])
def test_an_agents_statuses_add_up_to_the_day(client: Client, granularity: str) -> None:
    """Time in each presence and routing status, cut at the limits of the buckets."""
    metrics = ["tSystemPresence", "tOrganizationPresence", "tAgentRoutingStatus"]
    users = [x.id for x in client.sandbox.world.organization.agents[:20]]
    wanted = {
        "type": "or",
        "predicates": [{"dimension": "userId", "value": x} for x in users],
    }
    found = cells(
        client,
        "users",
        interval="2026-03-03T23:00:00Z/2026-03-04T23:00:00Z",
        metrics=metrics,
        groupBy=["userId"],
        granularity=granularity,
        timeZone="Europe/Berlin",
        filter=wanted,
    )
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for (group, _start, metric, qualifier), stats in found.items():
        assert qualifier
        assert 0 < stats["sum"] <= WHOLE_DAY
        sums[dict(group)["userId"], metric] += stats["sum"]
    assert sums == {(user, metric): WHOLE_DAY for user in users for metric in metrics}


def test_a_status_counts_as_long_as_it_is_known(client: Client) -> None:
    """Today until now; and the answer tells which presences are whose."""
    body = {"metrics": ["tSystemPresence"], "groupBy": ["userId"], "interval": TODAY}
    found = cells(client, "users", **body)
    assert sum(stats["sum"] for stats in found.values()) == 60 * WHOLE_DAY // 2
    answer = ask(client, "users", **body).json()
    mappings = answer["systemToOrganizationMappings"]
    presences = {
        x["organizationPresenceId"]: x["systemPresence"]
        for x in client.sandbox.statuses(
            datetime(2026, 3, 1, tzinfo=timezone.utc),
            datetime(2026, 3, 5, tzinfo=timezone.utc),
        )
        if x["kind"] == "primaryPresence"
    }
    assert {k: v for v, ids in mappings.items() for k in ids} == presences
