"""Jobs for aggregates: what a query answers, however much it is, in pages by cursor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route
from typing_extensions import override

from genesys_cloud_sandbox.api.aggregate_query import read_aggregate_job
from genesys_cloud_sandbox.api.aggregates import collect, results
from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.families import family_lists, family_names
from genesys_cloud_sandbox.api.job_endpoints import JobEndpoints
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.jobs import Jobs
    from genesys_cloud_sandbox.api.sources import Sources
    from genesys_cloud_sandbox.world.timeline import Document

Page = list["Document"]

_WITHOUT_JOBS = frozenset({"ratelimits"})


class AggregateJobs(JobEndpoints[Page]):
    """The jobs of all families that have them; an item of a job is a page of groups."""

    def __init__(
        self, jobs: Jobs[Page], sources: Sources, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(jobs, clock)
        self.sources = sources

    def routes(self) -> list[Route]:
        """Four endpoints for each family."""
        found = []
        for family in family_names():
            if family in _WITHOUT_JOBS:
                continue
            jobs = f"/api/v2/analytics/{family}/aggregates/jobs"
            submit = partial(self.submit, family)
            found += [
                Route(jobs, submit, methods=["POST"]),
                *self.routes_of_one(jobs),
            ]
        return found

    async def submit(self, family: str, request: Request) -> Response:
        """`POST …/aggregates/jobs`."""
        query, size = read_aggregate_job(await read_json(request), family_lists(family))
        now = milliseconds(self.clock())

        def find(_go_on: Callable[[], None]) -> list[Page]:
            events = self.sources.events(family, query.buckets, now)
            found = list(results(collect(events, query), query))
            return [found[at : at + size] for at in range(0, len(found), size)]

        return self.submitted(request, find, now)

    @override
    async def get_results(self, request: Request) -> Response:
        """`GET …/aggregates/jobs/{jobId}/results?cursor=…`."""
        part = self.part(request, 1)
        body: Document = {}
        if part.items:
            (body["results"],) = part.items
        if part.cursor:
            body["cursor"] = part.cursor
        return json_response(body)
