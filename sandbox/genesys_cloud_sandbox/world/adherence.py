"""How well agents kept to their schedules: what was planned, against what they did.

Offsets and lengths are whole seconds, as the API's are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.organization import (
    presence_definitions,
    presences_by_system,
)
from genesys_cloud_sandbox.world.times import SECOND, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from genesys_cloud_sandbox.world.agent_schedules import Activity, AgentSchedules
    from genesys_cloud_sandbox.world.statuses import Status, Statuses
    from genesys_cloud_sandbox.world.timeline import Document

#: What presences count as.
_CATEGORIES = {
    "ON_QUEUE": "OnQueueWork",
    "BREAK": "Break",
    "MEAL": "Meal",
    "MEETING": "Meeting",
    "TRAINING": "Training",
    "AVAILABLE": "OffQueueWork",
    "BUSY": "OffQueueWork",
    "AWAY": "Unavailable",
    "IDLE": "Unavailable",
    "OFFLINE": "Unavailable",
}
_ON_QUEUE = "OnQueueWork"


class Piece(NamedTuple):
    """A stretch of time in which both the plan and the presence are the same."""

    start: int
    end: int
    planned: Activity | None
    actual: Status

    @property
    def category(self) -> str:
        """Return what the presence counts as."""
        return _CATEGORIES[self.actual.value]

    @property
    def seconds(self) -> int:
        """Return its length."""
        return self.end // SECOND - self.start // SECOND

    @property
    def is_exception(self) -> bool:
        """Return whether something else was planned."""
        differs = self.planned is not None and self.planned.category != self.category
        return differs and self.seconds > 0

    @property
    def impact(self) -> str:
        """Return what it means for the queues."""
        planned = self.planned.category if self.planned else ""
        if planned == _ON_QUEUE:
            return "Negative"
        return "Positive" if self.category == _ON_QUEUE else "Neutral"


@dataclass(frozen=True)
class Adherence:
    """The adherence of the agents of management units."""

    schedules: AgentSchedules
    statuses: Statuses

    def result(
        self,
        unit_id: str,
        days: Sequence[tuple[int, int]],
        *,
        users: Collection[str] | None,
        exceptions: bool,
        actuals: bool,
    ) -> Document:
        """Return the result of one management unit for seamless days."""
        start, end = days[0][0], days[-1][1]
        results = []
        for number, user_id in self.schedules.members(unit_id).items():
            pieces = list(self._pieces(number, start, end))
            wanted = users is None or user_id in users
            if wanted and any(piece.planned for piece in pieces):
                result = _user(user_id, pieces, days)
                if exceptions:
                    result["exceptionInfo"] = list(self._exceptions(number, pieces))
                if actuals:
                    result["actuals"] = list(self._actuals(pieces))
                results.append(result)
        return {
            "startDate": stamp(start),
            "endDate": stamp(end),
            "managementUnitId": unit_id,
            "userResults": results,
            "lookupIdToSecondaryPresenceId": {
                lookup: presence_id for presence_id, lookup in self._lookups().items()
            },
        }

    def _lookups(self) -> dict[str, str]:
        definitions = presence_definitions(self.statuses.world.seed)
        return {each.id: str(place) for place, each in enumerate(definitions)}

    def _pieces(self, agent: int, start: int, end: int) -> Iterator[Piece]:
        plan = list(self.schedules.activities(agent, start, end))
        for status in self._presences(agent, start, end):
            first = max(status.start, start)
            last = end if status.end is None else min(status.end, end)
            edges = {first, last}
            edges |= {each.start for each in plan if first < each.start < last}
            edges |= {each.end for each in plan if first < each.end < last}
            for begin, following in pairwise(sorted(edges)):
                at = (each for each in plan if each.start <= begin < each.end)
                yield Piece(begin, following, next(at, None), status)

    def _presences(self, agent: int, start: int, end: int) -> list[Status]:
        periods = self.statuses.periods(agent, start, end)
        return [each for each in periods if each.kind == "primaryPresence"]

    def _exceptions(self, agent: int, pieces: Sequence[Piece]) -> Iterator[Document]:
        if not pieces:
            return
        lookups, begin = self._lookups(), pieces[0].start
        seed = self.statuses.world.seed
        periods = self.statuses.periods(agent, begin, pieces[-1].end)
        routing = [each for each in periods if each.kind == "routingStatus"]
        for piece in pieces:
            if piece.planned is None or not piece.is_exception:
                continue
            status = next(x.value for x in reversed(routing) if x.start <= piece.start)
            presence = piece.actual.organization_presence_id
            yield {
                "startOffsetSeconds": _offset(piece.start, begin),
                "endOffsetSeconds": _offset(piece.end, begin),
                "scheduledActivityCodeId": str(piece.planned.code),
                "scheduledActivityCategory": piece.planned.category,
                "scheduledSecondaryPresenceLookupIds": [
                    lookups[ids[0]]
                    for system, ids in presences_by_system(seed).items()
                    if _CATEGORIES[system] == piece.planned.category
                ],
                "actualActivityCategory": piece.category,
                "systemPresence": piece.actual.value.title().replace("_", ""),
                "routingStatus": status,
                "impact": piece.impact,
                "secondaryPresenceLookupId": lookups[presence],
            }

    def _actuals(self, pieces: Sequence[Piece]) -> Iterator[Document]:
        lookups = self._lookups()
        for piece in pieces:
            presence = piece.actual.organization_presence_id
            yield {
                "actualActivityCategory": piece.category,
                "actualSecondaryPresenceLookupId": lookups[presence],
                "startOffsetSeconds": _offset(piece.start, pieces[0].start),
                "endOffsetSeconds": _offset(piece.end, pieces[0].start),
            }


def _user(
    user_id: str, pieces: Sequence[Piece], days: Sequence[tuple[int, int]]
) -> Document:
    whole = _metrics(pieces)
    worse = sum(x.seconds for x in pieces if x.is_exception and x.impact == "Negative")
    better = sum(x.seconds for x in pieces if x.is_exception and x.impact == "Positive")
    impact = "Negative" if worse > better else "Positive" if better else "Neutral"
    percentages = ("adherencePercentage", "conformancePercentage")
    return {
        "userId": user_id,
        **{name: whole[name] for name in percentages if name in whole},
        "impact": impact,
        "dayMetrics": [
            {"dayStartOffsetSeconds": _offset(day[0], days[0][0]), **_metrics(within)}
            for day in days
            for within in (_within(pieces, *day),)
            if any(piece.planned for piece in within)
        ],
    }


def _within(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    return [
        piece._replace(start=max(piece.start, start), end=min(piece.end, end))
        for piece in pieces
        if piece.start < end and piece.end > start
    ]


def _metrics(pieces: Sequence[Piece]) -> Document:
    exceptions = [piece for piece in pieces if piece.is_exception]
    scheduled = sum(piece.seconds for piece in pieces if piece.planned)
    missed = sum(piece.seconds for piece in exceptions)
    planned_on_queue = sum(
        x.seconds for x in pieces if x.planned and x.planned.category == _ON_QUEUE
    )
    on_queue = sum(piece.seconds for piece in pieces if piece.category == _ON_QUEUE)
    metrics: Document = {
        "adherenceScheduleSeconds": scheduled,
        "conformanceScheduleSeconds": planned_on_queue,
        "conformanceActualSeconds": on_queue,
        "exceptionCount": len(exceptions),
        "exceptionDurationSeconds": missed,
        "impactSeconds": sum(
            piece.seconds for piece in exceptions if piece.impact == "Negative"
        ),
        "scheduleLengthSeconds": scheduled,
        "actualLengthSeconds": sum(
            piece.seconds for piece in pieces if piece.actual.value != "OFFLINE"
        ),
    }
    if scheduled:
        metrics["adherencePercentage"] = round(100 * (1 - missed / scheduled), 2)
    if planned_on_queue:
        metrics["conformancePercentage"] = round(100 * on_queue / planned_on_queue, 2)
    return metrics


def _offset(at: int, start: int) -> int:
    return at // SECOND - start // SECOND
