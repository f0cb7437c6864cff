"""Streams of aggregates: the built-in ones, and those that the settings define."""

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
    fields_of,
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


def declared(config: Mapping[str, Any]) -> dict[str, Aggregate]:
    """Return all aggregates by name: the built-in ones, and those of the settings.

    One in the settings replaces the built-in one of its name.
    """
    found = {aggregate.name: aggregate for aggregate in BUILT_IN}
    for given in config.get("aggregates") or ():
        found[given["name"]] = from_settings(given)
    return {
        name: replace(aggregate, permissions=_permissions(aggregate.family))
        for name, aggregate in found.items()
    }


def streams(config: Mapping[str, Any]) -> Iterator[DeclaredStream]:
    """Yield the declared streams of all aggregates."""
    for each in declared(config).values():
        yield DeclaredStream(
            each.table,
            IntervalStream,
            f"POST {each.path}",
            each.permissions,
            reader=partial(_reader, each),
            replication_key="interval_start",
            lookback_days=each.lookback_days,
            key_version="2",
            fingerprint=partial(_fingerprint, each),
        )


def _reader(aggregate: Aggregate, stream: IntervalStream) -> AggregateReader:
    return AggregateReader(stream.client, aggregate)


def _fingerprint(aggregate: Aggregate, _: TapAdapter) -> SettingsFingerprint:
    return aggregate.fingerprint


def from_settings(given: Mapping[str, Any]) -> Aggregate:
    """Return the aggregate that an entry of the setting ``aggregates`` defines."""
    return Aggregate(
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


def _permissions(family: str) -> tuple[str, ...]:
    """Return the permissions of which the client needs one."""
    singular = families()[family].entity
    return _PERMISSIONS.get(family) or (f"analytics:{singular}Aggregate:view",)


def problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, problem) for what is wrong with an entry of ``aggregates``."""
    known = families()
    if given["family"] not in known:
        near = difflib.get_close_matches(given["family"], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield "family", f"must be one of {', '.join(known)}{hint}"
    for dimension in colliding(given.get("group_by") or ()):
        yield "group_by", f"{dimension} has the name of another column"
    if len(set(given.get("group_by") or ())) < len(given.get("group_by") or ()):
        yield "group_by", "names a dimension twice"
    views = [view["name"] for view in given.get("views") or ()]
    if len({*views, *given["metrics"]}) < len(views) + len(set(given["metrics"])):
        yield "views", "a view has the name of another one, or of a metric"
    for name, granularity, zone in (
        ("granularity", given.get("granularity") or "P1D", "UTC"),
        ("time_zone", "P1D", given.get("time_zone") or "UTC"),
    ):
        try:
            Buckets.of(granularity, zone)
        except ValueError as error:
            yield name, str(error)


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
    others.update(map(snake_case, (*METRIC_FIELDS, *fields_of(METRIC_MODEL))))
    return [name for name in dimensions if snake_case(name) in others]
