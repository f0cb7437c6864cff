"""Streams of aggregates: built-in ones, and those of the setting ``aggregates``."""

from __future__ import annotations

import difflib
import functools
import json
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.readers.aggregates import (
    METRIC_FIELDS,
    METRIC_MODEL,
    Aggregate,
    AggregateReader,
)
from tap_genesys_analytics.records.tables import (
    EXTRA,
    EXTRACTED_AT,
    model_fields,
    snake_case,
)
from tap_genesys_analytics.streams.declared import DeclaredStream
from tap_genesys_analytics.streams.interval_stream import IntervalStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_genesys_analytics.intervals.bookmarks import SettingsFingerprint
    from tap_genesys_analytics.run.sdk_tap import TapAdapter


#: Families whose permission is not named after them. Source: the API definition.
_PERMISSIONS = {
    "actions": ("integrations:action:view", "bridge:actions:view"),
    "copilots": ("analytics:copilotsAggregate:view",),
    "transcripts": ("analytics:speechAndTextAnalyticsAggregates:view",),
}

#: Metrics that begin with t are milliseconds.
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
class Family:
    """A family of aggregates. Source: the official SDK's models."""

    #: The family's name in permissions, which is singular.
    entity: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]


@functools.cache
def families() -> dict[str, Family]:
    """Return the families of aggregates, by their name in paths."""
    file = resources.files(__package__).joinpath("aggregates.json")
    entries: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))["families"]
    return {
        name: Family(
            entity=entry["entity"],
            metrics=tuple(entry["metrics"]),
            dimensions=tuple(entry["dimensions"]),
        )
        for name, entry in entries.items()
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


def declared(config: Mapping[str, Any]) -> dict[str, Aggregate]:
    """Return all aggregates by name.

    An aggregate in the settings replaces the built-in aggregate of the same name.
    """
    aggregates = {aggregate.name: aggregate for aggregate in BUILT_IN}
    for definition in config.get("aggregates") or ():
        aggregates[definition["name"]] = aggregate_from_settings(definition)
    return {
        name: replace(aggregate, permissions=_permissions(aggregate.family))
        for name, aggregate in aggregates.items()
    }


def streams(config: Mapping[str, Any]) -> Iterator[DeclaredStream]:
    """Yield the declared streams of all aggregates."""
    for aggregate in declared(config).values():
        yield DeclaredStream(
            aggregate.table,
            IntervalStream,
            f"POST {aggregate.path}",
            aggregate.permissions,
            reader=partial(_reader, aggregate),
            replication_key="interval_start",
            lookback_days=aggregate.lookback_days,
            key_version="2",
            fingerprint=partial(_fingerprint, aggregate),
        )


def _reader(aggregate: Aggregate, stream: IntervalStream) -> AggregateReader:
    return AggregateReader(stream.client, aggregate)


def _fingerprint(aggregate: Aggregate, _: TapAdapter) -> SettingsFingerprint:
    return aggregate.fingerprint


def aggregate_from_settings(definition: Mapping[str, Any]) -> Aggregate:
    """Return the aggregate that an entry of the setting ``aggregates`` defines."""
    return Aggregate(
        name=definition["name"],
        family=definition["family"],
        metrics=tuple(definition["metrics"]),
        group_by=tuple(definition.get("group_by") or ()),
        granularity=definition.get("granularity") or "P1D",
        time_zone=definition.get("time_zone") or "UTC",
        filter=definition.get("filter"),
        views=tuple(definition.get("views") or ()),
        lookback_days=definition.get("lookback_days"),
    )


def _permissions(family: str) -> tuple[str, ...]:
    """Return the permissions of a family, of which the client needs one."""
    singular = families()[family].entity
    return _PERMISSIONS.get(family) or (f"analytics:{singular}Aggregate:view",)


def problems(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, problem) for what is wrong with an entry of ``aggregates``."""
    known = families()
    if definition["family"] not in known:
        similar = difflib.get_close_matches(definition["family"], known, n=1)
        hint = f"; did you mean {similar[0]}?" if similar else ""
        yield "family", f"must be one of {', '.join(known)}{hint}"
    for dimension in colliding_dimensions(definition.get("group_by") or ()):
        yield "group_by", f"{dimension} has the name of another column"
    if len(set(definition.get("group_by") or ())) < len(
        definition.get("group_by") or ()
    ):
        yield "group_by", "names a dimension twice"
    views = [view["name"] for view in definition.get("views") or ()]
    if len({*views, *definition["metrics"]}) < len(views) + len(
        set(definition["metrics"])
    ):
        yield "views", "a view has the name of another one, or of a metric"
    for name, granularity, zone in (
        ("granularity", definition.get("granularity") or "P1D", "UTC"),
        ("time_zone", "P1D", definition.get("time_zone") or "UTC"),
    ):
        try:
            Buckets.of(granularity, zone)
        except ValueError as error:
            yield name, str(error)


def unknown_names(aggregate: Aggregate) -> Iterator[str]:
    """Yield a sentence for each metric or dimension that the family does not have."""
    family = families()[aggregate.family]
    views = [str(view["target"]) for view in aggregate.views]
    for kind, names, known in (
        ("metric", (*aggregate.metrics, *views), family.metrics),
        ("dimension", aggregate.group_by, family.dimensions),
    ):
        for name in names:
            if name not in known:
                similar = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
                hint = f"; did you mean {similar[0]}?" if similar else ""
                yield (
                    f"{aggregate.name}: {aggregate.family} has no {kind} {name}, as "
                    f"far as this version knows{hint}"
                )


def colliding_dimensions(dimensions: Iterable[str]) -> list[str]:
    """Return the dimensions whose column names are those of other columns."""
    others = {EXTRA, EXTRACTED_AT, "interval_start", "interval_end"}
    others.update(map(snake_case, (*METRIC_FIELDS, *model_fields(METRIC_MODEL))))
    return [name for name in dimensions if snake_case(name) in others]
