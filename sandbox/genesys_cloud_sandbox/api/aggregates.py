"""Aggregates: statistics of metrics by group and interval, by query and by job."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.api.aggregate_query import (
    family_lists,
    family_names,
    read_aggregate_job,
    read_aggregate_query,
)
from genesys_cloud_sandbox.api.errors import bad_request
from genesys_cloud_sandbox.api.job_endpoints import JobEndpoints
from genesys_cloud_sandbox.api.jobs import Stoppable
from genesys_cloud_sandbox.api.responses import post_route
from genesys_cloud_sandbox.world.caches import EventCache
from genesys_cloud_sandbox.world.events import (
    Event,
    evaluation_events,
    flow_events,
    random_events,
    resolution_events,
    session_events,
    sessions_settled,
    survey_events,
)
from genesys_cloud_sandbox.world.organization import presences_by_system
from genesys_cloud_sandbox.world.times import DAY, milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.aggregate_query import AggregateQuery
    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.api.jobs import Find, Jobs, ResultsPage
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.conversation_details import Conversation
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.events import Dimensions
    from genesys_cloud_sandbox.world.statuses import Status, Statuses
    from genesys_cloud_sandbox.world.timeline import Document

#: The groups on one page of a job's results.
Groups = list["Document"]
_Group = tuple["str | None", ...]
_WITHOUT_JOBS = frozenset({"ratelimits"})
#: How long after a conversation's end these come at the latest, or longer.
_EVALUATED, _SURVEYED, _RESOLVED = 49 * DAY, 26 * DAY, 26 * DAY
#: The share of contacts to answer in time.
_SERVICE_LEVEL_TARGET = 0.8


class AggregateEvents(Stoppable):
    """The events of every family, as they are at an instant."""

    def __init__(self, world: World, statuses: Statuses) -> None:
        self.world = world
        self.statuses = statuses
        self._chronicles = {
            "conversations": EventCache(world, session_events, sessions_settled),
            "flows": EventCache(world, flow_events, sessions_settled),
            "evaluations": EventCache(
                world, evaluation_events, _settled, afterwards=_EVALUATED
            ),
            "surveys": EventCache(world, survey_events, _settled, afterwards=_SURVEYED),
            "resolutions": EventCache(
                world, resolution_events, _settled, afterwards=_RESOLVED
            ),
        }

    def events(
        self, family: str, buckets: Sequence[Interval], now: int
    ) -> Iterable[Event]:
        """Return the events in adjoining buckets, up to an instant."""
        start, end = buckets[0][0], min(buckets[-1][1], now + 1)
        if start >= end:
            return ()
        if family == "users":
            return self._status_events(buckets, now)
        if family in self._chronicles:
            return self._chronicles[family].between(start, end, now, self.check_stopped)
        lists = family_lists(family)
        names = lists.metrics, lists.dimensions
        return random_events(self.world, family, *names, (start, end))

    def _status_events(self, buckets: Sequence[Interval], now: int) -> Iterator[Event]:
        """Yield the time in each status, divided by the buckets."""
        ends = [end for _start, end in buckets]
        for status in self.statuses.known(buckets[0][0], ends[-1], now):
            last = now if status.end is None else status.end
            for start, end in buckets[bisect(ends, status.start) :]:
                if start >= last:
                    break
                begun = max(status.start, start)
                yield from _time_events(status, begun, min(last, end) - begun)


def _time_events(status: Status, at: int, length: int) -> Iterator[Event]:
    """Yield what is counted of a part of a status."""
    user = {"userId": status.user_id}
    if status.kind == "routingStatus":
        yield Event(at, "tAgentRoutingStatus", length, user, status.value)
        return
    yield Event(at, "tSystemPresence", length, user, status.value)
    presence = status.organization_presence_id
    yield Event(at, "tOrganizationPresence", length, user, presence)


def _settled(life: Conversation) -> int:
    return life.settled


class _Metric(NamedTuple):
    """A metric, or a view of one."""

    name: str
    qualifier: str
    is_view: bool


#: The values of each metric, and when they were.
_Values = dict[_Metric, list["tuple[int, float]"]]
#: By group, and by number of the bucket.
_Collected = dict[_Group, dict[int, _Values]]


@dataclass(frozen=True)
class Aggregates:
    """The endpoints of aggregates, for all families."""

    options: SandboxOptions
    events: AggregateEvents
    jobs: Jobs[Groups]

    def routes(self) -> list[Route]:
        """Return the routes of each family."""
        routes: list[Route] = []
        for family in family_names():
            path = f"/api/v2/analytics/{family}/aggregates"
            routes.append(post_route(f"{path}/query", partial(self.query, family)))
            if family not in _WITHOUT_JOBS:
                jobs = JobEndpoints(
                    f"{path}/jobs",
                    self.jobs,
                    self.options.clock,
                    find=partial(self._job, family),
                    write=_job_results,
                )
                routes += jobs.routes()
        return routes

    def query(self, family: str, content: object, _request: Request) -> Document:
        """`POST /analytics/{family}/aggregates/query`."""
        query = read_aggregate_query(content, family_lists(family))
        now = milliseconds(self.options.clock())
        found = _collect(self.events.events(family, query.buckets, now), query)
        self._check_size(found)
        body: Document = {}
        if found or self.options.empty_aggregates == "empty-list":
            body["results"] = list(_results(found, query))
        if found and family == "users":
            seed = self.events.world.seed
            body["systemToOrganizationMappings"] = presences_by_system(seed)
        return body

    def _job(self, family: str, content: object, now: int) -> Find[Groups]:
        query, size = read_aggregate_job(content, family_lists(family))

        def find(_check_stopped: object) -> list[Groups]:
            events = self.events.events(family, query.buckets, now)
            found = list(_results(_collect(events, query), query))
            return [found[at : at + size] for at in range(0, len(found), size)]

        return find

    def _check_size(self, found: _Collected) -> None:
        size = sum(len(values) for group in found.values() for values in group.values())
        limit = self.options.aggregate_result_limit
        if size > limit:
            message = (
                f"Result set is larger than result limit of {limit} results. "
                "Narrow the interval, or ask for fewer groups, metrics or buckets."
            )
            raise bad_request(message)


def _job_results(page: ResultsPage[Groups]) -> Document:
    (groups,) = page.items
    return {"results": groups}


def _collect(events: Iterable[Event], query: AggregateQuery) -> _Collected:
    """Return the values of a query's metrics and views."""
    starts = [start for start, _end in query.buckets]
    targets = {view.target for view in query.views}
    wanted = set(query.metrics)
    found: _Collected = {}
    for event in events:
        if event.metric not in wanted and event.metric not in targets:
            continue
        if query.matches and not query.matches(event.dimensions):
            continue
        metrics = []
        if event.metric in wanted:
            metrics.append(_Metric(event.metric, event.qualifier, is_view=False))
        metrics += [
            # The model of a view has no qualifier.
            _Metric(view.name, "", is_view=True)
            for view in query.views
            if view.target == event.metric and view.holds(event.value)
        ]
        bucket = bisect(starts, event.at) - 1
        for group in _groups(event.dimensions, query) if metrics else ():
            values = found.setdefault(group, {}).setdefault(bucket, defaultdict(list))
            for metric in metrics:
                values[metric].append((event.at, event.value))
    return found


def _groups(dimensions: Dimensions, query: AggregateQuery) -> Iterable[_Group]:
    """Return the groups that an event belongs to: one for each of several values."""
    choices: list[list[str | None]] = []
    for name in query.group_by:
        value = dimensions.get(name)
        values = value if isinstance(value, list) else [value]
        texts = [_text(x) for x in dict.fromkeys(values) if x is not None]
        if query.flattened and len(texts) > 1:
            texts = [",".join(texts)]
        choices.append([*texts] or [None])
    return product(*choices)


def _text(value: object) -> str:
    """Return a value as groups have it: as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _results(found: _Collected, query: AggregateQuery) -> Iterator[Document]:
    """Yield the results, ordered by group and time."""
    targets = {view.name: view.target for view in query.views}
    for group in sorted(found, key=lambda values: [x or "" for x in values]):
        pairs = zip(query.group_by, group, strict=True)
        yield {
            "group": {name: value for name, value in pairs if value is not None},
            "data": [
                _data(query.buckets[bucket], found[group][bucket], targets)
                for bucket in sorted(found[group])
            ],
        }


def _data(interval: Interval, collected: _Values, targets: dict[str, str]) -> Document:
    data: Document = {"interval": "/".join(map(stamp, interval))}
    for metric in sorted(collected):
        values = [value for _at, value in sorted(collected[metric])]
        entry: Document = {"name" if metric.is_view else "metric": metric.name}
        if metric.qualifier:
            entry["qualifier"] = metric.qualifier
        target = targets[metric.name] if metric.is_view else metric.name
        entry["stats"] = _statistics(target, values)
        data.setdefault("views" if metric.is_view else "metrics", []).append(entry)
    return data


def _statistics(metric: str, values: Sequence[float]) -> Document:
    """Return the statistics of a metric's values, of which there is one, by time."""
    if metric == "oServiceTarget":
        return {"current": values[-1]}
    total = sum(values)
    if metric.endswith("ServiceLevel"):
        return {
            "ratio": total / len(values),
            "numerator": total,
            "denominator": len(values),
            "target": _SERVICE_LEVEL_TARGET,
        }
    if metric.startswith("n"):
        return {"count": total}
    return {"count": len(values), "sum": total, "min": min(values), "max": max(values)}
