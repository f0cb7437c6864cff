"""Observations: the present state of queues, users and flows."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import override

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.readers.aggregates import (
    METRIC_FIELDS,
    METRIC_MODEL,
    group_key,
    metric_document,
)
from tap_genesys_analytics.records.shapes import (
    Shape,
    check_shape,
    unknown_members,
)
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.settings.filters import any_of
from tap_genesys_analytics.streams.base import GenesysStream
from tap_genesys_analytics.streams.declared import DeclaredStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import Document
    from tap_genesys_analytics.records.record_builder import Record

#: The maximum number of predicates in a filter.
_MAX_PREDICATES = 100


@dataclass(frozen=True)
class Observation:
    """The observations of one kind of entity. Source: the model of its query."""

    name: str
    description: str
    path: str
    permission: str
    dimension: str
    #: Dimensions that the response is grouped by.
    groups: tuple[str, ...]
    metrics: tuple[str, ...]
    #: The path of the list of entities, and the permission to read it, if any.
    entities: str
    entities_permission: str | None = None

    @property
    def table(self) -> Table:
        """The table, with a record for each run, group, metric and qualifier."""
        return Table(
            name=self.name,
            description=self.description,
            model=METRIC_MODEL,
            extra_fields={
                "observedAt": "date-time",
                **dict.fromkeys(self.groups, "string"),
                **METRIC_FIELDS,
                "truncated": "boolean",
                "observations": "[object]",
            },
            key_fields=("observedAt", *self.groups, "metric"),
            id_field="qualifier",
            selected_by_default=False,
        )


OBSERVATIONS = (
    Observation(
        name="queue_observations",
        description="Who waits and who works in each queue, at the moment of the run.",
        path="/api/v2/analytics/queues/observations/query",
        permission="analytics:queueObservation:view",
        dimension="queueId",
        groups=("queueId", "mediaType"),
        metrics=(
            "oActiveUsers",
            "oAlerting",
            "oInteracting",
            "oLongestInteracting",
            "oLongestWaiting",
            "oMemberUsers",
            "oOffQueueUsers",
            "oOnQueueUsers",
            "oUserPresences",
            "oUserRoutingStatuses",
            "oWaiting",
        ),
        entities="/api/v2/routing/queues",
        entities_permission="routing:queue:view",
    ),
    Observation(
        name="user_observations",
        description="How many queues each user is in, at the moment of the run.",
        path="/api/v2/analytics/users/observations/query",
        permission="analytics:userObservation:view",
        dimension="userId",
        groups=("userId",),
        metrics=("oActiveQueues", "oMemberQueues"),
        entities="/api/v2/users",
    ),
    Observation(
        name="flow_observations",
        description="How many conversations each flow has at the moment of the run.",
        path="/api/v2/analytics/flows/observations/query",
        permission="analytics:flowObservation:view",
        dimension="flowId",
        groups=("flowId",),
        metrics=("oFlow",),
        entities="/api/v2/flows",
        entities_permission="architect:flow:view",
    ),
)


class _Observed(Shape):
    metric: str
    qualifier: str | None = None
    stats: dict[str, Any] | None = None


class _Result(Shape):
    group: dict[str, Any] | None = None
    data: list[_Observed] | None = None


class _Response(Shape):
    results: list[_Result] | None = None


class ObservationReader:
    """Reads the observations of all entities."""

    def __init__(self, client: GenesysClient, observation: Observation) -> None:
        self.client = client
        self.observation = observation

    def documents(self, observed_at: str) -> Iterator[Document]:
        """Yield a document for each metric of each group."""
        entities = self.client.entities(self.observation.entities)
        ids = iter([entity["id"] for entity in entities])
        while batch := list(islice(ids, _MAX_PREDICATES)):
            for document in self._documents(self._query(batch)):
                yield {**document, "observedAt": observed_at}

    def probe(self) -> None:
        """Send two small requests."""
        self.client.get(self.observation.entities, {"pageSize": 1})
        # An unused id: the response is empty, or 403.
        self._query(["00000000-0000-0000-0000-000000000000"])

    def _query(self, ids: list[str]) -> Document:
        """Return the response to a query of entities."""
        body = {
            "filter": any_of(self.observation.dimension, ids),
            "metrics": list(self.observation.metrics),
        }
        response: Document = self.client.post(self.observation.path, body)
        return response

    def _documents(self, response: Document) -> Iterator[Document]:
        """Yield a document for each metric of each group in a response."""
        check_shape(response, _Response, f"POST {self.observation.path}")
        for result in response.get("results") or ():
            group = result.get("group") or {}
            added = unknown_members(result, _Result)
            shared = added | group | group_key(group, self.observation.groups)
            for metric in result.get("data") or ():
                yield metric_document(shared, metric)


class SnapshotStream(GenesysStream):
    """A stream that adds a snapshot in each run; its time is part of the key."""

    @functools.cached_property
    def reader(self) -> ObservationReader:
        """The reader of this run."""
        return cast("ObservationReader", self.new_reader())

    @override
    def read(self) -> Iterator[Record]:
        observed_at = format_timestamp(self.tap.now())
        for document in self.reader.documents(observed_at):
            yield from self.own_records([document], observed_at)

    @override
    def probe(self) -> None:
        self.reader.probe()


def _reader(observation: Observation, stream: GenesysStream) -> ObservationReader:
    return ObservationReader(stream.client, observation)


STREAMS = tuple(
    DeclaredStream(
        observation.table,
        SnapshotStream,
        f"POST {observation.path}",
        (observation.permission,),
        (observation.entities_permission,) if observation.entities_permission else (),
        reader=partial(_reader, observation),
        replication_key="observed_at",
    )
    for observation in OBSERVATIONS
)
