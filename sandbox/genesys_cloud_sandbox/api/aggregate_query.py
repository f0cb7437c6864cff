"""The bodies of aggregate queries, checked as the API checks them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.api.buckets import cut, read_zone
from genesys_cloud_sandbox.api.dimensions import Family
from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_value,
)
from genesys_cloud_sandbox.api.filters import checked, items, matcher
from genesys_cloud_sandbox.api.query import (
    one_of,
    read_interval,
    read_object,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.api.buckets import Bucket
    from genesys_cloud_sandbox.api.families import FamilyLists
    from genesys_cloud_sandbox.world.events import Dimensions
    from genesys_cloud_sandbox.world.timeline import Document

_PROPERTIES = (
    "interval", "granularity", "timeZone", "groupBy", "filter", "metrics",
    "flattenMultivaluedDimensions", "views", "alternateTimeDimension", "queryType",
)  # fmt: skip
_VIEW, _RANGE = ("target", "name", "function", "range"), ("gte", "lt")
_TIMES, _QUERY_TYPES = ("eventTime",), ("groupBy",)
_MOST_VIEWS, _MOST_PREDICATES = 10, 100
_PAGE_SIZE = 25
"""Groups on a page of a job's results, where nothing is said."""


@dataclass(frozen=True)
class View:
    """A count of those values of a metric that lie in a range, under a name."""

    name: str
    target: str
    least: float | None
    below: float | None

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range."""
        return (self.least is None or value >= self.least) and (
            self.below is None or value < self.below
        )


@dataclass(frozen=True)
class AggregateQuery:
    """An aggregate query that the API accepts."""

    buckets: list[Bucket]
    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    flattened: bool
    views: tuple[View, ...]
    matches: Callable[[Dimensions], bool] | None
    """None: there is no filter."""


def read_aggregate_job(body: object, lists: FamilyLists) -> tuple[AggregateQuery, int]:
    """Check the body of a job; return its query, and the size of its pages."""
    model = f"{lists.model}AsyncAggregationQuery"
    given = dict(read_object(body, (*_PROPERTIES, "pageSize"), model))
    size = given.pop("pageSize", None) or _PAGE_SIZE
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise invalid_value(size, "pageSize", "an integer greater than or equal to 1")
    return read_aggregate_query(given, lists), size


def read_aggregate_query(body: object, lists: FamilyLists) -> AggregateQuery:
    """Check a body; what the API would refuse raises ApiError."""
    model = f"{lists.model}AggregationQuery"
    given = read_object(body, _PROPERTIES, model)
    start, end = read_interval(given.get("interval"))
    one_of(given.get("alternateTimeDimension"), "alternateTimeDimension", _TIMES)
    one_of(given.get("queryType"), "queryType", _QUERY_TYPES)
    granularity, zone = given.get("granularity"), read_zone(given.get("timeZone"))
    flattened = given.get("flattenMultivaluedDimensions") or False
    if not isinstance(flattened, bool):
        field = "flattenMultivaluedDimensions"
        raise invalid_value(flattened, field, ("true", "false"))
    return AggregateQuery(
        buckets=[(start, end)]
        if granularity is None
        else cut(start, end, str(granularity), zone),
        metrics=read_metrics(given, lists.metrics),
        group_by=read_names(given, "groupBy", lists.dimensions),
        flattened=flattened,
        views=_read_views(given, lists.metrics),
        matches=read_filter(given, lists.dimensions),
    )


def read_metrics(body: Document, known: tuple[str, ...]) -> tuple[str, ...]:
    """The metrics that are asked for, of which there must be one."""
    metrics = read_names(body, "metrics", known)
    if not metrics:
        message = "metrics is required"
        raise ApiError(400, "constraint.validation", message)
    return metrics


def read_filter(
    body: Document, dimensions: tuple[str, ...]
) -> Callable[[Dimensions], bool] | None:
    """The filter, a single one, as a test of dimensions; None: there is none."""
    given = body.get("filter")
    if given is None:
        return None
    family = Family(
        "filter",
        lambda document: [(document,)],
        {dimension: dimension for dimension in dimensions},
    )
    test = matcher([given], family)
    if _predicates(given) > _MOST_PREDICATES:
        message = f"A filter may not have more than {_MOST_PREDICATES} predicates."
        raise bad_request(message)
    return test


def _predicates(group: Document) -> int:
    """How many predicates there are in a filter that is known to be well-formed."""
    clauses = group.get("clauses") or ()
    own = len(group.get("predicates") or ())
    return own + sum(_predicates(clause) for clause in clauses)


def read_names(body: Document, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """A list of names, all of them known; each once."""
    names = items(body.get(name), name)
    for value in names:
        if value not in known:
            raise invalid_value(value, name, known)
    return tuple(dict.fromkeys(names))


def _read_views(body: Document, metrics: tuple[str, ...]) -> tuple[View, ...]:
    views = items(body.get("views"), "views")
    if len(views) > _MOST_VIEWS:
        message = f"No more than {_MOST_VIEWS} views may be given."
        raise bad_request(message)
    return tuple(_read_view(view, metrics) for view in views)


def _read_view(view: Any, metrics: tuple[str, ...]) -> View:  # noqa: ANN401 (any-type: unchecked JSON)
    given = checked(view, "views", _VIEW)
    for name in _VIEW:
        if given.get(name) is None:
            message = f"views.{name} is required"
            raise ApiError(400, "constraint.validation", message)
    if given["target"] not in metrics:
        raise invalid_value(given["target"], "views.target", metrics)
    one_of(given["function"], "views.function", ("rangeBound",))
    bounds = checked(given["range"], "views.range", _RANGE)
    for bound in bounds.values():
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise invalid_value(bound, "views.range", "a number")
    return View(
        str(given["name"]), given["target"], bounds.get("gte"), bounds.get("lt")
    )
