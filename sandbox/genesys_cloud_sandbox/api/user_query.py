"""The bodies of user details queries and jobs, checked as the API checks them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.dimensions import Family
from genesys_cloud_sandbox.api.filters import items, matcher
from genesys_cloud_sandbox.api.query import (
    DAYS_OF_JOB,
    DAYS_WITH_FILTER,
    DAYS_WITHOUT_FILTER,
    ORDERS,
    check_length,
    one_of,
    read_interval,
    read_limit,
    read_object,
    read_paging,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.statuses import Kind, Status
    from genesys_cloud_sandbox.world.timeline import Document


def _family(name: str, *dimensions: str) -> Family:
    return Family(
        name,
        lambda document: [(document,)],
        {dimension: dimension for dimension in dimensions},
    )


_USERS = _family("userFilters", "userId")
_STATUSES: dict[Kind, Family] = {
    "primaryPresence": _family(
        "presenceFilters", "organizationPresenceId", "systemPresence"
    ),
    "routingStatus": _family("routingStatusFilters", "routingStatus"),
}
_FAMILIES = (_USERS, *_STATUSES.values())
_SHARED = ("interval", "order", *(family.name for family in _FAMILIES))
_AGGREGATIONS = ("presenceAggregations", "routingStatusAggregations")
_PROPERTIES = (*_SHARED, *_AGGREGATIONS, "paging")
_JOB_PROPERTIES = (*_SHARED, "limit")


@dataclass(frozen=True)
class UserConditions:
    """What queries and jobs have in common; instants in milliseconds UTC."""

    start: int
    end: int
    """Exclusive."""
    order: str
    filtered: bool
    matches: Callable[[Status], bool]


@dataclass(frozen=True)
class UserQuery(UserConditions):
    """A user details query that the API accepts."""

    page_size: int
    page_number: int


@dataclass(frozen=True)
class UserJobQuery(UserConditions):
    """The query of a user details job that the API accepts."""

    limit: int | None


def read_user_query(body: object, options: SandboxOptions) -> UserQuery:
    """Check a body; what the API would refuse raises ApiError."""
    given = read_object(body, _PROPERTIES, "UserDetailsQuery")
    conditions = _read_conditions(given)
    days = DAYS_WITH_FILTER if conditions.filtered else DAYS_WITHOUT_FILTER
    check_length(conditions.start, conditions.end, days)
    for name in _AGGREGATIONS:
        items(given.get(name), name)
    page_size, page_number = read_paging(given.get("paging"), options)
    return UserQuery(**vars(conditions), page_size=page_size, page_number=page_number)


def read_user_job_query(body: object) -> UserJobQuery:
    """Check the body of a job; what the API would refuse raises ApiError."""
    given = read_object(body, _JOB_PROPERTIES, "AsyncUserDetailsQuery")
    conditions = _read_conditions(given)
    check_length(conditions.start, conditions.end, DAYS_OF_JOB)
    return UserJobQuery(**vars(conditions), limit=read_limit(given))


def _read_conditions(body: Document) -> UserConditions:
    start, end = read_interval(body.get("interval"))
    return UserConditions(
        start=start,
        end=end,
        order=one_of(body.get("order"), "order", ORDERS),
        filtered=any(body.get(family.name) for family in _FAMILIES),
        matches=_matcher(body),
    )


def _matcher(body: Document) -> Callable[[Status], bool]:
    """A test of statuses: of filters on one kind of status, the other has none."""
    of_user = matcher(body.get(_USERS.name), _USERS)
    tests = {
        kind: matcher(body.get(family.name), family)
        for kind, family in _STATUSES.items()
    }
    asked = {kind for kind, family in _STATUSES.items() if body.get(family.name)}
    kinds = asked or set(_STATUSES)
    return lambda status: (
        status.kind in kinds
        and of_user({"userId": status.user_id})
        and tests[status.kind](status.record())
    )
