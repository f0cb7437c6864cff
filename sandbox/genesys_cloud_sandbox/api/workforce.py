"""Agents' schedules and historical adherence: large results, some of them by a job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from genesys_cloud_sandbox.api.bodies import Body, read_body, read_json, read_object
from genesys_cloud_sandbox.api.errors import bad_request, not_found, required
from genesys_cloud_sandbox.api.gateway import FAULT
from genesys_cloud_sandbox.api.intervals import divide, read_interval, read_zone
from genesys_cloud_sandbox.api.responses import get_route, json_response, post_route
from genesys_cloud_sandbox.world.agent_schedules import TIME_ZONE
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.downloads import Downloads
    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.api.reference_lists import ReferenceLists
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.adherence import Adherence
    from genesys_cloud_sandbox.world.timeline import Document

_ROOT = "/api/v2/workforcemanagement"
_BULK = f"{_ROOT}/adherence/historical/bulk"
_SEARCH = f"{_ROOT}/businessunits/{{businessUnitId}}/agentschedules/search"
#: Days of an item; Genesys' limits are not documented, these are what clients keep.
_MAX_DAYS, _MAX_DAYS_WITH_EXCEPTIONS = 31, 7
_STATUSES = {
    "FULFILLED": "Complete",
    "FAILED": "Error",
    "CANCELLED": "Error",
    "EXPIRED": "Error",
}


class BuSearchAgentSchedulesRequest(Body):
    """The body of a search for schedules."""

    start_date: Any = None
    end_date: Any = None
    user_ids: list[Any] | None = None

    def interval(self, max_days: int | None = None) -> Interval:
        """Return the interval between the dates, both of which are required."""
        for name, value in (("startDate", self.start_date), ("endDate", self.end_date)):
            if value is None:
                raise required(name)
        return read_interval(f"{self.start_date}/{self.end_date}", max_days)

    def users(self) -> frozenset[str] | None:
        """Return the ids of the users; None: of all."""
        return None if self.user_ids is None else frozenset(self.user_ids)


class WfmHistoricalAdherenceBulkItem(BuSearchAgentSchedulesRequest):
    """The users of a management unit whose adherence is computed."""

    management_unit_id: Any = None
    include_exceptions: bool | None = None
    include_actuals: bool | None = None


class WfmHistoricalAdherenceBulkQuery(Body):
    """The body of a job for historical adherence."""

    items: list[dict[str, Any]] | None = None
    time_zone: Any = None


@dataclass(frozen=True)
class Workforce:
    """The endpoints of workforce management."""

    options: SandboxOptions
    adherence: Adherence
    references: ReferenceLists
    jobs: Jobs[Document]
    downloads: Downloads

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            post_route(_SEARCH, self.search_schedules),
            Route(_BULK, self.submit, methods=["POST"]),
            get_route(f"{_BULK}/jobs/{{job_id}}", self.get_job),
        ]

    def search_schedules(self, content: object, request: Request) -> Document:
        """`POST …/businessunits/{businessUnitId}/agentschedules/search`."""
        unit_id = request.path_params["businessUnitId"]
        body = read_body(content, BuSearchAgentSchedulesRequest)
        interval, now = body.interval(), milliseconds(self.options.clock())
        self._check_unit("workforcemanagement/businessunits", unit_id)
        schedules = self.adherence.schedules
        found = schedules.search(unit_id, *interval, now, users=body.users())
        result = {
            "agentSchedules": found,
            "businessUnitTimeZone": TIME_ZONE,
            "publishedSchedules": schedules.published(unit_id, *interval, now),
        }
        response: Document = {"status": "Complete", "progress": 100}
        forced = request.query_params.get("forceDownloadService") == "true"
        if forced or len(found) > self.options.schedules_inline:
            return response | {"downloadUrl": self.downloads.publish(result)}
        return response | {"result": result}

    async def submit(self, request: Request) -> Response:
        """`POST …/adherence/historical/bulk`."""
        body = read_body(await read_json(request), WfmHistoricalAdherenceBulkQuery)
        now = milliseconds(self.options.clock())
        find = self._job(body, now)
        fault = request.scope[FAULT]
        identifier = self.jobs.submit(find, now=now, moment=now, fault=fault)
        return json_response({"job": _reference(identifier, "Processing")}, 202)

    def get_job(self, request: Request) -> Document:
        """`GET …/adherence/historical/bulk/jobs/{jobId}`."""
        identifier = request.path_params["job_id"]
        status = _STATUSES.get(self.jobs.status(identifier)["state"], "Processing")
        body: Document = {"job": _reference(identifier, status)}
        if status == "Complete":
            page = self.jobs.results(identifier, None, sys.maxsize)
            body["downloadUrls"] = [self.downloads.publish(x) for x in page.items]
        return body

    def _job(self, body: WfmHistoricalAdherenceBulkQuery, now: int) -> Find[Document]:
        zone = read_zone(body.time_zone)
        if not body.items:
            name = "items"
            raise required(name)
        results = [self._result(item, zone, now) for item in body.items]

        def find(check_stopped: Callable[[], None]) -> list[Document]:
            found = []
            for result in results:
                check_stopped()
                found.append(result())
            return found

        return find

    def _result(
        self, content: Document, zone: tzinfo, now: int
    ) -> Callable[[], Document]:
        """Check an item, and return what computes its result."""
        item = read_object(content, WfmHistoricalAdherenceBulkItem, "")
        unit_id, exceptions = str(item.management_unit_id), item.include_exceptions
        start, end = item.interval(
            _MAX_DAYS_WITH_EXCEPTIONS if exceptions else _MAX_DAYS
        )
        self._check_unit("workforcemanagement/managementunits", unit_id)
        if start >= now:
            message = "startDate must be in the past."
            raise bad_request(message)
        return partial(
            self.adherence.result,
            unit_id,
            divide((start, min(end, now)), "P1D", zone),
            users=item.users(),
            exceptions=bool(exceptions),
            actuals=bool(item.include_actuals),
        )

    def _check_unit(self, path: str, unit_id: str) -> None:
        if all(unit["id"] != unit_id for unit in self.references.entities(path)):
            message = f"Nothing in {path} has the id {unit_id}."
            raise not_found(message)


def _reference(identifier: str, status: str) -> Document:
    return {"id": identifier, "status": status, "selfUri": f"{_BULK}/jobs/{identifier}"}
