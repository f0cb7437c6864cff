"""Observations are how things stand: counted here from details and lists."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.world.organization import presence_definitions
from genesys_cloud_sandbox.world.times import milliseconds, unstamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock
    from tests.conftest import Client

QUEUE_METRICS = (
    "oActiveUsers", "oAlerting", "oInteracting", "oLongestInteracting",
    "oLongestWaiting", "oMemberUsers", "oOffQueueUsers", "oOnQueueUsers",
    "oUserPresences", "oUserRoutingStatuses", "oWaiting",
)  # fmt: skip
DETAILED = tuple(x for x in QUEUE_METRICS if "Longest" not in x)
Figures = dict[tuple[str, str, str, str], Any]
"""Queue, media type, metric and qualifier to a number."""


def any_of(dimension: str, values: list[str]) -> dict[str, Any]:
    """A filter."""
    predicates = [{"dimension": dimension, "value": value} for value in values]
    return {"type": "or", "predicates": predicates}


def observe(client: Client, area: str, **body: Any) -> Any:
    """Ask for observations."""
    path = f"/api/v2/analytics/{area}/observations/query"
    return client.ask("POST", path, json=body)


def queues(client: Client, **body: Any) -> list[dict[str, Any]]:
    """The results for all queues."""
    ids = [queue.id for queue in client.sandbox.world.organization.queues]
    body = {"filter": any_of("queueId", ids), "metrics": QUEUE_METRICS, **body}
    answer = observe(client, "queues", **body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def figures(results: list[dict[str, Any]]) -> Figures:
    """The numbers of an answer."""
    found: Figures = {}
    for result in results:
        queue, media = result["group"]["queueId"], result["group"].get("mediaType", "")
        for data in result["data"]:
            key = (queue, media, data["metric"], data.get("qualifier", ""))
            assert key not in found
            (found[key],) = data["stats"].values()
    return found


def alive(client: Client) -> list[dict[str, Any]]:
    """Conversations that may be going on."""
    today = client.sandbox.options.clock().date()
    return list(
        client.sandbox.truth(today - timedelta(days=12), today + timedelta(days=1))
    )


def running(client: Client) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Purpose, session and segment of whatever goes on."""
    return [
        (participant["purpose"], session, segment)
        for document in alive(client)
        for participant in document["participants"]
        for session in participant["sessions"]
        for segment in session["segments"]
        if "segmentEnd" not in segment
    ]


def test_contacts_are_those_of_the_conversations_that_are_alive(
    start: Callable[..., Client],
) -> None:
    """Waiting, alerting, handled; and since when the oldest of them has been."""
    client = start(conversations_per_day=400)
    now = milliseconds(client.sandbox.options.clock())
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for purpose, session, segment in running(client):
        kind = segment["segmentType"]
        if purpose not in ("acd", "agent") or kind == "wrapup":
            continue
        metric = {"acd": "Waiting"}.get(purpose, "Interacting")
        metric = "Alerting" if kind == "alert" else metric
        queue, media = segment["queueId"], session["mediaType"]
        expected[queue, media, f"o{metric}", ""] += 1
        if metric != "Alerting":
            age = now - unstamp(segment["segmentStart"])
            key = (queue, media, f"oLongest{metric}", "")
            expected[key] = max(age, expected[key])
    found = {key: x for key, x in figures(queues(client)).items() if key[1]}
    assert found == expected
    assert {key[2] for key in found} >= {"oWaiting", "oInteracting", "oLongestWaiting"}
    assert {"email", "voice"} <= {key[1] for key in found}


def test_members_do_what_their_statuses_say(client: Client) -> None:
    """Presences by organization presence, routing statuses by their names."""
    now = client.sandbox.options.clock()
    doing = {
        (x["userId"], x["kind"]): x
        for x in client.sandbox.statuses(now, now + timedelta(milliseconds=1))
        if "endTime" not in x
    }
    expected: Figures = Counter()
    for queue in client.sandbox.world.organization.queues:
        for agent in queue.agents:
            presence = doing[agent.id, "primaryPresence"]
            own = presence["organizationPresenceId"]
            status = doing[agent.id, "routingStatus"]["routingStatus"]
            counted = [
                ("oMemberUsers", ""), ("oActiveUsers", ""), ("oUserPresences", own),
                ("oUserRoutingStatuses", status),
            ]  # fmt: skip
            if presence["systemPresence"] == "ON_QUEUE":
                counted.append(("oOnQueueUsers", status))
            elif presence["systemPresence"] != "OFFLINE":
                counted.append(("oOffQueueUsers", own))
            for metric, qualifier in counted:
                expected[queue.id, "", metric, qualifier] += 1
    found = {key: x for key, x in figures(queues(client)).items() if not key[1]}
    assert found == expected
    assert {key[2] for key in found} >= {"oOnQueueUsers", "oOffQueueUsers"}


def test_the_answer_tells_which_presences_are_whose(client: Client) -> None:
    """Each system presence, and the organization's under it."""
    body = {"filter": any_of("queueId", ["none"]), "metrics": ["oWaiting"]}
    answer = observe(client, "queues", **body).json()
    assert set(answer) == {"systemToOrganizationMappings"}
    mappings = answer["systemToOrganizationMappings"]
    assert {x: system for system, ids in mappings.items() for x in ids} == {
        x.id: x.system_presence for x in presence_definitions(1)
    }


def test_more_members_than_agents_are_counted(start: Callable[..., Client]) -> None:
    """As the list of members has them; what those do who never answer is not known."""
    client = start(members_per_queue=80)
    organization = client.sandbox.world.organization
    queue = organization.queues[0].id
    path = f"/api/v2/routing/queues/{queue}/members?pageSize=100"
    listed = {x["id"] for x in client.ask("GET", path).json()["entities"]}
    found = figures(queues(client))
    assert found[queue, "", "oMemberUsers", ""] == len(listed) == 80
    presences = sum(
        count
        for (whose, _, metric, _), count in found.items()
        if (whose, metric) == (queue, "oUserPresences")
    )
    assert presences == len(listed & {agent.id for agent in organization.agents}) < 80


def test_details_list_the_observations_that_are_counted(client: Client) -> None:
    """The oldest first; also of metrics that are not asked for otherwise."""
    results = queues(client, metrics=["oMemberUsers"], detailMetrics=DETAILED)
    assert {x["metric"] for result in results for x in result["data"]} <= set(DETAILED)
    for result in results:
        for data in result["data"]:
            dates = [x["observationDate"] for x in data["observations"]]
            assert dates == sorted(dates)
            assert len(dates) == data["stats"]["count"]
            assert data["truncated"] is False
    plain = queues(client)
    assert not any("observations" in x for result in plain for x in result["data"])


def test_a_filter_leaves_out_what_does_not_match(client: Client) -> None:
    """By queue and by medium; who has no medium does not match one."""
    everything = figures(queues(client))
    queue = client.sandbox.world.organization.queues[3].id
    of_one = figures(queues(client, filter=any_of("queueId", [queue])))
    assert of_one == {key: x for key, x in everything.items() if key[0] == queue}
    mails = figures(queues(client, filter=any_of("mediaType", ["EMAIL"])))
    assert mails == {key: x for key, x in everything.items() if key[1] == "email"}
    assert mails


def test_time_passes(client: Client, clock: Clock) -> None:
    """What waits is another thing an hour later."""
    before = figures(queues(client))
    clock.advance(hours=1)
    after = figures(queues(client))
    assert before != after
    assert before.keys() & after.keys()


def test_users_are_in_the_queues_that_they_are_members_of(client: Client) -> None:
    """Whoever is in none is left out."""
    people = client.sandbox.references.directory.people
    answer = observe(
        client,
        "users",
        filter=any_of("userId", [person.id for person in people]),
        metrics=["oMemberQueues", "oActiveQueues"],
    )
    memberships = Counter(
        agent.id
        for queue in client.sandbox.world.organization.queues
        for agent in queue.agents
    )
    assert {
        result["group"]["userId"]: [x["stats"]["count"] for x in result["data"]]
        for result in answer.json()["results"]
    } == {user: [count, count] for user, count in memberships.items()}


def test_flows_hold_whoever_is_in_them(start: Callable[..., Client]) -> None:
    """Counted by flow, filtered by medium too."""
    client = start(conversations_per_day=5_000)
    expected: Counter[tuple[str, str]] = Counter()
    today = client.sandbox.options.clock().date()
    for document in client.sandbox.truth(today, today + timedelta(days=1)):
        if "conversationEnd" in document:
            continue
        for participant in document["participants"]:
            for session in participant["sessions"]:
                if "flow" in session and "segmentEnd" not in session["segments"][-1]:
                    key = (session["flow"]["flowId"], session["mediaType"])
                    expected[key] += 1
    assert len({media for _, media in expected}) > 1

    def counted(wanted: dict[str, Any]) -> dict[str, int]:
        answer = observe(client, "flows", filter=wanted, metrics=["oFlow"])
        return {
            result["group"]["flowId"]: data["stats"]["count"]
            for result in answer.json()["results"]
            for data in result["data"]
        }

    sums: Counter[str] = Counter()
    for (flow, _media), count in expected.items():
        sums[flow] += count
    assert counted(any_of("flowId", [flow for flow, _ in expected])) == sums
    voice = {flow: x for (flow, media), x in expected.items() if media == "voice"}
    assert counted(any_of("mediaType", ["voice"])) == voice
