"""Observations: the present state of queues, flows and users."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from genesys_cloud_sandbox.api.bodies import Body, read_body, read_names
from genesys_cloud_sandbox.api.errors import required
from genesys_cloud_sandbox.api.filters import single_filter_test
from genesys_cloud_sandbox.api.jobs import Stoppable
from genesys_cloud_sandbox.api.responses import post_route
from genesys_cloud_sandbox.world.observations import (
    Observation,
    conversations_at,
    flow_observations,
    member_observations,
    membership_observations,
    queue_observations,
)
from genesys_cloud_sandbox.world.organization import presences_by_system
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.caches import EndCache
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.events import Dimensions
    from genesys_cloud_sandbox.world.statuses import Statuses
    from genesys_cloud_sandbox.world.timeline import Document

_FILE = "observations.json"
_LONGEST = "oLongest"
#: Dimensions and their values.
_Group = tuple[tuple[str, str], ...]


class _Area(msgspec.Struct, frozen=True, rename="camel"):
    """The observations of one kind of objects, from the official Swagger."""

    model: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    group_by: tuple[str, ...]


class _ObservationBody(Body):
    filter: Any = None
    metrics: list[Any] | None = None
    detail_metrics: list[Any] | None = None


class ObservationQuery(NamedTuple):
    """An observation query that has been checked."""

    metrics: tuple[str, ...]
    #: Metrics whose observations the response has one by one.
    details: tuple[str, ...]
    matches: Callable[[Dimensions], bool]
    group_by: tuple[str, ...]


@dataclass
class Observations(Stoppable):
    """The endpoints of observations."""

    options: SandboxOptions
    lifetimes: EndCache
    statuses: Statuses
    directory: Directory

    def routes(self) -> list[Route]:
        """Return a route for each kind of objects."""
        return [
            post_route(
                f"/api/v2/analytics/{area}/observations/query",
                partial(self.query, area),
            )
            for area in _areas()
        ]

    def query(self, area: str, content: object, _request: Request) -> Document:
        """`POST /analytics/{area}/observations/query`."""
        query = _read_query(content, _areas()[area])
        now = milliseconds(self.options.clock())
        found = list(_results(self._observations(area, now), query, now))
        body: Document = {"results": found} if found else {}
        if area == "queues":
            seed = self.statuses.world.seed
            body["systemToOrganizationMappings"] = presences_by_system(seed)
        return body

    def _observations(self, area: str, now: int) -> Iterable[Observation]:
        if area == "users":
            return membership_observations(self.directory, self.statuses)
        documents = conversations_at(self.lifetimes, now, self.check_stopped)
        if area == "flows":
            return chain.from_iterable(map(flow_observations, documents))
        in_queues = chain.from_iterable(map(queue_observations, documents))
        return chain(member_observations(self.directory, self.statuses, now), in_queues)


@lru_cache(maxsize=1)
def _areas() -> dict[str, _Area]:
    content = resources.files(__package__).joinpath(_FILE).read_bytes()
    return msgspec.json.decode(content, type=dict[str, _Area])


def _read_query(content: object, area: _Area) -> ObservationQuery:
    """Check the body of a query."""
    body = read_body(content, _ObservationBody, area.model)
    matches = single_filter_test(body.filter, area.dimensions)
    name = "filter" if matches is None else "metrics"
    if matches is None or not body.metrics:
        raise required(name)
    details = tuple(x for x in area.metrics if not x.startswith(_LONGEST))
    return ObservationQuery(
        read_names(body.metrics, "metrics", area.metrics),
        read_names(body.detail_metrics, "detailMetrics", details),
        matches,
        area.group_by,
    )


def _results(
    observations: Iterable[Observation], query: ObservationQuery, now: int
) -> Iterator[Document]:
    """Yield the results; a group without observations is left out."""
    wanted = {*query.metrics, *query.details}
    groups: dict[_Group, dict[tuple[str, str], list[Observation]]] = {}
    for found in observations:
        dimensions = found.dimensions
        if found.metric in wanted and query.matches(dimensions):
            known = [x for x in query.group_by if x in dimensions]
            group = tuple((name, dimensions[name]) for name in known)
            metrics = groups.setdefault(group, {})
            metrics.setdefault((found.metric, found.qualifier), []).append(found)
    for group in sorted(groups):
        metrics = groups[group]
        counted = [metrics[key] for key in sorted(metrics)]
        yield {
            "group": dict(group),
            "data": [_data(same, query, now) for same in counted],
        }


def _data(counted: list[Observation], query: ObservationQuery, now: int) -> Document:
    first = counted[0]
    data: Document = {"metric": first.metric}
    if first.qualifier:
        data["qualifier"] = first.qualifier
    if first.metric.startswith(_LONGEST):
        data["stats"] = {"calculatedMetricValue": now - min(x.since for x in counted)}
    else:
        data["stats"] = {"count": len(counted)}
    if first.metric in query.details:
        by_age = sorted(counted, key=lambda observation: observation.since)
        data["truncated"] = False
        data["observations"] = [observation.detail for observation in by_age]
    return data
