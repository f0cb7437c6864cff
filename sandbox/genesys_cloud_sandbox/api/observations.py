"""Observations: how things stand in queues and flows, and with users, at the moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api.aggregate_query import (
    read_filter,
    read_metrics,
    read_names,
)
from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.errors import ApiError
from genesys_cloud_sandbox.api.query import read_object
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
    from starlette.responses import Response

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.caches import EndCache
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.events import Dimensions
    from genesys_cloud_sandbox.world.statuses import Statuses
    from genesys_cloud_sandbox.world.timeline import Document

_PROPERTIES = ("filter", "metrics", "detailMetrics")
_LONGEST = "oLongest"
_Group = tuple[tuple[str, str], ...]
"""Dimensions and their values."""


@dataclass(frozen=True)
class _Area:
    """What can be observed of one kind of thing; the lists of the official Swagger."""

    model: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    group_by: tuple[str, ...]


_AREAS = {
    "queues": _Area(
        "QueueObservationQuery",
        (
            "oActiveUsers", "oAlerting", "oInteracting", "oLongestInteracting",
            "oLongestWaiting", "oMemberUsers", "oOffQueueUsers", "oOnQueueUsers",
            "oUserPresences", "oUserRoutingStatuses", "oWaiting",
        ),
        ("mediaType", "queueId"),
        ("queueId", "mediaType"),
    ),
    "users": _Area(
        "UserObservationQuery", ("oActiveQueues", "oMemberQueues"), ("userId",),
        ("userId",),
    ),
    "flows": _Area(
        "FlowObservationQuery", ("oFlow",), ("flowId", "mediaType"), ("flowId",)
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ObservationQuery:
    """An observation query that the API accepts."""

    metrics: tuple[str, ...]
    details: tuple[str, ...]
    """Metrics whose observations are shown one by one."""
    matches: Callable[[Dimensions], bool]
    group_by: tuple[str, ...]


class Observations:
    """The observation queries."""

    def __init__(
        self,
        options: SandboxOptions,
        lifetimes: EndCache,
        statuses: Statuses,
        directory: Directory,
    ) -> None:
        self.options = options
        self.lifetimes = lifetimes
        self.statuses = statuses
        self.directory = directory
        self._stopped = False

    def routes(self) -> list[Route]:
        """An endpoint for each kind of thing."""
        return [
            Route(
                f"/api/v2/analytics/{area}/observations/query",
                partial(self.query, area),
                methods=["POST"],
            )
            for area in _AREAS
        ]

    def stop(self) -> None:
        """Give up what is being looked for."""
        self._stopped = True

    async def query(self, area: str, request: Request) -> Response:
        """`POST /analytics/{area}/observations/query`."""
        query = read_observation_query(await read_json(request), _AREAS[area])
        now = milliseconds(self.options.clock())

        def answer() -> Response:
            found = list(results(self._observed(area, now), query, now))
            body: dict[str, object] = {"results": found} if found else {}
            if area == "queues":
                seed = self.statuses.world.seed
                body["systemToOrganizationMappings"] = presences_by_system(seed)
            return json_response(body)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)

    def _observed(self, area: str, now: int) -> Iterable[Observation]:
        if area == "users":
            return membership_observations(self.directory, self.statuses)
        documents = conversations_at(self.lifetimes, now, self._go_on)
        if area == "flows":
            return chain.from_iterable(map(flow_observations, documents))
        in_queues = chain.from_iterable(map(queue_observations, documents))
        return chain(member_observations(self.directory, self.statuses, now), in_queues)

    def _go_on(self) -> None:
        if self._stopped:
            message = "the sandbox was stopped"
            raise RuntimeError(message)


def read_observation_query(body: object, area: _Area) -> ObservationQuery:
    """Check a body; what the API would refuse raises ApiError."""
    given = read_object(body, _PROPERTIES, area.model)
    matches = read_filter(given, area.dimensions)
    if matches is None:
        message = "filter is required"
        raise ApiError(400, "constraint.validation", message)
    metrics = read_metrics(given, area.metrics)
    details = tuple(x for x in area.metrics if not x.startswith(_LONGEST))
    return ObservationQuery(
        metrics,
        read_names(given, "detailMetrics", details),
        matches,
        area.group_by,
    )


def results(
    observed: Iterable[Observation], query: ObservationQuery, now: int
) -> Iterator[Document]:
    """The answer's results: a group without observations is left out."""
    wanted = {*query.metrics, *query.details}
    groups: dict[_Group, dict[tuple[str, str], list[Observation]]] = {}
    for found in observed:
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
            "data": [_data(observations, query, now) for observations in counted],
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
