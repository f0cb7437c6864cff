"""The five endpoints of details jobs, whatever the details are of."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from typing_extensions import override

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json, read_parameter
from genesys_cloud_sandbox.api.job_endpoints import JobEndpoints
from genesys_cloud_sandbox.api.jobs import Item
from genesys_cloud_sandbox.world.times import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.api.watermark import Watermark
    from genesys_cloud_sandbox.world.timeline import Document

_MOST = 1_000


class DetailsJobs(JobEndpoints[Item]):
    """Jobs that see the world as it was at their watermark."""

    area: ClassVar[str]
    """What their paths are under."""
    member: ClassVar[str]
    """What their results are under."""

    def __init__(
        self, jobs: Jobs[Item], watermark: Watermark, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(jobs, clock)
        self.watermark = watermark

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
            *self.routes_of_one(jobs),
        ]

    async def submit(self, request: Request) -> Response:
        """`POST …/jobs`."""
        moment = self.watermark.now()
        find = self.search(await read_json(request), moment)
        return self.submitted(request, find, moment)

    async def get_availability(self, _request: Request) -> Response:
        """`GET …/jobs/availability`."""
        return json_response({"dataAvailabilityDate": stamp(self.watermark.now())})

    @override
    async def get_results(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}/results?cursor=…&pageSize=…`."""
        size = min(read_parameter(request, "pageSize", _MOST), _MOST)
        part = self.part(request, size)
        body: dict[str, object] = {"dataAvailabilityDate": stamp(part.moment)}
        if part.cursor:
            body["cursor"] = part.cursor

        def answer() -> Response:
            if part.items:
                body[self.member] = self.documents(part.items, part.moment)
            return json_response(body)

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)
