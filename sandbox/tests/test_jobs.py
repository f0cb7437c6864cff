"""Details jobs: their states and results, and what the datalake does not have yet."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOON, Client
from tests.details_jobs import (
    JOBS,
    Conversation,
    ids,
    pages,
    read,
    submit,
    wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock


MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)


def truth(client: Client, first: int, last: int) -> list[Conversation]:
    """What there is, from one day counted from 1 March to before another."""
    days = (MARCH + timedelta(days=day - 1) for day in (first, last))
    begin, end = (day.date() for day in days)
    return list(client.sandbox.truth(begin, end, attributes=True))


def over(conversation: Conversation) -> str:
    """When its last segment ended; one that is running ends last."""
    ends: list[str] = [
        segment.get("segmentEnd", "~")
        for participant in conversation["participants"]
        for session in participant["sessions"]
        for segment in session["segments"]
    ]
    ends.append(conversation.get("conversationEnd", "~"))
    return max(ends)


def alive(client: Client, start: str, end: str) -> list[Conversation]:
    """What lived in an interval, told from the whole truth."""
    return [
        x
        for x in truth(client, -12, 7)
        if x["conversationStart"] < end
        and (x["conversationStart"] >= start or over(x) > start)
    ]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-03-04T00:00:00.000Z", "2026-03-05T00:00:00.000Z"),
        ("2026-03-04T09:30:00.000Z", "2026-03-04T10:30:00.000Z"),
        ("2026-03-02T06:00:00.000Z", "2026-03-05T18:00:00.000Z"),
    ],
)
def test_a_job_finds_all_that_lived_in_its_interval(
    jobs: Client, begin: str, end: str
) -> None:
    """However long ago it started: mails of days before are among it."""
    found = read(jobs, interval=f"{begin}/{end}")
    assert found == alive(jobs, begin, end)
    before = [x for x in found if x["conversationStart"] < begin[:10]]
    assert any(
        x["conversationStart"] < "2026-03-01"
        and x["participants"][0]["sessions"][0]["mediaType"] == "email"
        for x in before
    )
    assert len(set(ids(found))) == len(found)


def test_start_of_day_matching_leaves_older_ones_out(jobs: Client) -> None:
    """The cut is 00:00 UTC of the day in which the interval starts."""
    interval = "2026-03-04T09:30:00.000Z/2026-03-04T10:30:00.000Z"
    found = read(jobs, interval=interval, startOfDayIntervalMatching=True)
    expected = alive(jobs, *interval.split("/"))
    assert found == [x for x in expected if x["conversationStart"] >= "2026-03-04"]
    assert 0 < len(found) < len(expected)
    assert found[0]["conversationStart"] < "2026-03-04T09:30"


def test_what_starts_after_the_watermark_is_silently_missing(
    jobs: Client, clock: Clock
) -> None:
    """And so is the tail of what goes on: fulfilled, without a word."""
    moment = datetime(2026, 3, 4, 10, tzinfo=timezone.utc)
    jobs.sandbox.watermark.hold(moment)
    job = submit(jobs)
    assert set(wait(jobs, job)) == {
        "state", "submissionDate", "completionDate", "expirationDate",
    }  # fmt: skip
    (page,) = pages(jobs, job)
    assert page["dataAvailabilityDate"] == "2026-03-04T10:00:00.000Z"
    clock.now = moment
    start, end = "2026-03-04T00:00:00.000Z", "2026-03-05T00:00:00.000Z"
    assert page["conversations"] == alive(jobs, start, end)
    clock.now = NOON
    complete = {x["conversationId"]: x for x in alive(jobs, start, end)}
    assert len(page["conversations"]) < len(complete)
    assert any(complete[x["conversationId"]] != x for x in page["conversations"])


def test_late_changes_are_there_once_the_watermark_has_passed_them(
    jobs: Client, clock: Clock
) -> None:
    """Evaluations, surveys, and the corrections of the nightly run."""
    young = read(jobs)
    clock.advance(days=25)
    jobs.sandbox.watermark.hold(clock.now)
    old = read(jobs)
    assert old == alive(jobs, "2026-03-04T00:00:00.000Z", "2026-03-05T00:00:00.000Z")
    assert sum("surveys" in x for x in old) > sum("surveys" in x for x in young)
    assert sum("evaluations" in x for x in old) > 0


def test_the_watermark_follows_the_clock_in_steps(
    start: Callable[..., Client], clock: Clock
) -> None:
    """Six hours behind, from hour to hour; a test may hold it and let it go."""
    client = start()

    def shown() -> str:
        answer = client.ask("GET", f"{JOBS}/availability")
        assert set(answer.json()) == {"dataAvailabilityDate"}
        date: str = answer.json()["dataAvailabilityDate"]
        return date

    assert shown() == "2026-03-05T06:00:00.000Z"
    clock.advance(minutes=59)
    assert shown() == "2026-03-05T06:00:00.000Z"
    clock.advance(minutes=1)
    assert shown() == "2026-03-05T07:00:00.000Z"
    client.sandbox.watermark.hold(MARCH)
    clock.advance(hours=5)
    assert shown() == "2026-03-01T00:00:00.000Z"
    client.sandbox.watermark.release()
    assert shown() == "2026-03-05T12:00:00.000Z"


def test_attributes_are_there_and_cut(start: Callable[..., Client]) -> None:
    """Keys and values at 1,024 characters; the query has none of them."""
    client = start(conversations_per_day=1_000, watermark_lag=0)
    found = read(client)
    attributes = [
        p["attributes"] for x in found for p in x["participants"] if "attributes" in p
    ]
    assert {"customerTier", "orderNumber"} <= set(attributes[0])
    keys = {len(key) for item in attributes for key in item}
    values = {len(value) for item in attributes for value in item.values()}
    assert max(keys) == max(values) == 1_024
    queried = client.all()
    assert not any("attributes" in p for x in queried for p in x["participants"])


def test_results_come_in_pages_that_do_not_shift(
    start: Callable[..., Client], clock: Clock
) -> None:
    """By cursor, 1,000 at most; the last page has none, and time changes nothing."""
    jobs = start(job_seconds=0, conversations_per_day=300)
    interval = "2026-03-01T00:00:00Z/2026-03-06T00:00:00Z"
    job = submit(jobs, interval=interval)
    wait(jobs, job)
    small = pages(jobs, job, pageSize=400)
    assert [len(page["conversations"]) for page in small][:3] == [400] * 3
    clock.advance(days=30)
    jobs.sandbox.watermark.hold(clock.now)
    large = pages(jobs, job, pageSize=5_000)
    assert len(large[0]["conversations"]) == 1_000
    assert set(large[-1]) == {"conversations", "dataAvailabilityDate"}
    assert [x for page in large for x in page["conversations"]] == [
        x for page in small for x in page["conversations"]
    ]
    default = jobs.ask("GET", f"{job}/results").json()
    assert len(default["conversations"]) == 1_000


def test_an_empty_job_has_no_conversations(jobs: Client) -> None:
    """Not even an empty list."""
    job = submit(
        jobs,
        segmentFilters=[
            {"type": "and", "predicates": [{"dimension": "mediaType", "value": "x"}]}
        ],
    )
    wait(jobs, job)
    (page,) = pages(jobs, job)
    assert set(page) == {"dataAvailabilityDate"}


def test_a_job_past_the_watermark_finds_only_what_went_on_there(jobs: Client) -> None:
    """As far as is known it goes on still; nothing that starts later is known."""
    found = read(jobs, interval="2026-06-01T00:00:00Z/2026-06-02T00:00:00Z")
    going_on = [x for x in truth(jobs, -12, 6) if over(x) == "~"]
    assert ids(found) == ids(going_on)
    assert found


def test_filters_order_and_limit_apply(jobs: Client) -> None:
    """As in the query."""
    everything = read(jobs)
    emails = read(
        jobs,
        segmentFilters=[
            {
                "type": "and",
                "predicates": [{"dimension": "mediaType", "value": "email"}],
            }
        ],
    )
    assert 0 < len(emails) < len(everything)
    assert set(ids(emails)) < set(ids(everything))
    assert read(jobs, order="desc") == everything[::-1]
    assert read(jobs, limit=7) == everything[:7]
    ends = [
        x.get("conversationEnd", "~") for x in read(jobs, orderBy="conversationEnd")
    ]
    assert ends == sorted(ends)
    assert len(ends) == len(everything)
