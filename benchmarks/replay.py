"""A Genesys Cloud in memory: one recorded day, served as many days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.recording import DETAILS, JOB_PAGE_SIZE, PAGE_SIZE, moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from benchmarks.recording import Recording

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Replay:
    """The details query and details jobs, with data on some days and none on others."""

    recording: Recording
    first_day: date
    days: int

    def app(self) -> Starlette:
        """Return the application, without the gateway."""
        jobs = f"{DETAILS}/jobs"
        return Starlette(
            routes=[
                Route(f"{DETAILS}/query", self._query, methods=["POST"]),
                Route(jobs, self._submit, methods=["POST"]),
                Route(f"{jobs}/availability", self._availability),
                Route(f"{jobs}/{{first}}.{{last}}/results", self._results),
                Route(f"{jobs}/{{first}}.{{last}}", self._status, methods=["GET"]),
                Route(f"{jobs}/{{first}}.{{last}}", self._delete, methods=["DELETE"]),
            ]
        )

    async def _query(self, request: Request) -> Response:
        body = await request.json()
        days = self._filled(*_touched(body["interval"]))
        size, number = body["paging"]["pageSize"], body["paging"]["pageNumber"]
        if size == 1:
            page = self._page([self.recording.first], days, number - 1)
        elif size == PAGE_SIZE:
            page = self._page(self.recording.pages, days, number - 1)
        else:
            raise HTTPException(400, f"only pages of 1 and of {PAGE_SIZE} are recorded")
        if page is None:
            return JSONResponse({})
        total = len(days) * self.recording.total
        return _answer({"totalHits": total}, page)

    async def _submit(self, request: Request) -> Response:
        # A job's id contains its days, so the server needs no memory of jobs.
        first, last = _touched((await request.json())["interval"])
        return JSONResponse({"jobId": f"{first}.{last}"}, 202)

    async def _availability(self, _: Request) -> Response:
        return JSONResponse({"dataAvailabilityDate": _now()})

    async def _status(self, _: Request) -> Response:
        return JSONResponse({"state": "FULFILLED", "submissionDate": _now()})

    async def _delete(self, _: Request) -> Response:
        return Response(status_code=204)

    async def _results(self, request: Request) -> Response:
        if request.query_params.get("pageSize") != str(JOB_PAGE_SIZE):
            raise HTTPException(400, f"only pages of {JOB_PAGE_SIZE} are recorded")
        names = request.path_params
        first, last = (date.fromisoformat(names[name]) for name in ("first", "last"))
        days = self._filled(first, last)
        index = int(request.query_params.get("cursor", 0))
        head: dict[str, object] = {"dataAvailabilityDate": _now()}
        page = self._page(self.recording.results, days, index)
        if page is None:
            return JSONResponse(head)
        if index + 1 < len(days) * len(self.recording.results):
            head["cursor"] = str(index + 1)
        return _answer(head, page)

    def _filled(self, first: date, last: date) -> list[date]:
        """Return the days with data from one day to another."""
        days = [self.first_day + number * _DAY for number in range(self.days)]
        return [day for day in days if first <= day <= last]

    @staticmethod
    def _page(
        recorded: Sequence[bytes], days: Sequence[date], index: int
    ) -> bytes | None:
        """Return a page of several days in a row; None after the last page."""
        day, number = divmod(index, len(recorded))
        return moved(recorded[number], days[day]) if day < len(days) else None


def _touched(interval: str) -> tuple[date, date]:
    """Return the first and the last UTC day that an interval touches."""
    start, end = (
        datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(timezone.utc)
        for moment in interval.split("/")
    )
    return start.date(), end.date() - (_DAY if end.time() == time() else 0 * _DAY)


def _now() -> str:
    return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}"


def _answer(head: Mapping[str, object], conversations: bytes) -> Response:
    """Return a response with recorded conversations and other members."""
    members = json.dumps(head)[1:-1].encode()
    content = b'{%b,"conversations":%b}' % (members, conversations)
    return Response(content, media_type="application/json")
