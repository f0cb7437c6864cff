"""Periods of users, of the details query and from the world itself."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conftest import Client

Record = dict[str, Any]
QUERY = "/api/v2/analytics/users/details/query"

JOBS = "/api/v2/analytics/users/details/jobs"

KINDS = ("primaryPresence", "routingStatus")

FOURTH = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"


def moments(interval: str) -> tuple[datetime, datetime]:
    """Start and end of an interval."""
    start, end = (
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        for text in interval.split("/")
    )
    return start, end


def flat(users: list[dict[str, Any]]) -> list[Record]:
    """The records of users, each with its user and its kind."""
    return [
        {"userId": user["userId"], "kind": kind, **record}
        for user in users
        for kind in KINDS
        for record in user.get(kind, ())
    ]


def ordered(records: list[Record]) -> list[Record]:
    """By start, user and kind."""
    return sorted(records, key=lambda x: (x["startTime"], x["userId"], x["kind"]))


def pages(client: Client, size: int = 100, **body: Any) -> list[dict[str, Any]]:
    """The pages of a query up to the first that is past the end."""
    found: list[dict[str, Any]] = []
    for number in count(1):
        paging = {"pageSize": size, "pageNumber": number}
        answer = client.ask(
            "POST", QUERY, json={"interval": FOURTH, "paging": paging, **body}
        )
        assert answer.status_code == 200, answer.text
        if not answer.json():
            break
        found.append(answer.json())
    return found


def read(client: Client, **body: Any) -> list[Record]:
    """All that a query finds."""
    return [x for page in pages(client, **body) for x in flat(page["userDetails"])]


def truth(client: Client, interval: str = FOURTH) -> list[Record]:
    """What there is."""
    return client.sandbox.statuses(*moments(interval))


def filters(dimension: str, *values: str) -> list[dict[str, Any]]:
    """One filter: any of the values."""
    predicates = [{"dimension": dimension, "value": value} for value in values]
    return [{"type": "or", "predicates": predicates}]
