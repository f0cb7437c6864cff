"""Aggregates: events by group and bucket, and what each metric of them amounts to."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api.aggregate_query import read_aggregate_query
from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.errors import bad_request
from genesys_cloud_sandbox.api.families import family_lists, family_names
from genesys_cloud_sandbox.api.statistics import statistics
from genesys_cloud_sandbox.world.times import milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.aggregate_query import AggregateQuery
    from genesys_cloud_sandbox.api.sources import Sources
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.events import Dimensions, Event
    from genesys_cloud_sandbox.world.timeline import Document

Group = tuple["str | None", ...]
"""A value for each dimension of a query's groupBy, or None."""


class Figure(NamedTuple):
    """What is counted together: a metric, or what a view sees of it."""

    name: str
    qualifier: str
    view: bool


Figures = dict[Figure, list["tuple[int, float]"]]
"""The values of each figure, and when they were."""


class Aggregates:
    """The aggregate queries of all families."""

    def __init__(self, options: SandboxOptions, sources: Sources) -> None:
        self.options = options
        self.sources = sources

    def routes(self) -> list[Route]:
        """One endpoint for each family."""
        return [
            Route(
                f"/api/v2/analytics/{family}/aggregates/query",
                partial(self.query, family),
                methods=["POST"],
            )
            for family in family_names()
        ]

    async def query(self, family: str, request: Request) -> Response:
        """`POST /analytics/{family}/aggregates/query`."""
        lists = family_lists(family)
        query = read_aggregate_query(await read_json(request), lists)
        now = milliseconds(self.options.clock())

        def answer() -> Response:
            events = self.sources.events(family, query.buckets, now)
            found = collect(events, query)
            self._check_size(found)
            body: dict[str, object] = {}
            if found or self.options.empty_aggregates == "empty-list":
                body["results"] = list(results(found, query))
            if found and family == "users":
                body["systemToOrganizationMappings"] = self.sources.presences
            return json_response(body)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)

    def _check_size(self, found: dict[Group, dict[int, Figures]]) -> None:
        size = sum(
            len(figures) for group in found.values() for figures in group.values()
        )
        limit = self.options.aggregate_result_limit
        if size > limit:
            message = (
                f"Result set is larger than result limit of {limit} results. "
                "Narrow the interval, or ask for fewer groups, metrics or buckets."
            )
            raise bad_request(message)


def collect(
    events: Iterable[Event], query: AggregateQuery
) -> dict[Group, dict[int, Figures]]:
    """The values of what a query asks for, by group and number of the bucket."""
    starts = [start for start, _end in query.buckets]
    targets = {view.target for view in query.views}
    wanted = set(query.metrics)
    found: dict[Group, dict[int, Figures]] = {}
    for event in events:
        if event.metric not in wanted and event.metric not in targets:
            continue
        if query.matches and not query.matches(event.dimensions):
            continue
        names = [Figure(event.metric, event.qualifier, view=False)]
        if event.metric not in wanted:
            names = []
        names += [
            # The model of a view has no qualifier.
            Figure(view.name, "", view=True)
            for view in query.views
            if view.target == event.metric and view.holds(event.value)
        ]
        bucket = bisect(starts, event.at) - 1
        for group in groups(event.dimensions, query) if names else ():
            figures = found.setdefault(group, {}).setdefault(bucket, defaultdict(list))
            for name in names:
                figures[name].append((event.at, event.value))
    return found


def groups(dimensions: Dimensions, query: AggregateQuery) -> Iterable[Group]:
    """The groups that an event belongs to: one for each of several values."""
    choices: list[list[str | None]] = []
    for name in query.group_by:
        value = dimensions.get(name)
        values = value if isinstance(value, list) else [value]
        texts = [_text(x) for x in dict.fromkeys(values) if x is not None]
        if query.flattened and len(texts) > 1:
            texts = [",".join(texts)]
        choices.append([*texts] or [None])
    return product(*choices)


def results(
    found: dict[Group, dict[int, Figures]], query: AggregateQuery
) -> Iterator[Document]:
    """The answer's results: groups in their order, buckets in that of time."""
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


def _data(
    bucket: tuple[int, int], figures: Figures, targets: dict[str, str]
) -> Document:
    data: Document = {"interval": "/".join(map(stamp, bucket))}
    for figure in sorted(figures):
        values = [value for _at, value in sorted(figures[figure])]
        if figure.view:
            target = targets[figure.name]
            shown: Document = {"name": figure.name}
            shown["stats"] = statistics(target, values)
            data.setdefault("views", []).append(shown)
            continue
        shown = {"metric": figure.name}
        if figure.qualifier:
            shown["qualifier"] = figure.qualifier
        shown["stats"] = statistics(figure.name, values)
        data.setdefault("metrics", []).append(shown)
    return data


def _text(value: object) -> str:
    """How groups write a value: as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
