"""What a client may not do, and which permission it lacks. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from genesys_cloud_sandbox.api.errors import ApiError, missing_permissions
from genesys_cloud_sandbox.api.permissions import (
    NONE,
    Permissions,
    all_of,
    any_of,
)
from genesys_cloud_sandbox.api.reference_lists import LISTS
from genesys_cloud_sandbox.api.searches import SEARCHES

JOB_PATHS = ("/api/v2/analytics/*/details/jobs", "/api/v2/analytics/*/details/jobs/*")
_ROOT = "/api/v2/"
_AGGREGATES = {
    "actions": ("integrations:action:view", "bridge:actions:view"),
    "agentcopilots": ("analytics:agentCopilotAggregate:view",),
    "agentutilizations": ("analytics:agentUtilizationAggregate:view",),
    "bots": ("analytics:botAggregate:view",),
    "casemanagement": ("analytics:caseManagementAggregate:view",),
    "conversations": ("analytics:conversationAggregate:view",),
    "copilots": ("analytics:copilotsAggregate:view",),
    "evaluations": ("analytics:evaluationAggregate:view",),
    "flowexecutions": ("analytics:flowExecutionAggregate:view",),
    "flows": ("analytics:flowAggregate:view",),
    "journeys": ("analytics:journeyAggregate:view",),
    "knowledge": ("analytics:knowledgeAggregate:view",),
    "ratelimits": ("analytics:rateLimitAggregate:view",),
    "resolutions": ("analytics:resolutionAggregate:view",),
    "summaries": ("analytics:summaryAggregate:view",),
    "surveys": ("analytics:surveyAggregate:view",),
    "taskmanagement": ("analytics:taskManagementAggregate:view",),
    "transcripts": ("analytics:speechAndTextAnalyticsAggregates:view",),
    "users": ("analytics:userAggregate:view",),
}
_OBSERVED = {
    "conversations": "queue",
    "flows": "flow",
    "queues": "queue",
    "routing": "queue",
    "teams": "team",
    "users": "user",
}
"""What is observed, or active, and whose observations that takes."""
_CONVERSATIONS = any_of(
    "analytics:conversationDetail:view", "analytics:agentConversationDetail:view"
)
_ADHERENCE = any_of("wfm:historicalAdherence:view")
_PERMISSIONS: dict[str, Permissions] = {
    "tokens/me": NONE,
    "authorization/divisionspermitted/paged/me": NONE,
    "authorization/subjects/me": NONE,
    **{listed.path: listed.permissions for listed in LISTS},
    **{search.path: search.permissions for search in SEARCHES},
    **{
        f"analytics/{area}/aggregates/{{rest}}": any_of(*names)
        for area, names in _AGGREGATES.items()
    },
    **{
        f"analytics/{area}/{kind}/query": any_of(f"analytics:{whose}Observation:view")
        for area, whose in _OBSERVED.items()
        for kind in ("observations", "activity")
    },
    "analytics/agents/{rest}": any_of("analytics:agentState:view"),
    "analytics/taskmanagement/metrics/query": all_of(
        "analytics:taskManagementObservation:view"
    ),
    "analytics/botflows/{id}/sessions": any_of("analytics:botFlowSession:view"),
    "analytics/botflows/{id}/divisions/reportingturns": any_of(
        "analytics:botFlowDivisionAwareReportingTurn:view"
    ),
    "analytics/botflows/{id}/reportingturns": any_of(
        "analytics:botFlowReportingTurn:view"
    ),
    "analytics/reporting/exports": all_of("analytics:dataExport:view"),
    "analytics/dataretention/settings": any_of("analytics:dataRetention:view"),
    "analytics/conversations/details/jobs/availability": any_of(
        "analytics:conversationDetail:view"
    ),
    "analytics/conversations/{rest}": _CONVERSATIONS,
    "workforcemanagement/businessunits/{id}/agentschedules/search": any_of(
        "wfm:publishedSchedule:view", "wfm:schedule:view"
    ),
    "workforcemanagement/adherence/historical/bulk": _ADHERENCE,
    "workforcemanagement/adherence/historical/bulk/jobs/{id}": _ADHERENCE,
    "speechandtextanalytics/conversations/{rest}": any_of(
        "recording:recording:view", "speechAndTextAnalytics:data:view"
    ),
    "analytics/users/{rest}": any_of("analytics:userDetail:view"),
}
"""The first path that matches tells what it takes; `{rest}` stands for any parts."""
_PATTERNS = [
    (
        re.compile(
            re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path).replace(r"\{rest\}", ".+"))
        ),
        permissions,
    )
    for path, permissions in _PERMISSIONS.items()
]


def check_rights(path: str, forbidden: tuple[str, ...]) -> None:
    """Refuse a path that matches one of the forbidden patterns."""
    if _is_forbidden(path, forbidden):
        raise _refusal(permissions(path))


def permissions(path: str) -> Permissions:
    """What an endpoint asks for."""
    below = path.removeprefix(_ROOT)
    for pattern, known in _PATTERNS:
        if pattern.fullmatch(below):
            return known
    # integrations/actions: integrations:action:view
    area, thing = (*below.split("/"), "", "")[:2]
    return any_of(f"{area}:{thing.removesuffix('s')}:view")


def granted(forbidden: tuple[str, ...]) -> list[str]:
    """The permissions that the client has: those of any endpoint it may use."""
    return sorted(
        {
            name
            for path, known in _PERMISSIONS.items()
            if not _is_forbidden(_ROOT + path, forbidden)
            for name in known.names
        }
    )


def lacked(forbidden: tuple[str, ...]) -> set[str]:
    """The permissions whose endpoints are all forbidden."""
    every = {name for known in _PERMISSIONS.values() for name in known.names}
    return every.difference(granted(forbidden))


def _is_forbidden(path: str, forbidden: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in forbidden)


def _refusal(needed: Permissions) -> ApiError:
    if not needed.names:
        message = "You are not authorized to perform the requested action."
        return ApiError(403, "not.authorized", message)
    if not needed.every:
        return missing_permissions(needed.names)
    named = ", ".join(needed.names)
    return ApiError(
        403,
        "missing.permissions",
        "Unable to perform the requested action. You are missing the following "
        f"permission(s): [{named}]",
        permissions=named,
    )
