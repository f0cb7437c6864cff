"""The families of aggregates, and the bodies of their queries and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from genesys_cloud_sandbox.api.bodies import (
    Body,
    PageSize,
    read_body,
    read_names,
    read_object,
)
from genesys_cloud_sandbox.api.errors import bad_request, invalid_value, required
from genesys_cloud_sandbox.api.filters import range_test, single_filter_test
from genesys_cloud_sandbox.api.intervals import divide, read_interval, read_zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.world.events import Dimensions

#: The families by their names in paths, from the official SDK's models.
_FILE = "families.json"
_MAX_VIEWS = 10
#: Groups on a page of a job's results, if the body does not say.
_PAGE_SIZE = 25


class Family(msgspec.Struct, frozen=True):
    """The metrics and the dimensions of a family of aggregates."""

    entity: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]

    @property
    def model(self) -> str:
        """The beginning of the names of its models."""
        return self.entity[0].upper() + self.entity[1:]


class _Families(msgspec.Struct):
    families: dict[str, Family]


class _View(Body):
    model: ClassVar[str] = "views"
    target: Any
    name: Any
    function: Literal["rangeBound"]
    range: Any


class _AggregationQuery(Body):
    interval: Any = None
    granularity: Any = None
    time_zone: Any = None
    group_by: list[Any] | None = None
    filter: Any = None
    metrics: list[Any] | None = None
    flatten_multivalued_dimensions: bool | None = None
    views: list[Any] | None = None
    alternate_time_dimension: Literal["eventTime"] | None = None
    query_type: Literal["groupBy"] | None = None


class _AsyncAggregationQuery(_AggregationQuery):
    page_size: PageSize | None = None


@dataclass(frozen=True)
class View:
    """A view: those values of a metric, its target, that lie in a range."""

    name: str
    target: str
    holds: Callable[[object], bool]


@dataclass(frozen=True)
class AggregateQuery:
    """An aggregate query that has been checked."""

    buckets: list[Interval]
    metrics: tuple[str, ...]
    group_by: tuple[str, ...]
    flattened: bool
    views: tuple[View, ...]
    #: None: there is no filter.
    matches: Callable[[Dimensions], bool] | None


def family_lists(family: str) -> Family:
    """Return the metrics and dimensions of a family, by its name in paths."""
    return _families()[family]


def family_names() -> tuple[str, ...]:
    """Return the names of all families."""
    return tuple(_families())


def read_aggregate_query(content: object, family: Family) -> AggregateQuery:
    """Check the body of a query."""
    model = f"{family.model}AggregationQuery"
    return _checked(read_body(content, _AggregationQuery, model), family)


def read_aggregate_job(content: object, family: Family) -> tuple[AggregateQuery, int]:
    """Check the body of a job, and return its query and the size of its pages."""
    model = f"{family.model}AsyncAggregationQuery"
    body = read_body(content, _AsyncAggregationQuery, model)
    return _checked(body, family), body.page_size or _PAGE_SIZE


def _checked(body: _AggregationQuery, family: Family) -> AggregateQuery:
    interval = read_interval(body.interval)
    zone = read_zone(body.time_zone)
    if not body.metrics:
        name = "metrics"
        raise required(name)
    views = body.views or ()
    if len(views) > _MAX_VIEWS:
        message = f"No more than {_MAX_VIEWS} views may be given."
        raise bad_request(message)
    return AggregateQuery(
        buckets=[interval]
        if body.granularity is None
        else divide(interval, str(body.granularity), zone),
        metrics=read_names(body.metrics, "metrics", family.metrics),
        group_by=read_names(body.group_by, "groupBy", family.dimensions),
        flattened=bool(body.flatten_multivalued_dimensions),
        views=tuple(_view(view, family.metrics) for view in views),
        matches=single_filter_test(body.filter, family.dimensions),
    )


def _view(content: object, metrics: tuple[str, ...]) -> View:
    view = read_object(content, _View, "views")
    for name in ("target", "name", "range"):
        if getattr(view, name) is None:
            path = f"views.{name}"
            raise required(path)
    if view.target not in metrics:
        raise invalid_value(view.target, "views.target", metrics)
    holds = range_test(view.range, "views.range", ("gte", "lt"))
    return View(str(view.name), view.target, holds)


@lru_cache(maxsize=1)
def _families() -> dict[str, Family]:
    content = resources.files(__package__).joinpath(_FILE).read_bytes()
    return msgspec.json.decode(content, type=_Families).families
