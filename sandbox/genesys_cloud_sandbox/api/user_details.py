"""The details of users, their statuses: by query and by job.

The unit of pages and results is the status record. Queries use an index of UTC days: it
has a record once for each day that it touches, all of which count, but the response has
only the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from genesys_cloud_sandbox.api.bodies import (
    Body,
    Count,
    Order,
    PagingSpec,
    read_body,
    read_paging,
)
from genesys_cloud_sandbox.api.filters import FilterKind, filter_test
from genesys_cloud_sandbox.api.intervals import (
    MAX_DAYS,
    MAX_DAYS_WITHOUT_FILTER,
    read_interval,
)
from genesys_cloud_sandbox.api.job_endpoints import JobEndpoints, Watermark
from genesys_cloud_sandbox.api.responses import inexact_total, page_response, post_route
from genesys_cloud_sandbox.world.times import DAY, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.statuses import Kind, Status, Statuses
    from genesys_cloud_sandbox.world.timeline import Document

_DETAILS = "/api/v2/analytics/users/details"
_OF_USERS = FilterKind("userFilters", {"userId": "userId"})
_OF_STATUSES: dict[Kind, FilterKind] = {
    "primaryPresence": FilterKind(
        "presenceFilters", {x: x for x in ("organizationPresenceId", "systemPresence")}
    ),
    "routingStatus": FilterKind(
        "routingStatusFilters", {"routingStatus": "routingStatus"}
    ),
}


class _UserFilters(Body):
    interval: Any = None
    order: Order | None = None
    user_filters: list[Any] | None = None
    presence_filters: list[Any] | None = None
    routing_status_filters: list[Any] | None = None

    def filtered(self) -> bool:
        """Return whether there is any filter."""
        kinds = self.user_filters, self.presence_filters, self.routing_status_filters
        return any(kinds)


class UserDetailsQuery(_UserFilters):
    """The body of a details query."""

    presence_aggregations: list[Any] | None = None
    routing_status_aggregations: list[Any] | None = None
    paging: PagingSpec | None = None


class AsyncUserDetailsQuery(_UserFilters):
    """The body of a details job."""

    limit: Count | None = None


@dataclass(frozen=True)
class UserDetails:
    """The endpoints of users' details; their jobs find each status once."""

    options: SandboxOptions
    statuses: Statuses
    jobs: Jobs[Status]
    watermark: Watermark

    def routes(self) -> list[Route]:
        """Return the routes."""
        jobs = JobEndpoints(
            f"{_DETAILS}/jobs",
            self.jobs,
            self.options.clock,
            find=self._job,
            write=lambda page: {"userDetails": _by_user(page.items)},
            watermark=self.watermark,
        )
        query = post_route(f"{_DETAILS}/query", self.query_details)
        return [query, *jobs.routes()]

    def query_details(self, content: object, _request: Request) -> Response:
        """`POST /analytics/users/details/query`."""
        body = read_body(content, UserDetailsQuery)
        filtered = body.filtered()
        days = MAX_DAYS if filtered else MAX_DAYS_WITHOUT_FILTER
        interval = read_interval(body.interval, days)
        size, number = read_paging(body.paging, self.options)
        now = milliseconds(self.options.clock())
        found = self._find(interval, _status_test(body), now)
        if self.options.hide_spanning_statuses:
            found = [status for status in found if not _spans(status, interval)]
        entries = _index_entries(found, interval, now)
        if body.order == "desc":
            entries.reverse()
        first = (number - 1) * size
        return page_response(
            self.options,
            "userDetails",
            _by_user(x for x in entries[first : first + size] if x is not None),
            inexact_total(len(entries), self.options.total_hits_error, now),
            past=first >= len(entries),
        )

    def _job(self, content: object, moment: int) -> Find[Status]:
        body = read_body(content, AsyncUserDetailsQuery)
        interval = read_interval(body.interval, MAX_DAYS)
        matches = _status_test(body)
        step = -1 if body.order == "desc" else 1

        def find(_check_stopped: object) -> list[Status]:
            return self._find(interval, matches, moment)[::step][: body.limit]

        return find

    def _find(
        self, interval: Interval, matches: Callable[[Status], bool] | None, now: int
    ) -> list[Status]:
        """Return the statuses that overlap an interval, as they are at an instant."""
        found = self.statuses.known(*interval, now)
        return found if matches is None else [x for x in found if matches(x)]


def _status_test(body: _UserFilters) -> Callable[[Status], bool] | None:
    """Return the test of statuses: filters on one kind of status exclude the other."""
    content = msgspec.to_builtins(body)
    user_test = filter_test(body.user_filters, _OF_USERS)
    tests = {
        status: filter_test(content.get(kind.name), kind)
        for status, kind in _OF_STATUSES.items()
    }
    if not body.filtered():
        return None
    asked = {x for x, kind in _OF_STATUSES.items() if content.get(kind.name)}
    kinds = asked or set(_OF_STATUSES)
    return lambda status: (
        status.kind in kinds
        and user_test({"userId": status.user_id})
        and tests[status.kind](status.record())
    )


def _index_entries(
    statuses: Iterable[Status], interval: Interval, now: int
) -> list[Status | None]:
    """Return the entries of the index of days; None: another one of the last status."""
    entries: list[Status | None] = []
    for status in statuses:
        begin = max(status.start, interval[0])
        end = min(now + 1 if status.end is None else status.end, interval[1])
        entries.append(status)
        entries += [None] * ((end - 1) // DAY - begin // DAY)
    return entries


def _by_user(statuses: Iterable[Status]) -> list[Document]:
    """Return statuses as the API writes them: by users, and by kinds within them."""
    users: dict[str, Document] = {}
    for status in statuses:
        user = users.setdefault(status.user_id, {"userId": status.user_id})
        user.setdefault(status.kind, []).append(status.record())
    return list(users.values())


def _spans(status: Status, interval: Interval) -> bool:
    """Return whether a status began before an interval and lasts through all of it."""
    return status.start < interval[0] and (
        status.end is None or status.end >= interval[1]
    )
