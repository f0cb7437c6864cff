"""User details: pages and results of status records, spread over users and days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOON, Client
from tests.periods import (
    FOURTH,
    KINDS,
    QUERY,
    filters,
    flat,
    ordered,
    pages,
    read,
    truth,
)
from tests.test_users_jobs import read_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock


@pytest.mark.parametrize(
    "interval",
    [
        FOURTH,
        "2026-03-04T09:30:00.000Z/2026-03-04T09:45:00.000Z",
        "2026-03-03T06:00:00.000Z/2026-03-05T18:00:00.000Z",
    ],
)
def test_all_pages_hold_what_overlaps_once(client: Client, interval: str) -> None:
    """With its own start and end, also beyond the interval's."""
    found = read(client, interval=interval)
    assert ordered(found) == truth(client, interval)
    start, end = interval.split("/")
    assert any(x["startTime"] < start for x in found)
    assert any(x.get("endTime", "~") > end for x in found)
    assert all(x["startTime"] < end and x.get("endTime", "~") > start for x in found)


def test_records_count_once_for_each_day_and_are_shown_once(client: Client) -> None:
    """So pages hold fewer than was asked for, although more follow."""
    interval = "2026-03-03T00:00:00.000Z/2026-03-05T00:00:00.000Z"
    found = pages(client, 80, interval=interval)
    shown = [len(flat(page["userDetails"])) for page in found]
    assert any(size < 80 for size in shown[:-1])
    (total,) = {page["totalHits"] for page in found}
    assert len(found) == -(-total // 80)
    days = [f"2026-03-0{day}T00:00:00.000Z" for day in (3, 4, 5)]
    touched = sum(
        x["startTime"] < end and x.get("endTime", "~") > start
        for x in truth(client, interval)
        for start, end in pairwise(days)
    )
    assert total == touched > sum(shown)


def test_a_user_comes_on_several_pages_and_once_on_each(client: Client) -> None:
    """Members without records are left out."""
    found = pages(client, 40)
    ids = [[user["userId"] for user in page["userDetails"]] for page in found]
    assert all(len(set(page)) == len(page) for page in ids)
    assert len({x for page in ids for x in page}) < sum(map(len, ids))
    users = [user for page in found for user in page["userDetails"]]
    assert {tuple(sorted(set(user) - {"userId"})) for user in users} == {
        ("primaryPresence",), ("routingStatus",), KINDS,
    }  # fmt: skip
    assert all(user[kind] for user in users for kind in KINDS if kind in user)


def test_a_page_of_redundant_entries_has_only_the_total(client: Client) -> None:
    """More pages follow it."""
    interval = "2026-03-02T00:00:00.000Z/2026-03-05T00:00:00.000Z"
    paging = [{"pageSize": 1, "pageNumber": number} for number in range(1, 13)]
    answers = [
        client.ask("POST", QUERY, json={"interval": interval, "paging": x}).json()
        for x in paging
    ]
    empty = ["userDetails" not in answer for answer in answers]
    assert any(before and not after for before, after in pairwise(empty))
    assert all(answer["totalHits"] > 12 for answer in answers)


def test_descending_is_the_reverse(client: Client) -> None:
    """Over all pages."""
    rising, falling = pages(client), pages(client, order="desc")
    last = flat(falling[-1]["userDetails"])
    assert ordered(last) == ordered(flat(rising[0]["userDetails"]))[: len(last)]
    found = [x for page in falling for x in flat(page["userDetails"])]
    assert ordered(found) == truth(client)


def test_what_is_open_has_no_end(client: Client, clock: Clock) -> None:
    """Until it ends; what begins later is not there yet."""
    today = "2026-03-05T00:00:00.000Z/2026-03-06T00:00:00.000Z"
    before = truth(client, today)
    assert ordered(read(client, interval=today)) == before
    opened = [x for x in before if "endTime" not in x]
    assert len(opened) == 120
    clock.advance(hours=3)
    after = read(client, interval=today)
    assert len(after) > len(before)
    ends = {(x["userId"], x["kind"], x["startTime"]): x.get("endTime") for x in after}
    closed = [ends[x["userId"], x["kind"], x["startTime"]] for x in opened]
    assert any(closed)
    assert all(x is None or x > "2026-03-05T12:00:00.000Z" for x in closed)


@pytest.mark.parametrize("form", ["empty-object", "total-zero", "total", "empty-list"])
def test_past_the_end_each_form_is_answered(
    start: Callable[..., Client], form: str
) -> None:
    """As by the details query for conversations."""
    client = start(past_the_end=form)
    paging = {"pageSize": 100, "pageNumber": 900}
    body = {"interval": FOURTH, "paging": paging}
    answer = client.ask("POST", QUERY, json=body).json()
    first = client.ask("POST", QUERY, json={"interval": FOURTH}).json()
    assert len(flat(first["userDetails"])) == 25
    assert (
        answer
        == {
            "empty-object": {},
            "total-zero": {"totalHits": 0},
            "total": {"totalHits": first["totalHits"]},
            "empty-list": {"totalHits": first["totalHits"], "userDetails": []},
        }[form]
    )


def test_filters_apply(client: Client) -> None:
    """By user, by presence, by routing status; one kind's leave the other kind out."""
    everything = truth(client)
    users = [everything[0]["userId"], everything[-1]["userId"]]
    found = read(client, userFilters=filters("userId", *users))
    assert ordered(found) == [x for x in everything if x["userId"] in users]
    meals = read(client, presenceFilters=filters("systemPresence", "MEAL"))
    assert ordered(meals) == [
        x for x in everything if x.get("systemPresence") == "MEAL"
    ]
    assert meals
    presence = meals[0]["organizationPresenceId"]
    chosen = read(client, presenceFilters=filters("organizationPresenceId", presence))
    assert {x["organizationPresenceId"] for x in chosen} == {presence}
    both = read(
        client,
        presenceFilters=filters("systemPresence", "BREAK"),
        routingStatusFilters=filters("routingStatus", "NOT_RESPONDING"),
        userFilters=filters("userId", *(x["userId"] for x in everything)),
    )
    assert {x.get("systemPresence") or x["routingStatus"] for x in both} == {
        "BREAK", "NOT_RESPONDING",
    }  # fmt: skip


def test_what_lasts_all_through_may_be_hidden(start: Callable[..., Client]) -> None:
    """The other reading, by a switch; jobs have it all the same."""
    client = start(hide_spanning_statuses=True, job_seconds=0)
    client.sandbox.users_watermark.hold(NOON)
    interval = "2026-03-04T09:30:00.000Z/2026-03-04T09:45:00.000Z"
    begin, end = interval.split("/")
    everything = truth(client, interval)
    spans = [
        x for x in everything if x["startTime"] < begin and x.get("endTime", "~") >= end
    ]
    assert spans
    found = ordered(read(client, interval=interval))
    assert found == [x for x in everything if x not in spans]
    assert found
    assert ordered(read_job(client, interval=interval)) == everything
