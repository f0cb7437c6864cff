"""The searches by POST: pages by number and count, criteria, and what is refused."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
import requests
from PureCloudPlatformClientV2 import models

from tap_genesys_analytics.sandbox.api.searches import SEARCHES
from tap_genesys_analytics.sandbox.server import Sandbox, SandboxOptions
from tests.sandbox.conftest import NOON, QUERY, Client, Clock
from tests.sandbox.sdk_answers import check, logged_in
from tests.sandbox.sdk_models import unknown_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = "/api/v2/"
TRANSCRIPTS = "speechandtextanalytics/transcripts/search"
EVALUATIONS = "quality/evaluations/search"
AUDITS = "audits/query/realtime"
DASHBOARDS = "analytics/reporting/settings/dashboards/query"
DAY = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"
WITHIN_DAY = {
    "type": "DATE_RANGE",
    "fields": ["startTime"],
    "startValue": "2026-03-04T00:00:00.000Z",
    "endValue": "2026-03-04T23:59:59.999Z",
}
BODIES: dict[str, dict[str, Any]] = {
    "users/search": {"query": [{"type": "MATCH_ALL"}]},
    "groups/search": {},
    "teams/search": {
        "query": [{"type": "STARTS_WITH", "fields": ["name"], "value": "t"}]
    },
    "locations/search": {"sortBy": "name", "sortOrder": "DESC"},
    TRANSCRIPTS: {"types": ["transcripts"], "query": [WITHIN_DAY]},
    EVALUATIONS: {"query": [{"type": "REQUIRED_FIELDS", "field": "agentId"}]},
    AUDITS: {"interval": DAY},
    DASHBOARDS: {"dashboardConfigurationIds": []},
}
MOST = {search.path: search.most for search in SEARCHES}
METHODS = {
    "users/search": (sdk.UsersApi, "post_users_search", "UsersSearchResponse"),
    "groups/search": (sdk.GroupsApi, "post_groups_search", "GroupsSearchResponse"),
    "teams/search": (sdk.TeamsApi, "post_teams_search", "TeamsSearchResponse"),
    "locations/search": (
        sdk.LocationsApi,
        "post_locations_search",
        "LocationsSearchResponse",
    ),
    EVALUATIONS: (
        sdk.QualityApi,
        "post_quality_evaluations_search",
        "EvaluationSearchResponse",
    ),
    AUDITS: (
        sdk.AuditApi,
        "post_audits_query_realtime",
        "AuditRealtimeQueryResultsResponse",
    ),
    DASHBOARDS: (
        sdk.AnalyticsApi,
        "post_analytics_reporting_settings_dashboards_query",
        "DashboardConfigurationListing",
    ),
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A client of a sandbox with few conversations: searches look back for long."""
    options = SandboxOptions(
        clock=Clock(), requests_per_minute=0, conversations_per_day=30
    )
    with Sandbox(options) as sandbox, requests.Session() as session:
        yield Client(sandbox, session)


@pytest.fixture
def clock(client: Client) -> Clock:
    """Its clock, at noon of 5 March 2026, UTC."""
    clock = client.sandbox.options.clock
    assert isinstance(clock, Clock)
    clock.now = NOON
    return clock


def post(client: Client, path: str, **body: Any) -> Any:
    """The answer to a search."""
    return client.ask("POST", ROOT + path, json=BODIES[path] | body)


def found(client: Client, path: str, size: int = 100, **body: Any) -> list[Any]:
    """All pages of a search, by page numbers until a page is empty."""
    everything: list[Any] = []
    for number in count(1):
        answer = post(client, path, pageSize=size, pageNumber=number, **body).json()
        page = answer.get("results", answer.get("entities"))
        everything += page
        if "pageCount" in answer:
            assert answer["pageSize"] == min(size, MOST[path])
            assert answer["pageNumber"] == number
            if number >= answer["pageCount"]:
                assert len(everything) == answer["total"]
                return everything
        elif not page:
            return everything
    raise AssertionError


def test_every_search_is_known_here() -> None:
    """The table of bodies has the searches that the sandbox has."""
    assert BODIES.keys() == MOST.keys()
    assert METHODS.keys() == MOST.keys() - {TRANSCRIPTS}


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("path", BODIES)
def test_every_search_is_read_once_and_whole(
    client: Client, clock: Clock, path: str, size: int
) -> None:
    """Whatever the page size; what is found is the same."""
    assert clock.now == NOON
    results = found(client, path, size)
    keys = [x.get("id") or x["communicationId"] for x in results]
    assert keys
    assert len(set(keys)) == len(keys)
    everything = found(client, path)
    assert [x.get("id") or x["communicationId"] for x in everything] == keys


@pytest.mark.parametrize("path", METHODS)
def test_the_sdk_reads_a_search(client: Client, clock: Clock, path: str) -> None:
    """Every result and every value of it, with no key that its model does not have."""
    assert clock.now == NOON
    api, name, model = METHODS[path]
    body = BODIES[path] | {"pageSize": 25, "pageNumber": 1}
    read = getattr(api(logged_in(client)), name)(body)
    check(read, post(client, path, **body).json(), getattr(models, model))


def test_the_sdk_reads_transcripts(client: Client) -> None:
    """As far as it can: to it, results are anything."""
    api = sdk.SpeechTextAnalyticsApi(logged_in(client))
    body = BODIES[TRANSCRIPTS] | {"pageSize": 5}
    read = api.post_speechandtextanalytics_transcripts_search(body)
    sent = post(client, TRANSCRIPTS, pageSize=5).json()
    assert (read.total, read.page_count) == (sent["total"], sent["pageCount"])
    assert len(sent["results"]) == 5
    assert sent.keys() == {
        *("total", "pageCount", "pageSize", "pageNumber", "types", "results")
    }


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users/search", {"pageSize": 101}, 400),
        ("users/search", {"pageSize": 0}, 400),
        ("users/search", {"pageSize": 100, "pageNumber": 101}, 400),
        ("users/search", {"pageSize": 100, "pageNumber": 100}, 200),
        ("users/search", {"query": [{"type": "MATCH"}]}, 400),
        ("users/search", {"query": ["MATCH_ALL"]}, 400),
        ("users/search", {"query": [{"type": "EXACT", "value": "x"}]}, 400),
        ("users/search", {"query": [{"type": "EXACT", "fields": ["name"]}]}, 400),
        (
            "users/search",
            {"query": [{"type": "REGEX", "fields": ["name"], "value": "("}]},
            400,
        ),
        ("users/search", {"interval": DAY}, 400),
        ("teams/search", {"query": [{"type": "MATCH_ALL"}]}, 400),
        (TRANSCRIPTS, {"types": None}, 400),
        (TRANSCRIPTS, {"types": ["messages"]}, 400),
        (TRANSCRIPTS, {"pageSize": 100, "pageNumber": 10}, 200),
        (TRANSCRIPTS, {"pageSize": 100, "pageNumber": 11}, 400),
        (EVALUATIONS, {"pageNumber": None}, 400),
        (EVALUATIONS, {"pageNumber": 1, "query": None}, 400),
        (AUDITS, {"interval": None}, 400),
        (AUDITS, {"interval": "2026-02-19T11:59:00Z/2026-02-20T00:00:00Z"}, 400),
        (AUDITS, {"interval": "2026-02-19T12:00:00Z/2026-02-20T00:00:00Z"}, 200),
        (AUDITS, {"pageSize": 1_000}, 200),
        (AUDITS, {"filters": [{"property": "Service", "value": "x"}]}, 400),
        (AUDITS, {"filters": [{"property": "Action"}]}, 400),
        (AUDITS, {"sort": [{"name": "Timestamp", "sortOrder": "ASC"}]}, 400),
        (DASHBOARDS, {"dashboardConfigurationIds": None}, 400),
        (DASHBOARDS, {"pageSize": 100}, 200),
    ],
)
def test_what_is_wrong_is_refused(
    client: Client, clock: Clock, path: str, body: dict[str, Any], status: int
) -> None:
    """With the status and in the form of the API."""
    assert clock.now == NOON
    answer = post(client, path, **body)
    assert answer.status_code == status
    if status != 200:
        assert not unknown_keys(answer.json(), models.ErrorBody)


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ([("EXACT", "TEAM aurora", "AND")], {"Team Aurora"}),
        ([("STARTS_WITH", "team ", "AND"), ("EXACT", "Team Delta", "NOT")], "ABC"),
        ([("EXACT", "Team Aurora", "OR"), ("EXACT", "Team Delta", "OR")], "AD"),
        ([("EXACT", "Team", "AND")], set()),
    ],
)
def test_criteria_are_joined_by_their_operators(
    client: Client, criteria: list[tuple[str, str, str]], names: Any
) -> None:
    """All of AND, any of OR, none of NOT; upper and lower case are alike."""
    query = [
        {"type": kind, "fields": ["name"], "value": value, "operator": operator}
        for kind, value, operator in criteria
    ]
    results = {x["name"] for x in found(client, "teams/search", query=query)}
    if isinstance(names, str):
        assert {x.removeprefix("Team ")[0] for x in results} == set(names)
    else:
        assert results == names


def test_groups_of_criteria_are_one_criterion(client: Client) -> None:
    """Either name, but only of those in a division."""
    home = client.sandbox.world.organization.divisions[0].id
    either = [
        {"type": "CONTAINS", "fields": ["name", "email"], "value": x, "operator": "OR"}
        for x in ("agent1", "agent2")
    ]
    query = [
        {"group": either},
        {"type": "EXACT", "fields": ["division.id"], "value": home},
    ]
    results = found(client, "users/search", query=query)
    listed = client.sandbox.references.entities("users")
    expected = {
        user["id"]
        for user in listed
        if user["email"].startswith(("agent1", "agent2"))
        and user["division"]["id"] == home
    }
    assert {user["id"] for user in results} == expected


def test_who_is_gone_is_found_by_state_only(client: Client) -> None:
    """Otherwise a search finds active users."""
    gone = {"type": "EXACT", "fields": ["state"], "value": "deleted"}
    assert {x["state"] for x in found(client, "users/search")} == {"active"}
    deleted = found(client, "users/search", query=[gone])
    assert {x["state"] for x in deleted} == {"deleted"}
    shown = found(client, "users/search", expand=["skills"])
    assert "skills" in shown[0]
    assert "skills" not in deleted[0]


def test_results_are_sorted(client: Client) -> None:
    """By a field, up or down."""
    up = [x["name"] for x in found(client, "locations/search", sortOrder="ASC")]
    down = [x["name"] for x in found(client, "locations/search", sortOrder="DESC")]
    assert up == sorted(up) == down[::-1]
    lengths = found(client, TRANSCRIPTS, sortBy="duration", sortOrder="DESC")
    durations = [x["duration"] for x in lengths]
    assert durations == sorted(durations, reverse=True)


def test_transcripts_are_of_sessions(client: Client, clock: Clock) -> None:
    """Each is a session of its conversation, which began in the time asked for."""
    assert clock.now == NOON
    for transcript in found(client, TRANSCRIPTS):
        path = f"/api/v2/analytics/conversations/{transcript['conversationId']}/details"
        document = client.ask("GET", path).json()
        (session,) = (
            session
            for participant in document["participants"]
            for session in participant["sessions"]
            if session["sessionId"] == transcript["communicationId"]
        )
        begins = [x["segmentStart"] for x in session["segments"]]
        assert transcript["startTime"] in begins
        assert transcript["startTime"][:10] == "2026-03-04"
        assert transcript["divisionId"] in document["divisionIds"]


def test_transcripts_are_made_after_the_talk(client: Client, clock: Clock) -> None:
    """Those of the day become more while it passes, and none is there too early."""
    clock.now = NOON.replace(day=4)
    early = found(client, TRANSCRIPTS)
    assert all(x["endTime"] < "2026-03-04T11:58:00.001Z" for x in early)
    clock.now = NOON
    late = found(client, TRANSCRIPTS)
    assert {x["communicationId"] for x in early} < {x["communicationId"] for x in late}


def test_transcripts_are_found_by_what_they_have(client: Client, clock: Clock) -> None:
    """By media type, by who talked, by how long."""
    assert clock.now == NOON
    everything = found(client, TRANSCRIPTS)
    agent = everything[0]["userIds"][0]
    for field, value, test in (
        ("mediaType", "call", lambda x: x["mediaType"] == "call"),
        ("userId", agent, lambda x: agent in x["userIds"]),
    ):
        query = [WITHIN_DAY, {"type": "EXACT", "fields": [field], "value": value}]
        expected = [x for x in everything if test(x)]
        assert 0 < len(expected) < len(everything)
        assert found(client, TRANSCRIPTS, query=query) == expected
    long = {"type": "GREATER_THAN", "fields": ["duration"], "value": "200000"}
    results = found(client, TRANSCRIPTS, query=[WITHIN_DAY, long])
    assert results == [x for x in everything if x["duration"] > 200_000]


def test_evaluations_are_those_of_conversations(client: Client, clock: Clock) -> None:
    """Of a form, submitted in a time; a page past the end is empty."""
    clock.now = NOON
    everything = found(client, EVALUATIONS)
    (form, *_others) = client.sandbox.world.organization.evaluation_forms
    query = [
        {"type": "EXACT", "field": "formId", "value": form.id},
        {
            "type": "DATE_RANGE",
            "field": "submittedDate",
            "startValue": "2026-02-20T00:00:00.000Z",
            "endValue": "2026-03-01T00:00:00.000Z",
        },
    ]
    results = found(client, EVALUATIONS, query=query)
    assert 0 < len(results) < len(everything)
    for evaluation in results:
        assert evaluation["evaluationForm"]["id"] == form.id
        conversation = evaluation["conversation"]["id"]
        path = f"/api/v2/analytics/conversations/{conversation}/details"
        known = client.ask("GET", path).json()["evaluations"]
        assert evaluation["id"] in {x["evaluationId"] for x in known}
    past = post(client, EVALUATIONS, pageNumber=100).json()
    assert past == {"pageSize": 25, "pageNumber": 100, "results": []}


def test_audits_are_of_their_interval(client: Client, clock: Clock) -> None:
    """Two halves have what the whole has; what has not happened yet is not there."""
    assert clock.now == NOON
    whole = found(client, AUDITS, interval="2026-03-04T00:00Z/2026-03-06T00:00Z")
    first = found(client, AUDITS, interval="2026-03-04T00:00Z/2026-03-05T03:00Z")
    second = found(client, AUDITS, interval="2026-03-05T03:00Z/2026-03-06T00:00Z")
    assert whole == second + first
    dates = [x["eventDate"] for x in whole]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] <= "2026-03-05T12:00:00.000Z"
    clock.advance(hours=6)
    later = found(client, AUDITS, interval="2026-03-04T00:00Z/2026-03-06T00:00Z")
    assert later[-len(whole) :] == whole
    assert len(later) > len(whole)


def test_audits_are_filtered(client: Client, clock: Clock) -> None:
    """By service and by property, oldest first if so asked."""
    assert clock.now == NOON
    everything = found(client, AUDITS)
    filters = [{"property": "EntityType", "value": "Queue"}]
    sort = [{"name": "Timestamp", "sortOrder": "ascending"}]
    results = found(client, AUDITS, filters=filters, sort=sort)
    assert results == [x for x in everything if x["entityType"] == "Queue"][::-1]
    services = found(client, AUDITS, serviceName="ContactCenter")
    assert services == results[::-1]


def test_dashboards_come_in_pages_of_25(client: Client) -> None:
    """A larger page is silently smaller; ids choose some of them."""
    page = post(client, DASHBOARDS, pageSize=100).json()
    assert (page["pageSize"], page["total"], page["pageCount"]) == (25, 48, 2)
    chosen = [x["id"] for x in page["entities"][:2]]
    some = found(client, DASHBOARDS, dashboardConfigurationIds=chosen)
    assert [x["id"] for x in some] == chosen


def test_the_details_query_may_answer_as_in_a_tutorial(
    start: Callable[..., Client],
) -> None:
    """By `data` and a count of pages."""
    client = start(tutorial_paging=True, conversations_per_day=30)
    pages = [client.page(number, 20) for number in (1, 2, 3)]
    assert [page.keys() for page in pages] == [{"data", "paging"}] * 3
    assert [len(page["data"]) for page in pages] == [20, 10, 0]
    assert pages[1]["paging"] == {"pageSize": 20, "pageNumber": 2, "pageCount": 2}
    truth = client.sandbox.truth(NOON.date().replace(day=4), NOON.date())
    ids = [x["conversationId"] for page in pages for x in page["data"]]
    assert ids == [x["conversationId"] for x in truth]
    assert client.ask("POST", QUERY, json={}).status_code == 400
