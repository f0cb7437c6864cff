"""What agents did all day: periods of presence and of routing status."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.api.responses import document_of
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.settings.filters import any_of
from tap_genesys_analytics.streams.details import DetailsStream
from tap_genesys_analytics.streams.document_stream import TableStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_genesys_analytics.api.details_query import Cell, Dimension
    from tap_genesys_analytics.api.responses import PageItem, Pages
    from tap_genesys_analytics.intervals.completeness import Tally
    from tap_genesys_analytics.intervals.interval import Reading
    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

DETAILS = "/api/v2/analytics/users/details"
USERS = "/api/v2/users"

#: Users that one filter names. Source: the user detail query page.
_USERS_PER_FILTER = 100

_USERS = Table(
    name="users_details",
    description="A user, as the API answers it: not a stream of its own.",
    model="AnalyticsUserDetail",
    id_field="userId",
    split_off=("primaryPresence", "routingStatus"),
)

PRESENCE = Table(
    name="user_presence",
    description="Periods of a user's presence: on queue, break, offline …",
    model="AnalyticsUserPresenceRecord",
    above=_USERS,
    source="primaryPresence",
    id_field="startTime",
)

ROUTING_STATUS = Table(
    name="user_routing_status",
    description="Periods of a user's routing status: idle, interacting …",
    model="AnalyticsRoutingStatusRecord",
    above=_USERS,
    source="routingStatus",
    id_field="startTime",
)


class UserPresence(DetailsStream):
    """Reads the periods in which users had a presence and a routing status.

    A period belongs to every interval that it overlaps, with its own start and end: it
    is one row, however many intervals see it, and a period that was open is completed
    when the interval of its end is read.
    """

    replication_key = "start_time"
    details = DETAILS
    records = "userDetails"
    source_setting = "user_status_source"
    tables = (_USERS, PRESENCE, ROUTING_STATUS)
    order = {"order": "asc"}  # noqa: RUF012 (ClassVar in the base)
    endpoint = f"POST {DETAILS}/jobs, …/query"
    permissions = ("analytics:userDetail:view",)

    def __init__(self, tap: TapGenesys) -> None:
        super().__init__(tap, PRESENCE)

    @property
    @override
    def dimensions(self) -> Sequence[Dimension]:
        return (self._user_cells,)

    @override
    def pages(self, reading: Reading, tally: Tally) -> Pages:
        # Pages are pages of periods: a user's are spread over several. Totals count
        # periods twice that span days, so they are not held against what was read.
        for page in super().pages(reading, tally):
            users = map(document_of, page)
            yield [period for user in users for period in periods_of(user)]
        tally.totals.clear()

    @override
    def document(self, item: PageItem) -> Document:
        return document_of(item)

    @override
    def rows(self, documents: list[Document], extracted_at: str) -> Iterable[Row]:
        return super().rows(list(map(self._rows.read, documents)), extracted_at)

    @override
    def identify(self, document: Document, reading: Reading) -> tuple[str, bool]:
        ((kind, (period,)),) = (
            item for item in document.items() if item[0] != "userId"
        )
        # With its end: what is learnt of it in a later interval is news.
        moments = period.get("startTime"), period.get("endTime")
        key = (document.get("userId"), kind, *moments)
        return "/".join(map(str, key)), True

    def _user_cells(self) -> list[Cell]:
        """Return filters by user, some at a time: all users there are or were."""
        users = self.client.entities(USERS, {"state": "any"})
        ids = iter([user["id"] for user in users])
        cells: list[Cell] = []
        while some := list(islice(ids, _USERS_PER_FILTER)):
            cells.append(("userFilters", any_of("userId", some)))
        return cells


def periods_of(document: Document) -> Iterator[Document]:
    """Yield a document of one period for each period in a user's document."""
    user = {"userId": document.get("userId")}
    for kind in ("primaryPresence", "routingStatus"):
        for period in document.get(kind) or ():
            yield {**user, kind: [period]}


class UserRoutingStatus(TableStream):
    """The routing status that is read together with the presence."""

    parent_stream_type = UserPresence
    replication_key = "start_time"
    endpoint = UserPresence.endpoint
    permissions = UserPresence.permissions


def streams(tap: TapGenesys) -> Iterator[DetailsStream | TableStream]:
    """Yield the streams of users' status."""
    yield UserPresence(tap)
    yield UserRoutingStatus(tap, ROUTING_STATUS)
