"""Segments and the metrics that agree with them, both made from one list of phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from genesys_cloud_sandbox.world.times import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Document = dict[str, Any]
#: A segment type and its length in milliseconds.
Phase = tuple[str, int]

_DURATIONS = {
    "alert": "tAlert",
    "barging": "tBarging",
    "coaching": "tCoaching",
    "contacting": "tContacting",
    "dialing": "tDialing",
    "hold": "tHeld",
    "interact": "tTalk",
    "ivr": "tIvr",
    "monitoring": "tMonitoring",
    "parked": "tPark",
    "screenmonitoring": "tScreenMonitoring",
    "transmitting": "tTransmitting",
    "voicemail": "tVoicemail",
    "wrapup": "tAcw",
}
_COMPLETED = ("tTalk", "tHeld", "tPark", "tMonitoring", "tCoaching")


class Timeline(NamedTuple):
    """What happened in a session, one phase after the other."""

    segments: list[Document]
    metrics: list[Document]
    end: int
    #: Milliseconds per duration metric.
    totals: dict[str, int]


def metric(name: str, value: int, at: int) -> Document:
    """Return a session metric: milliseconds for t…, a count for n… and o…."""
    return {"name": name, "value": value, "emitDate": stamp(at)}


def segment(kind: str, start: int, end: int, **fields: object) -> Document:
    """Return a conversation segment."""
    begun, ended = stamp(start), stamp(end)
    return {"segmentType": kind, "segmentStart": begun, "segmentEnd": ended, **fields}


def timeline(
    phases: Iterable[Phase],
    at: int,
    *,
    measured: bool = True,
    disconnect: str | None = None,
    **fields: object,
) -> Timeline:
    """Lay phases end to end from an instant; `fields` go on every segment.

    `measured`: emit the duration metric of each phase, as sessions of agents do.
    """
    segments: list[Document] = []
    metrics: list[Document] = []
    totals: dict[str, int] = {}
    begun = stamp(at)
    for kind, length in phases:
        at += length
        ended = stamp(at)
        segments.append(
            {"segmentType": kind, "segmentStart": begun, "segmentEnd": ended, **fields}
        )
        name = _DURATIONS.get(kind) if measured else None
        if name:
            metrics.append({"name": name, "value": length, "emitDate": ended})
            totals[name] = totals.get(name, 0) + length
        begun = ended
    if disconnect and segments:
        segments[-1]["disconnectType"] = disconnect
    return Timeline(segments, metrics, at, totals)


def sessions(document: Document) -> Iterator[tuple[Document, Document]]:
    """Yield a conversation's sessions, each after its participant."""
    for participant in document["participants"]:
        for session in participant["sessions"]:
            yield participant, session


def completed(line: Timeline) -> list[Document]:
    """Return the totals of a session when its last phase ends (tTalkComplete, …)."""
    return [
        metric(f"{name}Complete", line.totals[name], line.end)
        for name in _COMPLETED
        if name in line.totals
    ]
