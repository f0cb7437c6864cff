"""Details of users: their statuses, by query and by job.

The unit of pages and results is the status record. Queries are answered from an index
of UTC days: a record is in it once for each day that it touches, every time counts, and
only the first is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from typing_extensions import override

from genesys_cloud_sandbox.api.bodies import read_json
from genesys_cloud_sandbox.api.details_jobs import DetailsJobs
from genesys_cloud_sandbox.api.pages import approximate, page_response
from genesys_cloud_sandbox.api.user_query import (
    read_user_job_query,
    read_user_query,
)
from genesys_cloud_sandbox.world.statuses import Status
from genesys_cloud_sandbox.world.times import DAY, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.api.user_query import (
        UserConditions,
        UserJobQuery,
        UserQuery,
    )
    from genesys_cloud_sandbox.api.watermark import Watermark
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.statuses import Statuses
    from genesys_cloud_sandbox.world.timeline import Document


class UserDetails:
    """The details query for users."""

    def __init__(self, options: SandboxOptions, statuses: Statuses) -> None:
        self.options = options
        self.statuses = statuses

    def routes(self) -> list[Route]:
        """Its endpoint."""
        path = "/api/v2/analytics/users/details/query"
        return [Route(path, self.query_details, methods=["POST"])]

    async def query_details(self, request: Request) -> Response:
        """`POST /analytics/users/details/query`."""
        query = read_user_query(await read_json(request), self.options)
        # In a thread: it is computing, and other requests have deadlines.
        return await run_in_threadpool(lambda: self._page(query))

    def _page(self, query: UserQuery) -> Response:
        now = milliseconds(self.options.clock())
        found = matching(self.statuses, query, now)
        if self.options.hide_spanning_statuses:
            found = [status for status in found if not _spans(status, query)]
        entries = indexed(found, query, now)
        if query.order == "desc":
            entries.reverse()
        first = (query.page_number - 1) * query.page_size
        shown = [x for x in entries[first : first + query.page_size] if x is not None]
        return page_response(
            self.options,
            "userDetails",
            by_user(shown),
            approximate(len(entries), self.options.total_hits_error, now),
            past=first >= len(entries),
        )


class UserJobs(DetailsJobs[Status]):
    """Jobs find the statuses that are known at their watermark, each of them once."""

    area, member = "users", "userDetails"

    def __init__(
        self,
        statuses: Statuses,
        jobs: Jobs[Status],
        watermark: Watermark,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(jobs, watermark, clock)
        self.statuses = statuses

    @override
    def search(self, body: object, moment: int) -> Find[Status]:
        query = read_user_job_query(body)
        return lambda _go_on: self.find(query, moment)

    @override
    def documents(self, items: Sequence[Status], moment: int) -> list[Document]:
        return by_user(items)

    def find(self, query: UserJobQuery, moment: int) -> list[Status]:
        """What a job finds under a watermark, in order."""
        found = matching(self.statuses, query, moment)
        if query.order == "desc":
            found.reverse()
        return found[: query.limit]


def matching(statuses: Statuses, query: UserConditions, now: int) -> list[Status]:
    """The statuses that overlap an interval and match, as known at an instant."""
    found = statuses.known(query.start, query.end, now)
    return [x for x in found if query.matches(x)] if query.filtered else found


def indexed(
    statuses: Iterable[Status], query: UserConditions, now: int
) -> list[Status | None]:
    """The entries of the index of days; None: the status is an entry already."""
    entries: list[Status | None] = []
    for status in statuses:
        begin = max(status.start, query.start)
        end = min(now + 1 if status.end is None else status.end, query.end)
        entries.append(status)
        entries += [None] * ((end - 1) // DAY - begin // DAY)
    return entries


def by_user(statuses: Iterable[Status]) -> list[Document]:
    """A page of statuses as the API writes it: by users, and by kinds within them."""
    users: dict[str, Document] = {}
    for status in statuses:
        user = users.setdefault(status.user_id, {"userId": status.user_id})
        user.setdefault(status.kind, []).append(status.record())
    return list(users.values())


def _spans(status: Status, query: UserConditions) -> bool:
    """Whether a status began before the interval and lasts through all of it."""
    return status.start < query.start and (
        status.end is None or status.end >= query.end
    )
