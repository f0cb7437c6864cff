"""Agents' schedules and historical adherence: large answers, some of them by a job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response
from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.buckets import cut, read_zone
from genesys_cloud_sandbox.api.criteria import objects
from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_value,
    not_found,
)
from genesys_cloud_sandbox.api.filters import items
from genesys_cloud_sandbox.api.gateway import FAULT
from genesys_cloud_sandbox.api.query import (
    check_length,
    read_interval,
    read_object,
)
from genesys_cloud_sandbox.world.agent_schedules import TIME_ZONE
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.downloads import Downloads
    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.api.references import References
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.adherence import Adherence
    from genesys_cloud_sandbox.world.timeline import Document

_ROOT = "/api/v2/workforcemanagement"
_BULK = f"{_ROOT}/adherence/historical/bulk"
_SEARCH = f"{_ROOT}/businessunits/{{businessUnitId}}/agentschedules/search"
_BUSINESS_UNITS = "workforcemanagement/businessunits"
_MANAGEMENT_UNITS = "workforcemanagement/managementunits"
_SEARCHED = ("startDate", "endDate", "userIds")
_ITEM = ("managementUnitId", *_SEARCHED, "includeExceptions", "includeActuals")
_LONGEST, _LONGEST_WITH_EXCEPTIONS = 31, 7
"""Days of an item; Genesys' limits are not documented, these are what clients keep."""
_STATES = {
    "FULFILLED": "Complete",
    "FAILED": "Error",
    "CANCELLED": "Error",
    "EXPIRED": "Error",
}


class _Range(NamedTuple):
    """What is asked for; instants are milliseconds UTC."""

    start: int
    end: int
    users: frozenset[str] | None


@dataclass(frozen=True)
class Workforce:
    """The endpoints."""

    options: SandboxOptions
    adherence: Adherence
    references: References
    jobs: Jobs[Document]
    downloads: Downloads

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(_SEARCH, self.search_schedules, methods=["POST"]),
            Route(_BULK, self.submit, methods=["POST"]),
            Route(f"{_BULK}/jobs/{{job_id}}", self.get_job),
        ]

    async def search_schedules(self, request: Request) -> Response:
        """`POST …/businessunits/{businessUnitId}/agentschedules/search`."""
        unit_id = request.path_params["businessUnitId"]
        model = "BuSearchAgentSchedulesRequest"
        body = read_object(await read_json(request), _SEARCHED, model)
        asked, now = _range(body), milliseconds(self.options.clock())
        forced = request.query_params.get("forceDownloadService") == "true"

        def answer() -> Response:
            self._check_unit(_BUSINESS_UNITS, unit_id)
            schedules = self.adherence.schedules
            found = schedules.search(
                unit_id, asked.start, asked.end, now, users=asked.users
            )
            result = {
                "agentSchedules": found,
                "businessUnitTimeZone": TIME_ZONE,
                "publishedSchedules": schedules.published(
                    unit_id, asked.start, asked.end, now
                ),
            }
            complete = {"status": "Complete", "progress": 100}
            if forced or len(found) > self.options.schedules_inline:
                url = self.downloads.publish(result)
                return json_response({**complete, "downloadUrl": url})
            return json_response({**complete, "result": result})

        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(answer)

    async def submit(self, request: Request) -> Response:
        """`POST …/adherence/historical/bulk`."""
        model = "WfmHistoricalAdherenceBulkQuery"
        body = read_object(await read_json(request), ("items", "timeZone"), model)
        now = milliseconds(self.options.clock())
        identifier = self.jobs.submit(
            self._find(body, now),
            now=now,
            moment=now,
            fault=request.scope[FAULT],
        )
        return json_response({"job": _reference(identifier, "Processing")}, 202)

    async def get_job(self, request: Request) -> Response:
        """`GET …/adherence/historical/bulk/jobs/{jobId}`."""
        identifier = request.path_params["job_id"]
        status = _STATES.get(self.jobs.status(identifier)["state"], "Processing")
        answer: Document = {"job": _reference(identifier, status)}
        if status == "Complete":
            part = self.jobs.results(identifier, None, sys.maxsize)
            answer["downloadUrls"] = [self.downloads.publish(x) for x in part.items]
        return json_response(answer)

    def _find(self, body: Document, now: int) -> Find[Document]:
        """Check a body and make it what a job does."""
        zone = read_zone(body.get("timeZone"))
        given = objects(body.get("items"), "items")
        if not given:
            raise ApiError(400, "constraint.validation", "items is required")
        asked: list[Callable[[], Document]] = []
        for each in given:
            item = read_object(each, _ITEM, "WfmHistoricalAdherenceBulkItem")
            unit_id, span = str(item.get("managementUnitId")), _range(item)
            self._check_unit(_MANAGEMENT_UNITS, unit_id)
            exceptions, actuals = (
                _flag(item, name) for name in ("includeExceptions", "includeActuals")
            )
            longest = _LONGEST_WITH_EXCEPTIONS if exceptions else _LONGEST
            check_length(span.start, span.end, longest)
            if span.start >= now:
                message = "startDate must be in the past."
                raise bad_request(message)
            days = cut(span.start, min(span.end, now), "P1D", zone)
            asked.append(
                partial(
                    self.adherence.result,
                    unit_id,
                    days,
                    users=span.users,
                    exceptions=exceptions,
                    actuals=actuals,
                )
            )

        def find(go_on: Callable[[], None]) -> list[Document]:
            results = []
            for result in asked:
                go_on()
                results.append(result())
            return results

        return find

    def _check_unit(self, path: str, unit_id: str) -> None:
        if all(unit["id"] != unit_id for unit in self.references.entities(path)):
            message = f"Nothing in {path} has the id {unit_id}."
            raise not_found(message)


def _reference(identifier: str, status: str) -> Document:
    return {
        "id": identifier,
        "status": status,
        "selfUri": f"{_BULK}/jobs/{identifier}",
    }


def _range(body: Document) -> _Range:
    """The time and the users that a body asks for."""
    for name in ("startDate", "endDate"):
        if body.get(name) is None:
            raise ApiError(400, "constraint.validation", f"{name} is required")
    start, end = read_interval(f"{body['startDate']}/{body['endDate']}")
    users = body.get("userIds")
    wanted = None if users is None else frozenset(items(users, "userIds"))
    return _Range(start, end, wanted)


def _flag(body: Document, name: str) -> bool:
    value = body.get(name) or False
    if not isinstance(value, bool):
        raise invalid_value(value, name, ("true", "false"))
    return value
