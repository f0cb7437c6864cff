"""The bodies of conversations' details queries and jobs, with their filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

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
from genesys_cloud_sandbox.world.times import DAY, unstamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from genesys_cloud_sandbox.api.filters import Record
    from genesys_cloud_sandbox.api.intervals import Interval
    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

#: The dimensions and the metrics of each kind of filters, from the official Swagger.
_FILE = "details_filters.json"


class _ConversationFilters(Body):
    interval: Any = None
    order: Order | None = None
    order_by: (
        Literal["conversationStart", "conversationEnd", "segmentStart", "segmentEnd"]
        | None
    ) = None
    conversation_filters: list[Any] | None = None
    segment_filters: list[Any] | None = None
    evaluation_filters: list[Any] | None = None
    survey_filters: list[Any] | None = None
    resolution_filters: list[Any] | None = None


class ConversationQuery(_ConversationFilters):
    """The body of a details query."""

    aggregations: list[Any] | None = None
    paging: PagingSpec | None = None


class AsyncConversationQuery(_ConversationFilters):
    """The body of a details job."""

    limit: Count | None = None
    start_of_day_interval_matching: bool | None = None


@dataclass(frozen=True)
class Conditions:
    """The common part of queries and jobs; instants in milliseconds UTC."""

    start: int
    #: Not included.
    end: int
    order: str
    order_by: str
    #: Empty: no filter. Equal filters have equal bytes.
    filters: bytes
    matches: Callable[[Document], bool]

    def days(self) -> range:
        """Return the UTC days that the interval touches, since 1970-01-01."""
        return range(self.start // DAY, (self.end - 1) // DAY + 1)


@dataclass(frozen=True)
class Query(Conditions):
    """A details query that has been checked."""

    page_size: int
    page_number: int


@dataclass(frozen=True)
class JobQuery(Conditions):
    """The query of a details job that has been checked."""

    limit: int | None
    #: Conversations that started before it are left out; None: however old.
    since: int | None


def read_query(content: object, options: SandboxOptions) -> Query:
    """Check the body of a details query."""
    body = read_body(content, ConversationQuery)
    filters = _given_filters(body)
    days = MAX_DAYS if filters else MAX_DAYS_WITHOUT_FILTER
    conditions = _conditions(body, read_interval(body.interval, days), filters)
    page_size, page_number = read_paging(body.paging, options)
    return Query(**vars(conditions), page_size=page_size, page_number=page_number)


def read_job_query(content: object) -> JobQuery:
    """Check the body of a details job."""
    body = read_body(content, AsyncConversationQuery)
    interval = read_interval(body.interval, MAX_DAYS)
    conditions = _conditions(body, interval, _given_filters(body))
    since = interval[0] // DAY * DAY if body.start_of_day_interval_matching else None
    return JobQuery(**vars(conditions), limit=body.limit, since=since)


def _given_filters(body: _ConversationFilters) -> dict[str, list[Any]]:
    content = msgspec.to_builtins(body)
    names = (kind.name for kind in _filter_kinds())
    return {name: content[name] for name in names if content.get(name)}


def _conditions(
    body: _ConversationFilters, interval: Interval, filters: dict[str, list[Any]]
) -> Conditions:
    tests = [filter_test(filters.get(kind.name), kind) for kind in _filter_kinds()]
    return Conditions(
        *interval,
        order=body.order or "asc",
        order_by=body.order_by or "conversationStart",
        filters=msgspec.json.encode(filters, order="sorted") if filters else b"",
        matches=lambda document: all(test(document) for test in tests),
    )


@lru_cache(maxsize=1)
def _filter_kinds() -> tuple[FilterKind, ...]:
    file = resources.files(__package__).joinpath(_FILE)
    known = msgspec.json.decode(file.read_bytes())["filters"]

    def kind(name: str, **found: Any) -> FilterKind:  # noqa: ANN401 (any-type: functions of several types)
        given = known[name]
        return FilterKind(name, given["dimensions"], tuple(given["metrics"]), **found)

    return (
        kind("conversationFilters", metric_values=_conversation_metric),
        kind("segmentFilters", records=_segments, metric_values=_segment_duration),
        kind("evaluationFilters", records=_items("evaluations")),
        kind("surveyFilters", records=_items("surveys")),
        kind("resolutionFilters", records=_items("resolutions")),
    )


def _conversation_metric(record: Record, name: str) -> list[float]:
    return [
        metric["value"]
        for participant in record[0]["participants"]
        for session in participant["sessions"]
        for metric in session.get("metrics", ())
        if metric["name"] == name
    ]


def _segments(document: Document) -> Iterator[Record]:
    for participant in document["participants"]:
        for session in participant["sessions"]:
            flow = session.get("flow", {})
            outcomes = flow.get("outcomes", ())
            reached = {
                name: [outcome[name] for outcome in outcomes if name in outcome]
                for name in ("flowOutcome", "flowOutcomeId", "flowOutcomeValue")
                if outcomes
            }
            for segment in session["segments"]:
                scored = segment.get("scoredAgents", ())
                agents = {"scoredAgentIds": [x["scoredAgentId"] for x in scored]}
                yield segment, agents, session, flow, reached, participant


def _segment_duration(record: Record, _name: str) -> list[float]:
    segment = record[0]
    if "segmentEnd" not in segment:
        return []
    return [unstamp(segment["segmentEnd"]) - unstamp(segment["segmentStart"])]


def _items(name: str) -> Callable[[Document], Iterable[Record]]:
    return lambda document: ((item,) for item in document.get(name, ()))
