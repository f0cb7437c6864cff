"""The five endpoints of details jobs, whatever the details are of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from tap_genesys_analytics.sandbox.api.answers import json_response
from tap_genesys_analytics.sandbox.api.bodies import read_json, read_parameter
from tap_genesys_analytics.sandbox.api.gateway import FAULT
from tap_genesys_analytics.sandbox.api.jobs import Item
from tap_genesys_analytics.sandbox.world.times import milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from tap_genesys_analytics.sandbox.api.jobs import Find, Jobs
    from tap_genesys_analytics.sandbox.api.watermark import Watermark
    from tap_genesys_analytics.sandbox.world.timeline import Document

_MOST = 1_000
_UNDER_WAY = ("QUEUED", "PENDING")


class DetailsJobs(ABC, Generic[Item]):
    """Jobs that see the world as it was at their watermark."""

    area: ClassVar[str]
    """What their paths are under."""
    member: ClassVar[str]
    """What their results are under."""

    def __init__(
        self, jobs: Jobs[Item], watermark: Watermark, clock: Callable[[], datetime]
    ) -> None:
        self.jobs = jobs
        self.watermark = watermark
        self.clock = clock

    @abstractmethod
    def search(self, body: object, moment: int) -> Find[Item]:
        """Check a body and make it a search under a watermark."""

    @abstractmethod
    def documents(self, items: Sequence[Item], moment: int) -> list[Document]:
        """What a page of results shows, as it was at the watermark."""

    def routes(self) -> list[Route]:
        """The five endpoints."""
        jobs = f"/api/v2/analytics/{self.area}/details/jobs"
        return [
            Route(jobs, self.submit, methods=["POST"]),
            Route(f"{jobs}/availability", self.get_availability),
            Route(f"{jobs}/{{job_id}}", self.get_status),
            Route(f"{jobs}/{{job_id}}", self.delete, methods=["DELETE"]),
            Route(f"{jobs}/{{job_id}}/results", self.get_results),
        ]

    async def submit(self, request: Request) -> Response:
        """`POST …/jobs`."""
        moment = self.watermark.now()
        identifier = self.jobs.submit(
            self.search(await read_json(request), moment),
            now=milliseconds(self.clock()),
            moment=moment,
            fault=request.scope[FAULT],
        )
        return json_response({"jobId": identifier}, 202)

    async def get_availability(self, _request: Request) -> Response:
        """`GET …/jobs/availability`."""
        return json_response({"dataAvailabilityDate": stamp(self.watermark.now())})

    async def get_status(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}`."""
        return status_of(self.jobs, request)

    async def delete(self, request: Request) -> Response:
        """`DELETE …/jobs/{jobId}`."""
        return deleted(self.jobs, request)

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
                body[self.member] = self.documents(part.items, part.moment)
            return json_response(body)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)


def status_of(jobs: Jobs[Item], request: Request) -> Response:
    """The state of a job; 202 while it is under way."""
    status = jobs.status(request.path_params["job_id"])
    return json_response(status, 202 if status["state"] in _UNDER_WAY else 200)


def deleted(jobs: Jobs[Item], request: Request) -> Response:
    """What answers a request to delete a job: nothing."""
    jobs.delete(request.path_params["job_id"])
    return Response(status_code=204)
