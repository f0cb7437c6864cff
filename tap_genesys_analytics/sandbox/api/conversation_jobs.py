"""Details jobs for conversations: what they find, and their endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from tap_genesys_analytics.sandbox.api.answers import json_response
from tap_genesys_analytics.sandbox.api.bodies import read_json, read_parameter
from tap_genesys_analytics.sandbox.api.gateway import FAULT
from tap_genesys_analytics.sandbox.api.matching import sort_key
from tap_genesys_analytics.sandbox.api.query import JobQuery, read_job_query
from tap_genesys_analytics.sandbox.world.life import as_of, with_attributes
from tap_genesys_analytics.sandbox.world.times import milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from starlette.requests import Request

    from tap_genesys_analytics.sandbox.api.jobs import Jobs
    from tap_genesys_analytics.sandbox.api.watermark import Watermark
    from tap_genesys_analytics.sandbox.world.lifetimes import Lifetimes, Place
    from tap_genesys_analytics.sandbox.world.timeline import Document

_MOST = 1_000
_UNDER_WAY = ("QUEUED", "PENDING")


class ConversationJobs:
    """Jobs see the world as it was at the watermark; places are enough to remember."""

    def __init__(
        self,
        lifetimes: Lifetimes,
        jobs: Jobs[Place],
        watermark: Watermark,
        clock: Callable[[], datetime],
    ) -> None:
        self.lifetimes = lifetimes
        self.world = lifetimes.world
        self.jobs = jobs
        self.watermark = watermark
        self.clock = clock

    def routes(self) -> list[Route]:
        """The five endpoints."""
        jobs = "/api/v2/analytics/conversations/details/jobs"
        return [
            Route(jobs, self.submit, methods=["POST"]),
            Route(f"{jobs}/availability", self.get_availability),
            Route(f"{jobs}/{{job_id}}", self.get_status),
            Route(f"{jobs}/{{job_id}}", self.delete, methods=["DELETE"]),
            Route(f"{jobs}/{{job_id}}/results", self.get_results),
        ]

    async def submit(self, request: Request) -> Response:
        """`POST …/jobs`."""
        query = read_job_query(await read_json(request))
        moment = self.watermark.now()
        identifier = self.jobs.submit(
            lambda go_on: self.find(query, moment, go_on),
            now=milliseconds(self.clock()),
            moment=moment,
            fault=request.scope[FAULT],
        )
        return json_response({"jobId": identifier}, 202)

    async def get_availability(self, _request: Request) -> Response:
        """`GET …/jobs/availability`."""
        return json_response({"dataAvailabilityDate": stamp(self.watermark.now())})

    async def get_status(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}`: 202 while the job is under way."""
        status = self.jobs.status(request.path_params["job_id"])
        return json_response(status, 202 if status["state"] in _UNDER_WAY else 200)

    async def delete(self, request: Request) -> Response:
        """`DELETE …/jobs/{jobId}`."""
        self.jobs.delete(request.path_params["job_id"])
        return Response(status_code=204)

    async def get_results(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}/results?cursor=…&pageSize=…`."""
        part = self.jobs.results(
            request.path_params["job_id"],
            request.query_params.get("cursor"),
            min(read_parameter(request, "pageSize", _MOST), _MOST),
            last=request.scope[FAULT] == "results-expired",
        )
        body: dict[str, object] = {"dataAvailabilityDate": stamp(part.moment)}
        if part.cursor:
            body["cursor"] = part.cursor

        def answer() -> Response:
            if part.items:
                body["conversations"] = [
                    with_attributes(self._document(place, part.moment))
                    for place in part.items
                ]
            return json_response(body)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)

    def find(
        self, query: JobQuery, moment: int, go_on: Callable[[], None]
    ) -> list[Place]:
        """Where the conversations are that a job finds under a watermark, in order."""
        alive = self.lifetimes.alive(
            query.start, query.end, moment, since=query.since, go_on=go_on
        )
        if query.filters or query.order_by != "conversationStart":
            places = [
                place for _key, place in sorted(self._matches(query, moment, alive))
            ]
        else:
            places = list(alive)
        if query.order == "desc":
            places.reverse()
        return places[: query.limit]

    def _matches(
        self, query: JobQuery, moment: int, places: Iterable[Place]
    ) -> Iterator[tuple[str, Place]]:
        for place in places:
            document = self._document(place, moment)
            if query.matches(document):
                yield sort_key(document, query.order_by), place

    def _document(self, place: Place, moment: int) -> Document:
        day, position = place
        index = self.world.day(day).indexes[position]
        document = as_of(self.world.life(day, index), moment)
        if document is None:
            message = "a job found a conversation before its start"
            raise AssertionError(message)
        return document
