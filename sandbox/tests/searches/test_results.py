"""What each search finds, by which criteria."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOON, Client
from tests.searches.searching import (
    AUDITS,
    DASHBOARDS,
    EVALUATIONS,
    TRANSCRIPTS,
    WITHIN_DAY,
    found,
    post,
)

if TYPE_CHECKING:
    from tests.clocks import Clock


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


def test_transcripts_are_of_sessions(client: Client) -> None:
    """Each is a session of its conversation, which began in the time asked for."""
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


def test_transcripts_are_of_all_that_was_said(client: Client) -> None:
    """In conversations that have ended, also in those that began on a day before."""
    truth = client.sandbox.truth(date(2026, 2, 1), date(2026, 3, 5))
    ended = {x["conversationId"]: x for x in truth if "conversationEnd" in x}
    said = {
        session["sessionId"]: (first_said(session), document["conversationStart"])
        for document in ended.values()
        for participant in document["participants"]
        for session in participant["sessions"]
        if participant["purpose"] == "agent"
        and session["mediaType"] in ("voice", "chat", "message", "email")
        and session.get("recording") is not False
    }
    results = {
        x["communicationId"]
        for x in found(client, TRANSCRIPTS)
        if x["conversationId"] in ended
    }
    assert results == {x for x, (at, _) in said.items() if at.startswith("2026-03-04")}
    late, at = next((x, at) for x, (at, begun) in said.items() if begun[:10] < at[:10])
    query = [WITHIN_DAY | {"startValue": at, "endValue": at}]
    (result,) = found(client, TRANSCRIPTS, query=query)
    assert result["communicationId"] == late


def first_said(session: Any) -> str:
    """When talk or writing began in a session."""
    said = (x for x in session["segments"] if x["segmentType"] == "interact")
    return next((x["segmentStart"] for x in said), "")


def test_transcripts_are_made_after_the_talk(client: Client, clock: Clock) -> None:
    """Those of the day become more while it passes, and none is there too early."""
    clock.now = NOON.replace(day=4)
    early = found(client, TRANSCRIPTS)
    assert all(x["endTime"] < "2026-03-04T11:58:00.001Z" for x in early)
    clock.now = NOON
    late = found(client, TRANSCRIPTS)
    assert {x["communicationId"] for x in early} < {x["communicationId"] for x in late}


def test_transcripts_are_found_by_what_they_have(client: Client) -> None:
    """By media type, by who talked, by how long."""
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


def test_evaluations_are_those_of_conversations(client: Client) -> None:
    """Submitted in a time, of a form."""
    begun, ended = "2026-02-20T00:00:00.000Z", "2026-03-01T00:00:00.000Z"
    submitted = {
        "type": "DATE_RANGE",
        "field": "submittedDate",
        "startValue": begun,
        "endValue": ended,
    }
    results = {x["id"]: x for x in found(client, EVALUATIONS, query=[submitted])}
    expected = {
        evaluation["evaluationId"]: document["conversationId"]
        for document in client.sandbox.truth(date(2025, 12, 1), date(2026, 3, 1))
        for evaluation in document.get("evaluations", ())
        if begun <= evaluation["eventTime"] <= ended and not evaluation["deleted"]
    }
    assert {x: y["conversation"]["id"] for x, y in results.items()} == expected
    (form, *_others) = client.sandbox.world.organization.evaluation_forms
    of_form = {"type": "EXACT", "field": "formId", "value": form.id}
    some = found(client, EVALUATIONS, query=[submitted, of_form])
    assert some == [x for x in results.values() if x["evaluationForm"]["id"] == form.id]
    assert 0 < len(some) < len(results) < len(found(client, EVALUATIONS))


def test_evaluations_are_found_however_late_they_are(client: Client) -> None:
    """Weeks after the conversation."""
    lateness = {
        evaluation["eventTime"]: evaluation["evaluationId"]
        for document in client.sandbox.truth(date(2025, 12, 1), date(2026, 2, 1))
        for evaluation in document.get("evaluations", ())
        if document["conversationStart"] < "2026-01-15" < evaluation["eventTime"]
        and not evaluation["deleted"]
    }
    latest = max(lateness)
    at = {"type": "DATE_RANGE", "field": "releaseDate"}
    query = [at | {"startValue": latest, "endValue": latest}]
    (result,) = found(client, EVALUATIONS, query=query)
    assert result["id"] == lateness[latest]
    assert result["conversationDate"][:10] < "2026-01-15" < latest


def test_evaluations_end_with_an_empty_page(client: Client) -> None:
    """Nothing else tells their number."""
    past = post(client, EVALUATIONS, pageNumber=100).json()
    assert past == {"pageSize": 25, "pageNumber": 100, "results": []}


def test_audits_are_of_their_interval(client: Client, clock: Clock) -> None:
    """Two halves have what the whole has; what has not happened yet is not there."""
    whole = found(client, AUDITS, interval="2026-03-04T00:00Z/2026-03-06T00:00Z")
    middle = whole[len(whole) // 2]["eventDate"]
    first = found(client, AUDITS, interval=f"2026-03-04T00:00Z/{middle}")
    second = found(client, AUDITS, interval=f"{middle}/2026-03-06T00:00Z")
    assert whole == second + first
    dates = [x["eventDate"] for x in whole]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] <= "2026-03-05T12:00:00.000Z"
    clock.advance(hours=6)
    later = found(client, AUDITS, interval="2026-03-04T00:00Z/2026-03-06T00:00Z")
    assert later[-len(whole) :] == whole
    assert len(later) > len(whole)


def test_audits_are_filtered(client: Client) -> None:
    """By service and by property, oldest first if so asked."""
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
