"""Bodies that are wrong are refused, and told why: by every endpoint that reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Client

DAY = "2026-03-04T00:00:00Z/2026-03-05T00:00:00Z"
MONTH = "2026-01-01T00:00:00Z/2026-02-01T00:00:00.001Z"
CAP = "Pagination may not exceed 100000 results."
TIP = f"{CAP}\n\nTip: When extracting large chunks"
BAD, CONSTRAINT, DATE = "bad.request", "constraint.validation", "invalid.date"
PROPERTY, VALUE = "invalid.property", "invalid.value"


def any_of(dimension: str, values: list[str]) -> dict[str, Any]:
    """A filter."""
    predicates = [{"dimension": dimension, "value": value} for value in values]
    return {"type": "or", "predicates": predicates}


def some(dimension: str | None = None, **predicate: object) -> list[dict[str, Any]]:
    """A list of one filter of one predicate."""
    named = {"dimension": dimension} if dimension else {}
    return [{"type": "and", "predicates": [named | predicate]}]


def observed(dimension: str) -> dict[str, Any]:
    """A query for observations."""
    return {"filter": any_of(dimension, ["x"]), "metrics": ["oWaiting"]}


#: A body that is right, by path.
RIGHT: dict[str, dict[str, Any]] = {
    "conversations/details/query": {"interval": DAY},
    "conversations/details/jobs": {"interval": DAY},
    "users/details/query": {"interval": DAY},
    "users/details/jobs": {"interval": DAY},
    "conversations/aggregates/query": {"interval": DAY, "metrics": ["tTalk"]},
    "queues/observations/query": observed("queueId"),
    "users/observations/query": observed("userId"),
    "flows/observations/query": observed("flowId"),
}
#: Changes that make it wrong, with the code and part of the message of the refusal.
WRONG: dict[str, list[tuple[dict[str, Any], str, str]]] = {
    "conversations/details/query": [
        ({"interval": None}, CONSTRAINT, "interval is required"),
        ({"interval": "yesterday"}, DATE, "ISO-8601"),
        ({"interval": "2026-03-04T00:00Z"}, DATE, "ISO-8601"),
        ({"interval": 5}, DATE, "ISO-8601"),
        ({"interval": DAY[21:] + "/" + DAY[:20]}, BAD, "before its end"),
        ({"interval": "2026-03-01T00:00:00Z/2026-03-08T00:00:00.001Z"},
         BAD, "does not exceed 7 days"),
        ({"interval": MONTH,
          "conversationFilters": some("conversationEnd", operator="exists")},
         BAD, "does not exceed 31 days"),
        ({"paging": {"pageSize": 100}}, CONSTRAINT, "pageNumber"),
        ({"paging": {"pageNumber": 1}}, CONSTRAINT, "pageSize"),
        ({"paging": {"pageNumber": 0, "pageSize": 1}}, CONSTRAINT, "paging.pageNumber"),
        ({"paging": {"pageNumber": 1, "pageSize": 101}},
         CONSTRAINT, "less than or equal to 100"),
        ({"paging": {"pageNumber": "1", "pageSize": 5}}, VALUE, "pageNumber"),
        ({"paging": [1, 100]}, VALUE, "paging"),
        ({"paging": {"pageNumber": 1001, "pageSize": 100}}, BAD, TIP),
        ({"order": "ascending"}, VALUE, "asc, desc, unordered"),
        ({"orderBy": "start"}, VALUE, "conversationEnd, conversationStart"),
        ({"pageSize": 100}, PROPERTY, "pageSize"),
        ({"aggregations": {}}, VALUE, "aggregations"),
        ({"segmentFilters": [{"predicates": []}]}, VALUE, "and, or"),
        ({"segmentFilters": [{"type": "and"}]}, BAD, "at least one"),
        ({"segmentFilters": {"type": "and"}}, VALUE, "a list"),
        ({"segmentFilters": ["email"]}, VALUE, "an object"),
        ({"segmentFilters": some("mediatype", value="x")}, VALUE, "mediaType"),
        ({"segmentFilters": some(metric="tTalk", operator="exists")},
         VALUE, "tSegmentDuration"),
        ({"segmentFilters": some("mediaType")}, BAD, "a value or a range"),
        ({"segmentFilters": some(value="email")}, BAD, "a dimension"),
        ({"segmentFilters": some("mediaType", operator="is")}, VALUE, "notExists"),
        ({"segmentFilters": some("mediaType", values=["x"])}, PROPERTY, "values"),
        ({"segmentFilters": some("mediaCount", range={"over": 1})}, PROPERTY, "over"),
        ({"segmentFilters": some("mediaCount", range={"gt": "1"})}, VALUE, "a number"),
        ({"segmentFilters": [{"type": "and", "clauses": [
            {"type": "or", "clauses": [], "predicates": []}]}]},
         PROPERTY, "clauses"),
    ],
    "conversations/details/jobs": [
        ({"interval": None}, CONSTRAINT, "interval is required"),
        ({"interval": MONTH}, BAD, "does not exceed 31 days"),
        ({"paging": {"pageSize": 1, "pageNumber": 1}},
         PROPERTY, "AsyncConversationQuery"),
        ({"aggregations": []}, PROPERTY, "aggregations"),
        ({"limit": 0}, CONSTRAINT, "limit must be"),
        ({"limit": "5"}, VALUE, "limit"),
        ({"startOfDayIntervalMatching": 1}, VALUE, "true"),
        ({"order": "up"}, VALUE, "asc"),
        ({"segmentFilters": [{"type": "and"}]}, BAD, "at least one"),
    ],
    "users/details/query": [
        ({"interval": None}, CONSTRAINT, "interval is required"),
        ({"interval": "yesterday"}, DATE, "ISO-8601"),
        ({"interval": "2026-01-01T00:00:00Z/2026-01-08T00:00:00.001Z"},
         BAD, "does not exceed 7 days"),
        ({"interval": MONTH, "userFilters": some("userId", value="x")},
         BAD, "does not exceed 31 days"),
        ({"paging": {"pageSize": 5}}, CONSTRAINT, "pageNumber"),
        ({"paging": {"pageSize": 101, "pageNumber": 1}},
         CONSTRAINT, "less than or equal to 100"),
        ({"paging": {"pageSize": 100, "pageNumber": 1001}},
         BAD, CAP),
        ({"orderBy": "startTime"}, PROPERTY, "UserDetailsQuery"),
        ({"order": "up"}, VALUE, "asc"),
        ({"userFilters": some("name", value="x")}, VALUE, "userId"),
        ({"presenceFilters": some("userId", value="x")}, VALUE, "systemPres"),
        ({"routingStatusFilters": [{"type": "and"}]}, BAD, "at least one"),
        ({"presenceAggregations": {}}, VALUE, "a list"),
    ],
    "users/details/jobs": [
        ({"interval": "2026-01-01T00:00:00Z/2026-02-02T00:00:00Z"}, BAD, ""),
        ({"paging": {"pageSize": 1, "pageNumber": 1}}, PROPERTY, ""),
        ({"limit": 0}, CONSTRAINT, ""),
        ({"userFilters": some("queueId", value="x")}, VALUE, ""),
    ],
    "conversations/aggregates/query": [
        ({"interval": None}, CONSTRAINT, "interval is required"),
        ({"metrics": None}, CONSTRAINT, "metrics is required"),
        ({"metrics": []}, CONSTRAINT, "metrics is required"),
        ({"metrics": ["tSystemPresence"]}, VALUE, "tTalk"),
        ({"groupBy": ["flowName"]}, VALUE, "queueId"),
        ({"groupBy": "queueId"}, VALUE, "a list"),
        ({"granularity": "hourly"}, VALUE, "granularity"),
        ({"timeZone": "Mars/Olympus"}, VALUE, "timeZone"),
        ({"filter": []}, VALUE, "an object"),
        ({"filter": {"type": "and"}}, BAD, "at least one"),
        ({"filter": any_of("userId", ["x"] * 101)}, BAD, "more than 100 predicates"),
        ({"paging": {}}, PROPERTY, "ConversationAggregationQuery"),
        ({"views": [{}] * 11}, BAD, "10 views"),
        ({"views": [{"name": "x"}]}, CONSTRAINT, "views.target"),
        ({"flattenMultivaluedDimensions": "yes"}, VALUE, "true"),
        ({"alternateTimeDimension": "start"}, VALUE, "eventTime"),
    ],
    "queues/observations/query": [
        ({"filter": None}, CONSTRAINT, "filter is required"),
        ({"metrics": None}, CONSTRAINT, "metrics is required"),
        ({"metrics": []}, CONSTRAINT, "metrics is required"),
        ({"metrics": ["tTalk"]}, VALUE, "oWaiting"),
        ({"detailMetrics": ["oLongestWaiting"]}, VALUE, "oWaiting"),
        ({"filter": any_of("userId", ["x"])}, VALUE, "queueId"),
        ({"filter": any_of("queueId", ["x"] * 101)}, BAD, "more than 100 predicates"),
        ({"interval": "x"}, PROPERTY, "QueueObservationQuery"),
    ],
    "users/observations/query": [
        ({}, VALUE, "oMemberQueues"),
    ],
    "flows/observations/query": [
        ({"metrics": ["oFlow"], "paging": {}}, PROPERTY, "Flow"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "wrong", "code", "message"),
    [(path, *case) for path, cases in WRONG.items() for case in cases],
)
def test_a_wrong_body_is_refused(
    client: Client, path: str, wrong: dict[str, Any], code: str, message: str
) -> None:
    """With status 400 and an ErrorBody that says why; no job is begun."""
    jobs = (client.sandbox.jobs, client.sandbox.users_jobs)
    before = [each.submitted for each in jobs]
    body = RIGHT[path] | wrong
    answer = client.ask("POST", f"/api/v2/analytics/{path}", json=body)
    error = answer.json()
    assert answer.status_code == error["status"] == 400
    assert error["code"] == code
    assert message in error["message"]
    assert error["contextId"] == answer.headers["ININ-Correlation-Id"]
    assert error["details"] == error["errors"] == []
    assert [each.submitted for each in jobs] == before
