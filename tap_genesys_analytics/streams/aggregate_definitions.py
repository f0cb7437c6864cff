"""Aggregates as a user defines them: what is asked for, and the rows of the answer."""

from __future__ import annotations

import difflib
import functools
import json
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.definitions import Definition
from tap_genesys_analytics.records.tables import (
    EXTRA,
    EXTRACTED_AT,
    Table,
    fields_of,
    snake_case,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_genesys_analytics.records.tables import Document


#: Families whose permission is not named after them. Source: the API definition.
_PERMISSIONS = {
    "actions": ("integrations:action:view", "bridge:actions:view"),
    "copilots": ("analytics:copilotsAggregate:view",),
    "transcripts": ("analytics:speechAndTextAnalyticsAggregates:view",),
}

#: What is built in. Metrics that begin with t are milliseconds.
_QUEUE_METRICS = (
    "nOffered",
    "nConnected",
    "nTransferred",
    "nOverSla",
    "nOutbound",
    "oServiceLevel",
    "oServiceTarget",
    "tAcd",
    "tWait",
    "tAnswered",
    "tAbandon",
    "tShortAbandon",
    "tTalk",
    "tHeld",
    "tAcw",
    "tHandle",
)


@dataclass(frozen=True)
class Aggregate:
    """One definition: a stream of its own. Names are the API's."""

    name: str
    family: str
    metrics: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    granularity: str = "P1D"
    time_zone: str = "UTC"
    filter: Mapping[str, Any] | None = None
    views: tuple[Mapping[str, Any], ...] = ()
    lookback_days: int | None = None
    description: str = ""

    @property
    def path(self) -> str:
        """The path of the family's query."""
        return f"/api/v2/analytics/{self.family}/aggregates/query"

    @property
    def jobs_path(self) -> str:
        """The path of the family's jobs. All have them but one: ratelimits."""
        return f"/api/v2/analytics/{self.family}/aggregates/jobs"

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions of which the client needs one."""
        if self.family in _PERMISSIONS:
            return _PERMISSIONS[self.family]
        singular = families()[self.family].entity
        return (f"analytics:{singular}Aggregate:view",)

    @property
    def definition(self) -> Definition:
        """What the state remembers of it."""
        return Definition.of(
            rows={
                "family": self.family,
                "group_by": self.group_by,
                # PT60M is PT1H, and P7D is P1W.
                "buckets": repr(Buckets.of(self.granularity, self.time_zone)),
                "filter": self.filter,
            },
            extent={"metrics": self.metrics, "views": self.views},
        )

    @functools.cached_property
    def table(self) -> Table:
        """The table: a row for each group, bucket, metric and qualifier."""
        own = {"intervalStart": "date-time", "intervalEnd": "date-time"}
        groups = dict.fromkeys(self.group_by, "string")
        return Table(
            name=self.name,
            description=self.description
            or f"{self.family} by {', '.join(self.group_by) or 'nothing'}",
            model={
                **groups,
                **own,
                **figure_fields(),
            },
            key_fields=(*self.group_by, "intervalStart", "metric"),
            id_field="qualifier",
        )

    def body(self, interval: str) -> Document:
        """Return the body that asks for an interval."""
        optional = {
            "groupBy": list(self.group_by),
            "filter": self.filter,
            "views": list(self.views),
        }
        return {
            "interval": interval,
            "granularity": self.granularity,
            "timeZone": self.time_zone,
            "metrics": list(self.metrics),
            **{name: value for name, value in optional.items() if value},
        }

    def documents(self, results: Iterable[Document]) -> Iterator[Document]:
        """Yield a document for each row of an answer's results.

        A group, or a metric, without a value for a part of the key has an empty text
        there: keys hold no null. What a view counts has its name for a metric. Views
        have no qualifier: where one is answered several times, as it may be of a
        metric with qualifiers, they have numbers from the second on.
        """
        for result in results:
            group = result.get("group") or {}
            shared = group | keys_of(group, self.group_by)
            for data in result.get("data") or ():
                start, _, end = str(data.get("interval") or "").partition("/")
                times = {"intervalStart": start, "intervalEnd": end}
                views = _numbered(data.get("views") or ())
                for found in (*(data.get("metrics") or ()), *views):
                    yield figure({**shared, **times}, found)


@dataclass(frozen=True)
class Family:
    """What a family of aggregates knows. Source: the official SDK's models."""

    #: The family's name in the singular, as permissions have it.
    entity: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


@functools.cache
def families() -> dict[str, Family]:
    """Return the families of aggregates, by the name in their path."""
    file = resources.files(__package__).joinpath("aggregates.json")
    found: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))["families"]
    return {
        name: Family(
            entity=lists["entity"],
            metrics=tuple(lists["metrics"]),
            dimensions=tuple(lists["dimensions"]),
        )
        for name, lists in found.items()
    }


BUILT_IN = (
    Aggregate(
        name="queue_performance_half_hourly",
        description="How each queue did in each half hour, by media type.",
        family="conversations",
        metrics=_QUEUE_METRICS,
        group_by=("queueId", "mediaType"),
        granularity="PT30M",
    ),
    Aggregate(
        name="agent_performance_daily",
        description="What each agent handled on each day, by queue and media type.",
        family="conversations",
        metrics=(
            "nConnected",
            "nTransferred",
            "nOutbound",
            "tAnswered",
            "tAlert",
            "tTalk",
            "tHeld",
            "tAcw",
            "tHandle",
            "tNotResponding",
        ),
        group_by=("userId", "queueId", "mediaType"),
    ),
    Aggregate(
        name="agent_status_daily",
        description="How long each agent had each presence and routing status a day.",
        family="users",
        metrics=("tAgentRoutingStatus", "tOrganizationPresence", "tSystemPresence"),
        group_by=("userId",),
    ),
    Aggregate(
        name="flow_outcomes_daily",
        description="What each flow achieved on each day.",
        family="flows",
        metrics=("nFlowOutcome", "nFlowOutcomeFailed", "tFlowOutcome"),
        group_by=("flowId", "flowOutcomeId", "flowOutcomeValue"),
    ),
)


def defined(definitions: Iterable[Mapping[str, Any]]) -> dict[str, Aggregate]:
    """Return all aggregates by name: the built-in ones, and those of the settings.

    One in the settings replaces the built-in one of its name.
    """
    found = {aggregate.name: aggregate for aggregate in BUILT_IN}
    for given in definitions:
        found[given["name"]] = Aggregate(
            name=given["name"],
            family=given["family"],
            metrics=tuple(given["metrics"]),
            group_by=tuple(given.get("group_by") or ()),
            granularity=given.get("granularity") or "P1D",
            time_zone=given.get("time_zone") or "UTC",
            filter=given.get("filter"),
            views=tuple(given.get("views") or ()),
            lookback_days=given.get("lookback_days"),
        )
    return found


def figure_fields() -> dict[str, str]:
    """Return field → type of what a figure is made of."""
    names = {"metric": "string", "qualifier": "string"}
    return {**names, **fields_of("StatisticalSummary")}


def figure(shared: Document, found: Document) -> Document:
    """Return the document of a figure, with what it shares with its neighbours."""
    names = {name: found.get(name) or "" for name in ("metric", "qualifier")}
    return {**shared, **names, **(found.get("stats") or {})}


def _numbered(views: Iterable[Document]) -> Iterator[Document]:
    """Yield views as metrics, with a number for a qualifier where one comes again."""
    seen: Counter[str] = Counter()
    for view in views:
        name = view.get("name") or ""
        seen[name] += 1
        qualifier = str(seen[name]) if seen[name] > 1 else ""
        yield {"metric": name, "qualifier": qualifier, "stats": view.get("stats")}


def keys_of(group: Document, dimensions: Iterable[str]) -> dict[str, str]:
    """Return what a group says of the dimensions, as parts of a key."""
    return {name: _key_part(group.get(name)) for name in dimensions}


def _key_part(value: object) -> str:
    """Return the value of a dimension as a part of a key: text, never null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def unknown_names(aggregate: Aggregate) -> Iterator[str]:
    """Yield what a definition asks for that its family does not know, as sentences."""
    family = families()[aggregate.family]
    views = [str(view["target"]) for view in aggregate.views]
    for kind, names, known in (
        ("metric", (*aggregate.metrics, *views), family.metrics),
        ("dimension", aggregate.group_by, family.dimensions),
    ):
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]}?" if near else ""
                yield (
                    f"{aggregate.name}: {aggregate.family} has no {kind} {name}, as "
                    f"far as this version knows{hint}"
                )


def colliding(dimensions: Iterable[str]) -> list[str]:
    """Return the dimensions whose columns have the name of another column."""
    others = {EXTRA, EXTRACTED_AT, "interval_start", "interval_end"}
    others.update(map(snake_case, figure_fields()))
    return [name for name in dimensions if snake_case(name) in others]
