"""How well agents kept to their schedules: what was planned, against what they did.

Offsets and lengths are whole seconds, as the API's are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
        return _offset(self.end, self.start)

    def offsets(self, begin: int) -> Document:
        """Return where it begins and ends, after the beginning of a result."""
        return {
            "startOffsetSeconds": _offset(self.start, begin),
            "endOffsetSeconds": _offset(self.end, begin),
        }

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
                lookup: presence_id for presence_id, lookup in self._lookups.items()
            },
        }

    @cached_property
    def _lookups(self) -> dict[str, str]:
        """Return the number that stands for each presence definition in a result."""
        definitions = presence_definitions(self.statuses.world.seed)
        return {each.id: str(place) for place, each in enumerate(definitions)}

    def _pieces(self, agent: int, start: int, end: int) -> Iterator[Piece]:
        plan = list(self.schedules.activities(agent, start, end))
        for status in self._statuses(agent, start, end, "primaryPresence"):
            first = max(status.start, start)
            last = end if status.end is None else min(status.end, end)
            edges = {first, last}
            edges |= {each.start for each in plan if first < each.start < last}
            edges |= {each.end for each in plan if first < each.end < last}
            for begin, following in pairwise(sorted(edges)):
                at = (each for each in plan if each.start <= begin < each.end)
                yield Piece(begin, following, next(at, None), status)

    def _statuses(self, agent: int, start: int, end: int, kind: str) -> list[Status]:
        periods = self.statuses.periods(agent, start, end)
        return [each for each in periods if each.kind == kind]

    def _exceptions(self, agent: int, pieces: Sequence[Piece]) -> Iterator[Document]:
        begin, end = pieces[0].start, pieces[-1].end
        routing = self._statuses(agent, begin, end, "routingStatus")
        by_system = presences_by_system(self.statuses.world.seed)
        for piece in pieces:
            if piece.planned is None or not piece.is_exception:
                continue
            status = next(x.value for x in reversed(routing) if x.start <= piece.start)
            yield {
                **piece.offsets(begin),
                "scheduledActivityCodeId": str(piece.planned.code),
                "scheduledActivityCategory": piece.planned.category,
                "scheduledSecondaryPresenceLookupIds": [
                    self._lookups[ids[0]]
                    for system, ids in by_system.items()
                    if _CATEGORIES[system] == piece.planned.category
                ],
                "actualActivityCategory": piece.category,
                "systemPresence": piece.actual.value.title().replace("_", ""),
                "routingStatus": status,
                "impact": piece.impact,
                "secondaryPresenceLookupId": self._lookup(piece),
            }

    def _actuals(self, pieces: Sequence[Piece]) -> Iterator[Document]:
        for piece in pieces:
            yield {
                "actualActivityCategory": piece.category,
                "actualSecondaryPresenceLookupId": self._lookup(piece),
                **piece.offsets(pieces[0].start),
            }

    def _lookup(self, piece: Piece) -> str:
        return self._lookups[piece.actual.organization_presence_id]


def _user(
    user_id: str, pieces: Sequence[Piece], days: Sequence[tuple[int, int]]
) -> Document:
    whole = _metrics(pieces)
    worse, better = (_missed(pieces, impact) for impact in ("Negative", "Positive"))
    percentages = ("adherencePercentage", "conformancePercentage")
    return {
        "userId": user_id,
        **{name: whole[name] for name in percentages if name in whole},
        "impact": (
            "Negative" if worse > better else "Positive" if better else "Neutral"
        ),
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


def _missed(pieces: Sequence[Piece], impact: str) -> int:
    return sum(x.seconds for x in pieces if x.is_exception and x.impact == impact)


def _metrics(pieces: Sequence[Piece]) -> Document:
    exceptions = [piece.seconds for piece in pieces if piece.is_exception]
    planned = [(x.planned.category, x.seconds) for x in pieces if x.planned]
    scheduled = sum(seconds for _category, seconds in planned)
    planned_on_queue = sum(seconds for x, seconds in planned if x == _ON_QUEUE)
    on_queue = sum(piece.seconds for piece in pieces if piece.category == _ON_QUEUE)
    metrics: Document = {
        "adherenceScheduleSeconds": scheduled,
        "conformanceScheduleSeconds": planned_on_queue,
        "conformanceActualSeconds": on_queue,
        "exceptionCount": len(exceptions),
        "exceptionDurationSeconds": sum(exceptions),
        "impactSeconds": _missed(pieces, "Negative"),
        "scheduleLengthSeconds": scheduled,
        "actualLengthSeconds": sum(
            piece.seconds for piece in pieces if piece.actual.value != "OFFLINE"
        ),
    }
    if scheduled:
        share = 1 - sum(exceptions) / scheduled
        metrics["adherencePercentage"] = round(100 * share, 2)
    if planned_on_queue:
        metrics["conformancePercentage"] = round(100 * on_queue / planned_on_queue, 2)
    return metrics


def _offset(at: int, start: int) -> int:
    return at // SECOND - start // SECOND
