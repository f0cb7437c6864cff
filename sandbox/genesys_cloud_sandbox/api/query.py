"""The bodies of details queries and jobs, checked as the API checks them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from typing import TYPE_CHECKING, Any

import msgspec
from dateutil.parser import isoparse

from genesys_cloud_sandbox.api.dimensions import FAMILIES
from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_date,
    invalid_property,
    invalid_value,
)
from genesys_cloud_sandbox.api.filters import items, matcher
from genesys_cloud_sandbox.world.times import DAY, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

_SHARED = (*(family.name for family in FAMILIES), "order", "orderBy", "interval")
_PROPERTIES = (*_SHARED, "aggregations", "paging")
_JOB_PROPERTIES = (*_SHARED, "limit", "startOfDayIntervalMatching")
ORDERS = ("asc", "desc", "unordered")
_ORDER_BYS = ("conversationStart", "conversationEnd", "segmentStart", "segmentEnd")
_DEFAULT_PAGE_SIZE = 25
DAYS_WITHOUT_FILTER, DAYS_WITH_FILTER, DAYS_OF_JOB = 7, 31, 31
"""The longest intervals of queries and jobs."""
_PAST_THE_CAP = (
    "Pagination may not exceed {cap} results.\n\nTip: When extracting large chunks of "
    "data (multiple days/weeks), maximize pagination performance by querying in "
    "smaller intervals. For example, paging through 1am-2am, then 2am-3am, then "
    "3am-4am, and so forth will outperform paging through one large interval that "
    "covers the same time frame."
)


@dataclass(frozen=True)
class Conditions:
    """What queries and jobs have in common; instants in milliseconds UTC."""

    start: int
    end: int
    """Exclusive."""
    order: str
    order_by: str
    filters: bytes
    """Empty: no filter. Equal filters have equal bytes."""
    matches: Callable[[Document], bool]

    def days(self) -> range:
        """The UTC days that the interval touches, since 1970-01-01."""
        return range(self.start // DAY, (self.end - 1) // DAY + 1)


@dataclass(frozen=True)
class Query(Conditions):
    """A details query that the API accepts."""

    page_size: int
    page_number: int


@dataclass(frozen=True)
class JobQuery(Conditions):
    """The query of a details job that the API accepts."""

    limit: int | None
    since: int | None
    """Conversations that started before it are left out; None: however old."""


def read_query(body: object, options: SandboxOptions) -> Query:
    """Check a body; what the API would refuse raises ApiError."""
    given = read_object(body, _PROPERTIES, "ConversationQuery")
    conditions = _read_conditions(given)
    days = DAYS_WITH_FILTER if conditions.filters else DAYS_WITHOUT_FILTER
    check_length(conditions.start, conditions.end, days)
    items(given.get("aggregations"), "aggregations")
    page_size, page_number = read_paging(given.get("paging"), options)
    return Query(**vars(conditions), page_size=page_size, page_number=page_number)


def read_job_query(body: object) -> JobQuery:
    """Check the body of a details job; what the API would refuse raises ApiError."""
    given = read_object(body, _JOB_PROPERTIES, "AsyncConversationQuery")
    conditions = _read_conditions(given)
    check_length(conditions.start, conditions.end, DAYS_OF_JOB)
    whole_days = given.get("startOfDayIntervalMatching") or False
    if not isinstance(whole_days, bool):
        raise invalid_value(whole_days, "startOfDayIntervalMatching", ("true", "false"))
    return JobQuery(
        **vars(conditions),
        limit=read_limit(given),
        since=conditions.start // DAY * DAY if whole_days else None,
    )


def read_object(body: object, known: tuple[str, ...], model: str) -> Document:
    """A body that has no property but those of its model."""
    if not isinstance(body, dict):
        message = "The request body is not a JSON object."
        raise bad_request(message)
    for name in body:
        if name not in known:
            raise invalid_property(name, model)
    return body


def _read_conditions(body: Document) -> Conditions:
    start, end = read_interval(body.get("interval"))
    filters = {
        family.name: body[family.name] for family in FAMILIES if body.get(family.name)
    }
    tests = [matcher(body.get(family.name), family) for family in FAMILIES]
    return Conditions(
        start=start,
        end=end,
        order=one_of(body.get("order"), "order", ORDERS),
        order_by=one_of(body.get("orderBy"), "orderBy", _ORDER_BYS),
        filters=msgspec.json.encode(filters, order="sorted") if filters else b"",
        matches=lambda document: all(test(document) for test in tests),
    )


def read_interval(value: object) -> tuple[int, int]:
    """Start and end of an ISO-8601 interval; without an offset it is UTC."""
    if value is None:
        message = "interval is required"
        raise ApiError(400, "constraint.validation", message)
    if not isinstance(value, str):
        raise invalid_date()
    start, slash, end = value.partition("/")
    if not slash:
        raise invalid_date()
    instants = _instant(start), _instant(end)
    if instants[0] >= instants[1]:
        message = "The start of the interval must be before its end."
        raise bad_request(message)
    return instants


def _instant(text: str) -> int:
    try:
        moment = isoparse(text)
    except ValueError:
        raise invalid_date() from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return milliseconds(moment)


def check_length(start: int, end: int, longest: int) -> None:
    """Refuse an interval of more days than the longest has."""
    if end - start > longest * DAY:
        message = (
            "You must specify a search interval as part of your query that does not "
            f"exceed {longest} days."
        )
        raise bad_request(message)


def read_limit(body: Document) -> int | None:
    """How many results a job may have at most; None: all."""
    return None if body.get("limit") is None else _positive(body, "limit")


def read_paging(paging: Any, options: SandboxOptions) -> tuple[int, int]:  # noqa: ANN401 (any-type: unchecked JSON)
    """Page size and page number of a PagingSpec."""
    if paging is None:
        return min(_DEFAULT_PAGE_SIZE, options.max_page_size), 1
    if not isinstance(paging, dict):
        raise invalid_value(paging, "paging", "an object")
    for name in paging:
        if name not in ("pageSize", "pageNumber"):
            raise invalid_property(name, "PagingSpec")
    size = _positive(paging, "pageSize", "paging.")
    number = _positive(paging, "pageNumber", "paging.")
    if size > options.max_page_size:
        raise ApiError(
            400,
            "constraint.validation",
            f"paging.pageSize must be less than or equal to {options.max_page_size}",
        )
    if size * number > options.result_cap:
        raise bad_request(_PAST_THE_CAP.format(cap=options.result_cap))
    return size, number


def _positive(owner: Document, name: str, path: str = "") -> int:
    value = owner.get(name)
    if value is None:
        raise ApiError(400, "constraint.validation", f"{path}{name} is required")
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_value(value, f"{path}{name}", "an integer")
    if value < 1:
        raise ApiError(
            400,
            "constraint.validation",
            f"{path}{name} must be greater than or equal to 1",
        )
    return value


def one_of(value: object, name: str, allowed: tuple[str, ...]) -> str:
    """An enumerated property; the first allowed value is the default."""
    if value is None:
        return allowed[0]
    if value not in allowed:
        raise invalid_value(value, name, allowed)
    return str(value)
