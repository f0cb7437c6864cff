"""What the endpoints of all jobs have in common: submitted, asked about, deleted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic

from starlette.responses import Response
from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.gateway import FAULT
from genesys_cloud_sandbox.api.jobs import Item
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request

    from genesys_cloud_sandbox.api.jobs import Find, Jobs, Part

_UNDER_WAY = ("QUEUED", "PENDING")


class JobEndpoints(ABC, Generic[Item]):
    """The endpoints of one kind of jobs."""

    def __init__(self, jobs: Jobs[Item], clock: Callable[[], datetime]) -> None:
        self.jobs = jobs
        self.clock = clock

    @abstractmethod
    async def get_results(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}/results`."""

    def routes_of_one(self, jobs: str) -> list[Route]:
        """The endpoints of a job that there is; `jobs`: the path of all of them."""
        return [
            Route(f"{jobs}/{{job_id}}", self.get_status),
            Route(f"{jobs}/{{job_id}}", self.delete, methods=["DELETE"]),
            Route(f"{jobs}/{{job_id}}/results", self.get_results),
        ]

    def submitted(self, request: Request, find: Find[Item], moment: int) -> Response:
        """The answer to a request for a job, which is under way from now on."""
        identifier = self.jobs.submit(
            find,
            now=milliseconds(self.clock()),
            moment=moment,
            fault=request.scope[FAULT],
        )
        return json_response({"jobId": identifier}, 202)

    async def get_status(self, request: Request) -> Response:
        """`GET …/jobs/{jobId}`: 202 while the job is under way."""
        status = self.jobs.status(request.path_params["job_id"])
        return json_response(status, 202 if status["state"] in _UNDER_WAY else 200)

    async def delete(self, request: Request) -> Response:
        """`DELETE …/jobs/{jobId}`."""
        self.jobs.delete(request.path_params["job_id"])
        return Response(status_code=204)

    def part(self, request: Request, size: int) -> Part[Item]:
        """The part of a job's results that a request asks for."""
        return self.jobs.results(
            request.path_params["job_id"],
            request.query_params.get("cursor"),
            size,
            last=request.scope[FAULT] == "results-expired",
        )
