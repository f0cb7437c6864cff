"""The endpoints that every kind of jobs has, and the watermark of details jobs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from starlette.responses import Response
from starlette.routing import Route

from genesys_cloud_sandbox.api.bodies import read_json, read_parameter
from genesys_cloud_sandbox.api.gateway import FAULT
from genesys_cloud_sandbox.api.jobs import Find, Item, Jobs, ResultsPage
from genesys_cloud_sandbox.api.responses import get_route, json_response
from genesys_cloud_sandbox.world.times import SECOND, milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request

    from genesys_cloud_sandbox.world.timeline import Document

_MAX_PAGE_SIZE = 1_000


class Watermark:
    """The `dataAvailabilityDate` of one kind of jobs. Safe for threads.

    It follows the clock at a distance, in steps, unless a test holds it.
    """

    def __init__(
        self, clock: Callable[[], datetime], lag_seconds: int, step_seconds: int
    ) -> None:
        self._clock = clock
        self._lag = lag_seconds * SECOND
        self._step = step_seconds * SECOND
        self._lock = threading.Lock()
        self._held: int | None = None

    def hold(self, moment: datetime) -> None:
        """Hold the watermark at a moment."""
        with self._lock:
            self._held = milliseconds(moment)

    def release(self) -> None:
        """Let the watermark follow the clock again."""
        with self._lock:
            self._held = None

    def now(self) -> int:
        """Return the watermark in milliseconds since 1970-01-01T00:00Z."""
        with self._lock:
            if self._held is not None:
                return self._held
        behind = milliseconds(self._clock()) - self._lag
        return behind // self._step * self._step


@dataclass(frozen=True)
class JobEndpoints(Generic[Item]):
    """The endpoints of one kind of jobs.

    With a watermark, jobs see the data up to it, and requests set the size of a page of
    results; without, they see all there is, and each of their items is a page.
    """

    path: str
    jobs: Jobs[Item]
    clock: Callable[[], datetime]
    #: Checks a body, and returns what the job does with the data up to an instant.
    find: Callable[[object, int], Find[Item]]
    #: Returns what the response has of a page that is not empty.
    write: Callable[[ResultsPage[Item]], Document]
    watermark: Watermark | None = None

    def routes(self) -> list[Route]:
        """Return the routes."""
        one = f"{self.path}/{{job_id}}"
        availability = Route(f"{self.path}/availability", self.get_availability)
        return [
            Route(self.path, self.submit, methods=["POST"]),
            *([availability] if self.watermark else []),
            Route(one, self.get_status),
            Route(one, self.delete, methods=["DELETE"]),
            get_route(f"{one}/results", self.get_results),
        ]

    async def submit(self, request: Request) -> Response:
        """`POST …/jobs`."""
        now = milliseconds(self.clock())
        moment = self.watermark.now() if self.watermark else now
        find = self.find(await read_json(request), moment)
        fault = request.scope[FAULT]
        identifier = self.jobs.submit(find, now=now, moment=moment, fault=fault)
        return json_response({"jobId": identifier}, 202)

    async def get_availability(self, _request: Request) -> Response:
        """`GET …/jobs/availability`."""
        moment = self.watermark.now() if self.watermark else milliseconds(self.clock())
        return json_response({"dataAvailabilityDate": stamp(moment)})

    async def get_status(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}`: 202 while the job is under way."""
        status = self.jobs.status(request.path_params["job_id"])
        under_way = status["state"] in ("QUEUED", "PENDING")
        return json_response(status, 202 if under_way else 200)

    async def delete(self, request: Request) -> Response:
        """`DELETE …/jobs/{jobId}`."""
        self.jobs.delete(request.path_params["job_id"])
        return Response(status_code=204)

    def get_results(self, request: Request) -> Document:
        """`GET …/jobs/{jobId}/results?cursor=…&pageSize=…`."""
        size = 1
        if self.watermark:
            size = read_parameter(request, "pageSize", _MAX_PAGE_SIZE)
            size = min(size, _MAX_PAGE_SIZE)
        page = self.jobs.results(
            request.path_params["job_id"],
            request.query_params.get("cursor"),
            size,
            last=request.scope[FAULT] == "results-expired",
        )
        body: Document = {"cursor": page.cursor} if page.cursor else {}
        if self.watermark:
            body["dataAvailabilityDate"] = stamp(page.moment)
        return body | (self.write(page) if page.items else {})
