"""Observations: how things stand at the moment of the run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from typing_extensions import override

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.tables import Table
from tap_genesys_analytics.settings.filters import any_of
from tap_genesys_analytics.streams.aggregate_definitions import (
    figure,
    figure_fields,
    keys_of,
)
from tap_genesys_analytics.streams.base import GenesysStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_genesys_analytics.records.record_builder import Row
    from tap_genesys_analytics.records.tables import Document
    from tap_genesys_analytics.tap import TapGenesys

#: Predicates that one filter holds.
_MOST_PREDICATES = 100


@dataclass(frozen=True)
class Observation:
    """What can be observed of one kind of entity. Source: its query's model."""

    name: str
    description: str
    path: str
    permission: str
    dimension: str
    #: Dimensions that the answer groups by.
    groups: tuple[str, ...]
    metrics: tuple[str, ...]
    #: List of the entities, and the permission that reading it takes, if any.
    entities: str
    entities_permission: str | None = None

    @property
    def table(self) -> Table:
        """The table: a row for each moment, group, metric and qualifier."""
        return Table(
            name=self.name,
            description=self.description,
            model={
                "observedAt": "date-time",
                **dict.fromkeys(self.groups, "string"),
                **figure_fields(),
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


class ObservationStream(GenesysStream):
    """Takes a snapshot in each run, with its time in the key."""

    replication_key = "observed_at"

    def __init__(self, tap: TapGenesys, observation: Observation) -> None:
        self.observation = observation
        self.endpoint = f"POST {observation.path}"
        self.permissions = (observation.permission,)
        if observation.entities_permission:
            self.also_needed = (observation.entities_permission,)
        super().__init__(tap, observation.table)

    @override
    def read(self) -> Iterator[Row]:
        observation = self.observation
        entities = self.client.entities(observation.entities)
        ids = iter([entity["id"] for entity in entities])
        observed_at = format_timestamp(self.tap.now())
        while some := list(islice(ids, _MOST_PREDICATES)):
            for document in self._documents(self._ask(some)):
                observed = {**document, "observedAt": observed_at}
                yield from self.own_rows([observed], observed_at)

    @override
    def probe(self) -> None:
        self.client.get(self.observation.entities, {"pageSize": 1})
        # An id that nothing has: the answer is empty, or a refusal.
        self._ask(["00000000-0000-0000-0000-000000000000"])

    def _ask(self, ids: list[str]) -> Document:
        """Return the observations of some entities."""
        body = {
            "filter": any_of(self.observation.dimension, ids),
            "metrics": list(self.observation.metrics),
        }
        answer: Document = self.client.post(self.observation.path, body)
        return answer

    def _documents(self, answer: Document) -> Iterator[Document]:
        """Yield a document for each row of an answer."""
        for result in answer.get("results") or ():
            group = result.get("group") or {}
            shared = group | keys_of(group, self.observation.groups)
            for found in result.get("data") or ():
                yield figure(shared, found)


def streams(tap: TapGenesys) -> Iterator[ObservationStream]:
    """Yield the streams of what can be observed."""
    for observation in OBSERVATIONS:
        yield ObservationStream(tap, observation)
