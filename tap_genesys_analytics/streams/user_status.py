"""User status: periods of presence and of routing status."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_genesys_analytics.readers.details import Details, DetailsReader
from tap_genesys_analytics.records.keys import key_text
from tap_genesys_analytics.records.raw_documents import decode_document
from tap_genesys_analytics.records.shapes import Shape, check_shape, unknown_members
from tap_genesys_analytics.records.tables import NO_KEY_PART, Table
from tap_genesys_analytics.settings.filters import any_of
from tap_genesys_analytics.streams.child_stream import ChildStream
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tap_genesys_analytics.api.details_query import FilterSlice, SplitAxis
    from tap_genesys_analytics.intervals.completeness import RecordCount
    from tap_genesys_analytics.intervals.plan import PlannedInterval
    from tap_genesys_analytics.records.raw_documents import Document, Pages

DETAILS = "/api/v2/analytics/users/details"
USERS = "/api/v2/users"

#: The maximum number of users in a filter. Source: the user detail query page.
_USERS_PER_FILTER = 100

_USERS = Table(
    name="users_details",
    description="A user, as the API answers it: not a stream of its own.",
    model="AnalyticsUserDetail",
    id_field="userId",
    child_fields=("primaryPresence", "routingStatus"),
)

#: Tells apart the periods of a user that begin at the same moment.
_PERIOD_KEY = "periodKey"

PRESENCE = Table(
    name="user_presence",
    description="Periods of a user's presence: on queue, break, offline …",
    model="AnalyticsUserPresenceRecord",
    extra_fields={_PERIOD_KEY: "string"},
    parent=_USERS,
    path="primaryPresence",
    key_fields=("startTime",),
    id_field=_PERIOD_KEY,
)

ROUTING_STATUS = Table(
    name="user_routing_status",
    description="Periods of a user's routing status: idle, interacting …",
    model="AnalyticsRoutingStatusRecord",
    extra_fields={_PERIOD_KEY: "string"},
    parent=_USERS,
    path="routingStatus",
    key_fields=("startTime",),
    id_field=_PERIOD_KEY,
)

#: The status of a period: the first of these that it has.
_STATUS = ("organizationPresenceId", "systemPresence", "routingStatus")


class _UserDetails(Shape):
    user_id: str
    primary_presence: list[dict[str, Any]] | None = None
    routing_status: list[dict[str, Any]] | None = None


class UserStatusReader(DetailsReader):
    """Reads the periods of users' presence and routing status.

    Each interval that a period overlaps returns the whole period, with its own start
    and end. It is one record, identified by user and start. A period without an end
    gets its end when a later interval is read.
    """

    @property
    @override
    def axes(self) -> Sequence[SplitAxis]:
        return (self._slices_by_user,)

    @override
    def pages(self, planned: PlannedInterval, count: RecordCount) -> Pages:
        # A user's periods may be spread over several pages. Totals count a period once
        # per day, so they are not compared.
        for page in super().pages(planned, count):
            users = list(map(decode_document, page))
            check_shape(users, list[_UserDetails], f"{DETAILS}/…")
            yield [period for user in users for period in user_periods(user)]
        count.totals.clear()

    @override
    def identify(
        self, document: Document, planned: PlannedInterval
    ) -> tuple[str, bool]:
        ((kind, (period,)),) = (
            member for member in document.items() if member[0] != "userId"
        )
        # With the end: a period with a new end is a new version, not a duplicate.
        members = map(period.get, ("startTime", _PERIOD_KEY, "endTime"))
        key = (document.get("userId"), kind, *members)
        return "/".join(map(str, key)), True

    def _slices_by_user(self) -> list[FilterSlice]:
        """Return filters by user: all users, including deleted ones, in batches."""
        users = self.client.entities(USERS, {"state": "any"})
        ids = iter([user["id"] for user in users])
        slices: list[FilterSlice] = []
        while batch := list(islice(ids, _USERS_PER_FILTER)):
            slices.append(("userFilters", any_of("userId", batch)))
        return slices


def user_periods(document: Document) -> Iterator[Document]:
    """Yield a document for each period in a user's document."""
    user = {"userId": document.get("userId")}
    # No table holds what Genesys adds to a user's document: its periods do.
    added = unknown_members(document, _UserDetails)
    for kind in ("primaryPresence", "routingStatus"):
        for period in document.get(kind) or ():
            keyed = {**added, **period, _PERIOD_KEY: period_key(period)}
            yield {**user, kind: [keyed]}


def period_key(period: Document) -> str:
    """Return what tells a period apart from others that begin at the same moment.

    It is the period's status and, if it has no length, ``#0``: whenever and however
    often a period is read, and whichever others are read with it, it is the same.
    """
    status = next(filter(None, map(period.get, _STATUS)), None)
    has_length = period.get("startTime") != period.get("endTime")
    return (key_text(status) or NO_KEY_PART) + ("" if has_length else "#0")


def reader(stream: IntervalStream) -> UserStatusReader:
    """Return the reader of a run, configured by the settings."""
    details = Details(
        path=DETAILS,
        member="userDetails",
        order={"order": "asc"},
        source=stream.config["user_status_source"],
        page_size=stream.config["page_size"],
        job_page_size=stream.config["job_page_size"],
    )
    return UserStatusReader(stream.client, stream.table, details)


class UserPresence(IntervalStream):
    """The stream of presence, parent of the stream of routing status."""

    tables = (_USERS, PRESENCE, ROUTING_STATUS)


class UserRoutingStatus(ChildStream):
    """The stream of routing status, a child of presence."""

    parent_stream_type = UserPresence


_PRESENCE = DeclaredStream(
    PRESENCE,
    UserPresence,
    f"POST {DETAILS}/jobs, …/query",
    ("analytics:userDetail:view",),
    reader=reader,
    replication_key="start_time",
    key_version="2",
)

STREAMS = (
    _PRESENCE,
    replace(_PRESENCE, table=ROUTING_STATUS, kind=UserRoutingStatus, reader=None),
)
