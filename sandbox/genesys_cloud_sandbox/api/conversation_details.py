"""The details of conversations: by query, by id, and by job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.conversation_query import read_job_query, read_query
from genesys_cloud_sandbox.api.errors import bad_request, not_found
from genesys_cloud_sandbox.api.job_endpoints import JobEndpoints, Watermark
from genesys_cloud_sandbox.api.matching import Matching, document_at, sort_key
from genesys_cloud_sandbox.api.responses import get_route, page_response, post_route
from genesys_cloud_sandbox.world.conversation_details import (
    as_of,
    with_attributes,
    without_attributes,
)
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.conversation_query import JobQuery
    from genesys_cloud_sandbox.api.jobs import Find, Jobs, ResultsPage
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.caches import EndCache, Place
    from genesys_cloud_sandbox.world.timeline import Document

_DETAILS = "/api/v2/analytics/conversations/details"
_BY_ID = "/api/v2/analytics/conversations/{conversation_id}/details"
_MAX_IDS = 100


@dataclass(frozen=True)
class ConversationDetails:
    """The endpoints of conversations' details; jobs keep places, not documents."""

    options: SandboxOptions
    matching: Matching
    lifetimes: EndCache
    jobs: Jobs[Place]
    watermark: Watermark

    def routes(self) -> list[Route]:
        """Return the routes."""
        jobs = JobEndpoints(
            f"{_DETAILS}/jobs",
            self.jobs,
            self.options.clock,
            find=self._job,
            write=self._job_results,
            watermark=self.watermark,
        )
        return [
            post_route(f"{_DETAILS}/query", self.query_details),
            get_route(_DETAILS, self.get_many_details),
            get_route(_BY_ID, self.get_details),
            *jobs.routes(),
        ]

    def query_details(self, content: object, _request: Request) -> object:
        """`POST /analytics/conversations/details/query`."""
        query = read_query(content, self.options)
        page = self.matching.page(query, milliseconds(self.options.clock()))
        if self.options.tutorial_paging:
            # The form of an old tutorial, which no API has.
            paging = {
                "pageSize": query.page_size,
                "pageNumber": query.page_number,
                "pageCount": -(-page.total // query.page_size),
            }
            return {"data": page.documents, "paging": paging}
        return page_response(
            self.options,
            "conversations",
            page.documents,
            page.total,
            past=not page.documents,
        )

    def get_details(self, request: Request) -> Document:
        """`GET /analytics/conversations/{conversationId}/details`."""
        identifier = request.path_params["conversation_id"]
        document = self._find(identifier)
        if document is None:
            message = f"No conversation has the id {identifier}."
            raise not_found(message)
        return document

    def get_many_details(self, request: Request) -> Document:
        """`GET /analytics/conversations/details?id=…,…`; unknown ids are left out."""
        given = ",".join(request.query_params.getlist("id")).split(",")
        identifiers = list(dict.fromkeys(filter(None, map(str.strip, given))))
        if not identifiers:
            message = "At least one conversation id is required."
            raise bad_request(message)
        if len(identifiers) > _MAX_IDS:
            message = f"No more than {_MAX_IDS} conversation ids may be given."
            raise bad_request(message)
        found = [document for x in identifiers if (document := self._find(x))]
        return {"conversations": found} if found else {}

    def _find(self, identifier: str) -> Document | None:
        life = self.matching.world.find(identifier)
        document = as_of(life, milliseconds(self.options.clock())) if life else None
        return without_attributes(document) if document else None

    def _job(self, content: object, moment: int) -> Find[Place]:
        query = read_job_query(content)

        def find(check_stopped: Callable[[], None]) -> list[Place]:
            alive = self.lifetimes.alive(
                query.start, query.end, moment, since=query.since, go_on=check_stopped
            )
            if query.filters or query.order_by != "conversationStart":
                found = sorted(self._matches(query, moment, alive))
                places = [place for _key, place in found]
            else:
                places = list(alive)
            if query.order == "desc":
                places.reverse()
            return places[: query.limit]

        return find

    def _job_results(self, page: ResultsPage[Place]) -> Document:
        world = self.lifetimes.world
        documents = (document_at(world, place, page.moment) for place in page.items)
        return {"conversations": [with_attributes(each) for each in documents]}

    def _matches(
        self, query: JobQuery, moment: int, places: Iterable[Place]
    ) -> Iterator[tuple[str, Place]]:
        for place in places:
            document = document_at(self.lifetimes.world, place, moment)
            if query.matches(document):
                yield sort_key(document, query.order_by), place
