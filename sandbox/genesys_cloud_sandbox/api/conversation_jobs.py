"""Details jobs for conversations: what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from genesys_cloud_sandbox.api.details_jobs import DetailsJobs
from genesys_cloud_sandbox.api.matching import sort_key
from genesys_cloud_sandbox.api.query import JobQuery, read_job_query
from genesys_cloud_sandbox.world.caches import Place
from genesys_cloud_sandbox.world.conversation_details import as_of, with_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from genesys_cloud_sandbox.api.jobs import Find, Jobs
    from genesys_cloud_sandbox.api.watermark import Watermark
    from genesys_cloud_sandbox.world.caches import EndCache
    from genesys_cloud_sandbox.world.timeline import Document


class ConversationJobs(DetailsJobs[Place]):
    """Places of conversations are enough to remember."""

    area, member = "conversations", "conversations"

    def __init__(
        self,
        lifetimes: EndCache,
        jobs: Jobs[Place],
        watermark: Watermark,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(jobs, watermark, clock)
        self.lifetimes = lifetimes
        self.world = lifetimes.world

    @override
    def search(self, body: object, moment: int) -> Find[Place]:
        query = read_job_query(body)
        return lambda go_on: self.find(query, moment, go_on)

    @override
    def documents(self, items: Sequence[Place], moment: int) -> list[Document]:
        return [with_attributes(self._document(place, moment)) for place in items]

    def find(
        self, query: JobQuery, moment: int, go_on: Callable[[], None]
    ) -> list[Place]:
        """Where the conversations are that a job finds under a watermark, in order."""
        alive = self.lifetimes.alive(
            query.start, query.end, moment, since=query.since, go_on=go_on
        )
        if query.filters or query.order_by != "conversationStart":
            places = [
                place for _key, place in sorted(self._matches(query, moment, alive))
            ]
        else:
            places = list(alive)
        if query.order == "desc":
            places.reverse()
        return places[: query.limit]

    def _matches(
        self, query: JobQuery, moment: int, places: Iterable[Place]
    ) -> Iterator[tuple[str, Place]]:
        for place in places:
            document = self._document(place, moment)
            if query.matches(document):
                yield sort_key(document, query.order_by), place

    def _document(self, place: Place, moment: int) -> Document:
        day, position = place
        index = self.world.day(day).indexes[position]
        document = as_of(self.world.conversation(day, index), moment)
        if document is None:
            message = "a job found a conversation before its start"
            raise AssertionError(message)
        return document
