"""The bodies of searches, and everything that each search finds, in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from genesys_cloud_sandbox.api.bodies import Body, PageSize, read_object
from genesys_cloud_sandbox.api.errors import bad_request, invalid_value, required
from genesys_cloud_sandbox.api.intervals import read_interval
from genesys_cloud_sandbox.api.reference_lists import select_users
from genesys_cloud_sandbox.api.search_criteria import (
    SearchCriteria,
    criteria_test,
    date_range,
)
from genesys_cloud_sandbox.world.administration import audits, dashboards
from genesys_cloud_sandbox.world.evaluations import evaluations
from genesys_cloud_sandbox.world.times import DAY
from genesys_cloud_sandbox.world.transcripts import TRANSCRIPTS_SEARCHABLE, transcripts

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.api.reference_lists import ReferenceLists
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

_AUDITED = 14 * DAY
_EVALUATIONS_SEARCHABLE = 31 * DAY
_AUDIT_PROPERTIES: dict[str, Callable[[Document], object]] = {
    "UserId": lambda audit: audit["user"]["id"],
    "TrusteeOrganizationId": lambda audit: audit["userHomeOrgId"],
    "ClientId": lambda audit: audit.get("client", {}).get("id"),
    "Action": lambda audit: audit["action"],
    "EntityType": lambda audit: audit["entityType"],
    "EntityId": lambda audit: audit["entity"]["id"],
}


class SearchSort(Body):
    """A field that results are sorted by."""

    sort_by: str | None = None
    sort_order: Literal["ASC", "DESC", "SCORE"] | None = None


class SearchBody(Body):
    """The common part of the bodies of searches."""

    page_size: PageSize | None = None
    page_number: PageSize | None = None


class EvaluationSearchRequestDTO(SearchBody, kw_only=True):
    """The body of a search for evaluations."""

    page_number: PageSize
    query: list[SearchCriteria]
    sort_by: str | None = None
    sort_order: Literal["ASC", "DESC", "SCORE"] | None = None
    aggregations: Any = None
    system_submitted: Any = None


class SearchRequest(SearchBody):
    """The body of a search for groups or teams."""

    query: list[SearchCriteria] | None = None
    sort_by: str | None = None
    sort_order: Literal["ASC", "DESC", "SCORE"] | None = None
    sort: list[dict[str, Any]] | None = None


class LocationSearchRequest(SearchRequest):
    """The body of a search for locations."""

    expand: Any = None


class UserSearchRequest(SearchRequest):
    """The body of a search for users."""

    expand: list[Any] | None = None
    integration_presence_source: Any = None
    enforce_permissions: Any = None


class TranscriptSearchRequest(SearchRequest, kw_only=True):
    """The body of a search for transcripts."""

    types: list[Any]
    return_fields: Any = None


class AuditQueryFilter(Body):
    """A filter of audits."""

    property: Any = None
    value: Any = None


class AuditQuerySort(Body):
    """The order of audits."""

    name: Literal["Timestamp"] | None = None
    sort_order: Literal["descending", "ascending"] | None = None


class AuditRealtimeQueryRequest(SearchBody):
    """The body of a query of audits."""

    interval: Any = None
    service_name: Any = None
    filters: list[AuditQueryFilter] | None = None
    sort: list[AuditQuerySort] | None = None


class DashboardConfigurationQueryRequest(SearchBody, kw_only=True):
    """The body of a query of dashboards."""

    dashboard_configuration_ids: list[Any]
    sort_by: Literal["Asc", "Desc"] | None = None


class SearchContext(NamedTuple):
    """The data that is searched, and the present instant."""

    world: World
    references: ReferenceLists
    now: int


def find_users(body: UserSearchRequest, context: SearchContext) -> list[Document]:
    """Return users; only criteria on their state find those who left."""
    matches = criteria_test(body.query, "users")
    named = any("state" in (x.fields or ()) for x in body.query or ())
    query = {
        "state": "any" if named else "active",
        "expand": ",".join(map(str, body.expand or ())),
    }
    users = select_users(context.references.entities("users"), query)
    return _sorted(list(filter(matches, users)), body, "name")


def find_listed(
    path: str, body: SearchRequest, context: SearchContext
) -> list[Document]:
    """Return entities of a reference list."""
    matches = criteria_test(body.query, path)
    return _sorted(
        list(filter(matches, context.references.entities(path))), body, "name"
    )


def find_transcripts(
    body: TranscriptSearchRequest, context: SearchContext
) -> list[Document]:
    """Return transcripts of the last 60 days."""
    if body.types != ["transcripts"]:
        raise invalid_value(body.types, "types", ("transcripts",))
    matches = criteria_test(body.query, "transcripts")
    world, _references, now = context
    earliest = now - TRANSCRIPTS_SEARCHABLE
    first, last = date_range(body.query, ("startTime",))
    found = transcripts(
        world, max(first or earliest, earliest), min(last or now, now), now
    )
    return _sorted(list(filter(matches, found)), body, "startTime")


def find_evaluations(
    body: EvaluationSearchRequestDTO, context: SearchContext
) -> list[Document]:
    """Return evaluations: of the last month, if the criteria name no dates."""
    matches = criteria_test(body.query, "evaluations")
    done = ("submittedDate", "releaseDate")
    first, _last = date_range(body.query, (*done, "createdDate", "conversationDate"))
    _first, last = date_range(body.query, done)
    world, _references, now = context
    earliest = now - _EVALUATIONS_SEARCHABLE if first is None else first
    found = evaluations(world, earliest, last or now, now)
    return _sorted(list(filter(matches, found)), body, "submittedDate")


def find_audits(
    body: AuditRealtimeQueryRequest, context: SearchContext
) -> list[Document]:
    """Return the audits of the last 14 days."""
    first, last = read_interval(body.interval)
    if first < context.now - _AUDITED:
        message = "The interval must lie within the last 14 days."
        raise bad_request(message)
    for given in body.filters or ():
        if given.property not in _AUDIT_PROPERTIES:
            raise invalid_value(given.property, "filters.property", _AUDIT_PROPERTIES)
        if given.value is None:
            name = "filters.value"
            raise required(name)
    directory = context.references.directory
    found = [
        audit
        for audit in audits(directory, first, last, context.now)
        if body.service_name in (None, audit["serviceName"])
        and all(
            _AUDIT_PROPERTIES[given.property](audit) == given.value
            for given in body.filters or ()
        )
    ]
    for sort in body.sort or [AuditQuerySort()]:
        if sort.sort_order != "ascending":
            found.reverse()
    return found


def find_dashboards(
    body: DashboardConfigurationQueryRequest, context: SearchContext
) -> list[Document]:
    """Return the dashboards with some ids, or all."""
    wanted = body.dashboard_configuration_ids
    return sorted(
        (
            dashboard
            for dashboard in dashboards(context.references.directory)
            if not wanted or dashboard["id"] in wanted
        ),
        key=lambda dashboard: str(dashboard["name"]),
        reverse=body.sort_by == "Desc",
    )


def _sorted(
    found: list[Document],
    body: SearchRequest | EvaluationSearchRequestDTO,
    default: str,
) -> list[Document]:
    """Sort by the fields that a body names; what is equal stays in its order."""
    given = body.sort if isinstance(body, SearchRequest) else None
    sorts = [read_object(each, SearchSort, "") for each in given or ()]
    for sort in reversed(
        sorts or [SearchSort(sort_by=body.sort_by, sort_order=body.sort_order)]
    ):
        name = sort.sort_by or default
        found.sort(key=lambda x: _key(x.get(name)), reverse=sort.sort_order == "DESC")
    return found


def _key(value: object) -> tuple[float, str]:
    """Return a key that orders numbers before texts."""
    return (value, "") if isinstance(value, (int, float)) else (math.inf, str(value))
