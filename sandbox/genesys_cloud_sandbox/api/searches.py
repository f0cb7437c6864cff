"""Searches by POST: what each one takes, and in what form it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.finders import (
    GROUPS,
    TEAMS,
    USERS,
    Sources,
    find_audits,
    find_dashboards,
    find_evaluations,
    find_listed,
    find_transcripts,
)
from genesys_cloud_sandbox.api.listings import Asked, pages
from genesys_cloud_sandbox.api.permissions import (
    NONE,
    Permissions,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from genesys_cloud_sandbox.world.timeline import Document

    Find = Callable[[Document, Sources], list[Document]]
    Answer = Callable[[Asked, Sequence[Document]], Document]

_COMMON = ("sortOrder", "sortBy", "pageSize", "pageNumber", "query")
_RESOURCE = (*_COMMON, "sort")


@dataclass(frozen=True)
class Search:
    """A search: its path under `/api/v2/`, and the function that finds everything.

    The function is called with the body and the sources.
    """

    path: str
    model: str
    find: Find
    answer: Answer
    properties: tuple[str, ...] = _RESOURCE
    required: tuple[str, ...] = ()
    permissions: Permissions = NONE
    most: int = 100
    """Largest page size."""
    lowers: bool = False
    """Whether a larger one is lowered, and not refused."""
    reach: int | None = 10_000
    """Results that the pages reach; None: all."""


def _results(asked: Asked, found: Sequence[Document]) -> Document:
    page = pages(asked, found)
    names = ("total", "pageCount", "pageSize", "pageNumber")
    kind = asked.path.split("/")[-2]
    counted = {name: page[name] for name in names}
    return {**counted, "types": [kind], "results": page["entities"]}


def _results_without_count(asked: Asked, found: Sequence[Document]) -> Document:
    page = pages(asked, found)
    sizes = {name: page[name] for name in ("pageSize", "pageNumber")}
    return {**sizes, "results": page["entities"]}


def _entities(asked: Asked, found: Sequence[Document]) -> Document:
    names = ("entities", "pageSize", "pageNumber", "total", "pageCount")
    page = pages(asked, found)
    return {name: page[name] for name in names}


SEARCHES = (
    Search(
        "users/search",
        "UserSearchRequest",
        find_listed("users", USERS),
        _results,
        (*_RESOURCE, "expand", "integrationPresenceSource", "enforcePermissions"),
        permissions=any_of("directory:user:view"),
    ),
    Search(
        "groups/search", "GroupSearchRequest", find_listed("groups", GROUPS), _results
    ),
    Search(
        "teams/search",
        "TeamSearchRequest",
        find_listed("teams", TEAMS),
        _results,
        permissions=any_of("groups:team:view"),
    ),
    Search(
        "locations/search",
        "LocationSearchRequest",
        find_listed("locations", GROUPS),
        _results,
        (*_RESOURCE, "expand"),
    ),
    Search(
        "speechandtextanalytics/transcripts/search",
        "TranscriptSearchRequest",
        find_transcripts,
        _results,
        (*_RESOURCE, "types", "returnFields"),
        ("types",),
        any_of(
            "analytics:conversationDetail:view",
            "recording:recording:view",
            "recording:recordingSegment:view",
        ),
        reach=1_000,
    ),
    Search(
        "quality/evaluations/search",
        "EvaluationSearchRequestDTO",
        find_evaluations,
        _results_without_count,
        (*_COMMON, "aggregations", "systemSubmitted"),
        ("query", "pageNumber"),
        any_of("quality:evaluation:searchAny"),
    ),
    Search(
        "audits/query/realtime",
        "AuditRealtimeQueryRequest",
        find_audits,
        _entities,
        ("interval", "serviceName", "filters", "sort", "pageNumber", "pageSize"),
        ("interval",),
        all_of("audits:audit:view"),
        lowers=True,
        reach=None,
    ),
    Search(
        "analytics/reporting/settings/dashboards/query",
        "DashboardConfigurationQueryRequest",
        find_dashboards,
        pages,
        ("dashboardConfigurationIds", "pageNumber", "pageSize", "sortBy"),
        ("dashboardConfigurationIds",),
        all_of("analytics:dashboardConfigurations:view"),
        most=25,
        lowers=True,
        reach=None,
    ),
)
