"""What aggregates must be, counted from the world's own documents."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from genesys_cloud_sandbox.server import Sandbox
    from tests.conftest import Client


Cell = tuple[tuple[tuple[str, str], ...], str, str, str]
Counted = tuple[dict[str, Any], str, str, float]
FOURTH = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"

TODAY = "2026-03-05T00:00:00.000Z/2026-03-06T00:00:00.000Z"

LATE = datetime(2026, 5, 20, tzinfo=timezone.utc)

WHOLE_DAY = 86_400_000


def ask(client: Client, family: str, **body: Any) -> Any:
    """Ask a family's aggregates; the interval is 4 March unless given."""
    path = f"/api/v2/analytics/{family}/aggregates/query"
    return client.ask("POST", path, json={"interval": FOURTH, **body})


def cells(client: Client, family: str, **body: Any) -> dict[Cell, dict[str, Any]]:
    """The statistics of an answer, each under what tells it from the others."""
    answer = ask(client, family, **body)
    assert answer.status_code == 200, answer.text
    found: dict[Cell, dict[str, Any]] = {}
    for result in answer.json().get("results", ()):
        group = tuple(sorted(result["group"].items()))
        for data in result["data"]:
            start = data["interval"].partition("/")[0]
            for metric in data["metrics"]:
                key = (group, start, metric["metric"], metric.get("qualifier", ""))
                assert key not in found
                found[key] = metric["stats"]
    return found


def truth(client: Client, days_before: int) -> list[dict[str, Any]]:
    """The conversations that 4 and 5 March can have something from."""
    now = client.sandbox.options.clock()
    return list(_told(client.sandbox, now, days_before))


@lru_cache(maxsize=2)
def _told(
    sandbox: Sandbox, _now: datetime, days_before: int
) -> tuple[dict[str, Any], ...]:
    last = datetime(2026, 3, 6, tzinfo=timezone.utc).date()
    return tuple(sandbox.truth(last - timedelta(days=days_before + 2), last))


def expected(
    counted: Iterable[Counted], metrics: Iterable[str], bucket: Callable[[str], str]
) -> dict[Cell, dict[str, Any]]:
    """What the statistics of these are, worked out one by one."""
    values: dict[Cell, list[tuple[str, float]]] = defaultdict(list)
    for group, moment, metric, value in counted:
        if metric in metrics:
            known = {k: v for k, v in group.items() if v is not None}
            key = (tuple(sorted(known.items())), bucket(moment), metric, "")
            values[key].append((moment, value))
    return {key: statistics(key[2], sorted(found)) for key, found in values.items()}


def statistics(metric: str, found: list[tuple[str, float]]) -> dict[str, Any]:
    """Of one metric."""
    values = [value for _, value in found]
    if metric == "oServiceTarget":
        return {"current": values[-1]}
    if metric == "oServiceLevel":
        return {
            "ratio": sum(values) / len(values),
            "numerator": sum(values),
            "denominator": len(values),
            "target": 0.8,
        }
    if metric[0] == "n":
        return {"count": sum(values)}
    return {
        "count": len(values),
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
    }


def half_hour(moment: str) -> str:
    """The start of the half hour that a moment lies in."""
    return f"{moment[:14]}{'00' if moment[14:16] < '30' else '30'}:00.000Z"


def whole_day(moment: str) -> str:
    """The midnight before a moment."""
    return f"{moment[:10]}T00:00:00.000Z"


def session_metrics(client: Client, interval: str) -> Iterator[Counted]:
    """Each session's metrics in an interval, by queue and media type."""
    start, end = interval.split("/")
    for document in truth(client, 12):
        for participant in document["participants"]:
            for session in participant["sessions"]:
                queues = [x["queueId"] for x in session["segments"] if "queueId" in x]
                group = {
                    "queueId": queues[0] if queues else None,
                    "mediaType": session["mediaType"],
                    "userId": participant.get("userId"),
                    "purpose": participant["purpose"],
                }
                for metric in session.get("metrics", ()):
                    if start <= metric["emitDate"] < end:
                        yield group, metric["emitDate"], metric["name"], metric["value"]


def only(counted: Iterable[Counted], *names: str) -> Iterator[Counted]:
    """With a group of these dimensions alone."""
    for group, moment, metric, value in counted:
        yield {name: group[name] for name in names}, moment, metric, value
