"""What searches find: everything, in order, as bodies ask for it. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.api.criteria import (
    Grammar,
    matcher,
    objects,
    period,
)
from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_property,
    invalid_value,
)
from genesys_cloud_sandbox.api.filters import items
from genesys_cloud_sandbox.api.query import one_of, read_interval
from genesys_cloud_sandbox.api.shown import users_shown
from genesys_cloud_sandbox.world.administration import audits, dashboards
from genesys_cloud_sandbox.world.evaluations import evaluations
from genesys_cloud_sandbox.world.times import DAY
from genesys_cloud_sandbox.world.transcripts import TRANSCRIPTS_SEARCHABLE, transcripts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genesys_cloud_sandbox.api.references import References
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

_AUDITED = 14 * DAY
_EVALUATIONS_SEARCHABLE = 31 * DAY
_TEXT_TYPES = (
    "EXACT", "STARTS_WITH", "CONTAINS", "REGEX", "TERM", "TERMS", "REQUIRED_FIELDS",
    "MATCH_ALL",
)  # fmt: skip
_BOUND_TYPES = (
    "LESS_THAN", "LESS_THAN_EQUAL_TO", "GREATER_THAN", "GREATER_THAN_EQUAL_TO",
)  # fmt: skip
USERS = Grammar((*_TEXT_TYPES, "QUERY_STRING", "RANGE", *_BOUND_TYPES))
GROUPS, TEAMS = Grammar(_TEXT_TYPES), Grammar(("EXACT", "STARTS_WITH"))
_TRANSCRIPTS = Grammar(
    ("EXACT", "EXACT_PHRASE", "PHRASE", "DATE_RANGE", "RANGE", "GREATER_THAN",
     "LESS_THAN", "REQUIRED_FIELDS"),
    {"queueId": "queueIds", "userId": "userIds"},
)  # fmt: skip
_EVALUATIONS = Grammar(
    ("EXACT", "DATE_RANGE", "RANGE", "REQUIRED_FIELDS", *_BOUND_TYPES),
    {
        "evaluationId": "id",
        "conversationId": "conversation.id",
        "contextId": "evaluationForm.contextId",
        "formId": "evaluationForm.id",
        "evaluationStatus": "status",
        "queueId": "queue.id",
        "divisionId": "divisionIds",
        "agentId": "agent.id",
        "evaluatorId": "evaluator.id",
        "assigneeId": "assignee.id",
        "totalScore": "answers.totalScore",
        "totalCriticalScore": "answers.totalCriticalScore",
    },
)


class Sources(NamedTuple):
    """What is searched, and when."""

    world: World
    references: References
    now: int


def find_listed(path: str, grammar: Grammar) -> Callable[..., list[Document]]:
    """Those of a reference list that match."""

    def find(body: Document, sources: Sources) -> list[Document]:
        matches = matcher(body.get("query"), grammar)
        found = sources.references.entities(path)
        if path == "users":
            found = users_shown(found, _users_asked(body))
        return _sorted(list(filter(matches, found)), body, "name")

    return find


def _users_asked(body: Document) -> Mapping[str, str]:
    """Users who are gone are found by those who name a state only."""
    named = any(
        "state" in x.get("fields", ()) for x in objects(body.get("query"), "query")
    )
    return {
        "state": "any" if named else "active",
        "expand": ",".join(map(str, items(body.get("expand"), "expand"))),
    }


def find_transcripts(body: Document, sources: Sources) -> list[Document]:
    """Transcripts, of the last 60 days."""
    if items(body["types"], "types") != ["transcripts"]:
        raise invalid_value(body["types"], "types", ("transcripts",))
    matches = matcher(body.get("query"), _TRANSCRIPTS)
    earliest = sources.now - TRANSCRIPTS_SEARCHABLE
    first, last = period(body.get("query"), ("startTime",))
    found = transcripts(
        sources.world,
        max(first or earliest, earliest),
        min(last or sources.now, sources.now),
        sources.now,
    )
    return _sorted(list(filter(matches, found)), body, "startTime")


def find_evaluations(body: Document, sources: Sources) -> list[Document]:
    """Evaluations, of the last month unless dates are asked for."""
    matches = matcher(body["query"], _EVALUATIONS)
    done = ("submittedDate", "releaseDate")
    first, _last = period(body["query"], (*done, "createdDate", "conversationDate"))
    _first, last = period(body["query"], done)
    found = evaluations(
        sources.world,
        sources.now - _EVALUATIONS_SEARCHABLE if first is None else first,
        last or sources.now,
        sources.now,
    )
    return _sorted(list(filter(matches, found)), body, "submittedDate")


def find_audits(body: Document, sources: Sources) -> list[Document]:
    """What was changed, in the last 14 days."""
    first, last = read_interval(body.get("interval"))
    if first < sources.now - _AUDITED:
        message = "The interval must lie within the last 14 days."
        raise bad_request(message)
    tests = [_audit_test(x) for x in objects(body.get("filters"), "filters")]
    if body.get("serviceName") is not None:
        tests.append(lambda audit: audit["serviceName"] == body["serviceName"])
    found = [
        audit
        for audit in audits(sources.references.directory, first, last, sources.now)
        if all(test(audit) for test in tests)
    ]
    orders = ("descending", "ascending")
    for order in objects(body.get("sort"), "sort") or [{}]:
        one_of(order.get("name"), "sort.name", ("Timestamp",))
        if one_of(order.get("sortOrder"), "sort.sortOrder", orders) == orders[0]:
            found.reverse()
    return found


def _audit_test(given: Document) -> Callable[[Document], bool]:
    known: dict[str, Callable[[Document], object]] = {
        "UserId": lambda audit: audit["user"]["id"],
        "TrusteeOrganizationId": lambda audit: audit["userHomeOrgId"],
        "ClientId": lambda audit: audit.get("client", {}).get("id"),
        "Action": lambda audit: audit["action"],
        "EntityType": lambda audit: audit["entityType"],
        "EntityId": lambda audit: audit["entity"]["id"],
    }
    name = given.get("property")
    if name not in known:
        raise invalid_value(name, "filters.property", known)
    for key in given:
        if key not in ("property", "value"):
            raise invalid_property(key, "AuditQueryFilter")
    if given.get("value") is None:
        raise ApiError(400, "constraint.validation", "filters.value is required")
    return lambda audit: known[name](audit) == given["value"]


def find_dashboards(body: Document, sources: Sources) -> list[Document]:
    """The dashboards with some ids, or all."""
    wanted = items(body["dashboardConfigurationIds"], "dashboardConfigurationIds")
    order = one_of(body.get("sortBy"), "sortBy", ("Asc", "Desc"))
    found = dashboards(sources.references.directory)
    return sorted(
        (entity for entity in found if not wanted or entity["id"] in wanted),
        key=lambda entity: str(entity["name"]),
        reverse=order == "Desc",
    )


def _sorted(found: list[Document], body: Document, default: str) -> list[Document]:
    """By the fields that a body names; what is equal stays in its order."""
    sorts = objects(body.get("sort"), "sort") or [body]
    for sort in reversed(sorts):
        name = sort.get("sortBy") or default
        order = one_of(sort.get("sortOrder"), "sortOrder", ("ASC", "DESC", "SCORE"))
        found.sort(key=lambda x: _key(x.get(name)), reverse=order == "DESC")
    return found


def _key(value: object) -> tuple[float, str]:
    """Numbers in their own order, before texts in theirs."""
    return (value, "") if isinstance(value, (int, float)) else (math.inf, str(value))
