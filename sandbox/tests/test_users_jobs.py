"""Jobs of users: what they find, and how far they know."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tests import details_jobs
from tests.periods import JOBS, filters, flat, ordered, read, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clocks import Clock
    from tests.conftest import Client
    from tests.periods import Record


def submit(client: Client, *, fault: str | None = None, **body: Any) -> str:
    """Start a job; its path when it is no longer under way."""
    job = details_jobs.submit(client, JOBS, fault=fault, **body)
    details_jobs.wait(client, job)
    return job


def read_job(client: Client, **body: Any) -> list[Record]:
    """All that a job finds."""
    parts = details_jobs.pages(client, submit(client, **body))
    return [x for part in parts for x in flat(part.get("userDetails", []))]


def test_a_job_finds_what_the_query_finds(jobs: Client) -> None:
    """In pages of records, by cursor, each of them full."""
    parts = details_jobs.pages(jobs, submit(jobs), pageSize=300)
    sizes = [len(flat(part["userDetails"])) for part in parts]
    assert set(sizes[:-1]) == {300}
    found = [x for part in parts for x in flat(part["userDetails"])]
    assert ordered(found) == truth(jobs) == ordered(read(jobs))
    assert "cursor" not in parts[-1]
    assert set(parts[0]) == {"userDetails", "cursor", "dataAvailabilityDate"}
    whole = details_jobs.pages(jobs, submit(jobs), pageSize=5_000)
    assert len(flat(whole[0]["userDetails"])) == 1_000
    assert ordered(read_job(jobs, order="desc")) == ordered(found)
    assert read_job(jobs, limit=7, presenceFilters=filters("systemPresence", "MEAL"))
    assert len(read_job(jobs, limit=7)) == 7


def test_a_job_sees_statuses_as_they_were_at_its_watermark(
    jobs: Client, clock: Clock
) -> None:
    """What began later is missing, and what was open is open: without a word."""
    moment = datetime(2026, 3, 4, 10, tzinfo=timezone.utc)
    jobs.sandbox.users_watermark.hold(moment)
    found = ordered(read_job(jobs))
    complete = truth(jobs)
    clock.now = moment
    assert found == truth(jobs)
    assert len(found) < len(complete)
    assert sum("endTime" not in x for x in found) == 120
    (part,) = details_jobs.pages(
        jobs, submit(jobs, interval="2026-03-04T11:00:00Z/2026-03-05")
    )
    assert part == {"dataAvailabilityDate": "2026-03-04T10:00:00.000Z"}


def test_users_jobs_have_a_watermark_of_their_own(
    start: Callable[..., Client], clock: Clock
) -> None:
    """It may be ahead of that of conversations, or behind."""
    client = start(watermark_lag=21_600, user_watermark_lag=10_800)

    def shown(area: str) -> str:
        path = f"/api/v2/analytics/{area}/details/jobs/availability"
        date: str = client.ask("GET", path).json()["dataAvailabilityDate"]
        return date

    assert shown("conversations") == "2026-03-05T06:00:00.000Z"
    assert shown("users") == "2026-03-05T09:00:00.000Z"
    client.sandbox.users_watermark.hold(clock.now - timedelta(days=1))
    assert shown("users") == "2026-03-04T12:00:00.000Z"
    assert shown("conversations") == "2026-03-05T06:00:00.000Z"


def test_jobs_of_users_and_conversations_do_not_know_each_other(jobs: Client) -> None:
    """An id of one is nothing to the other; faults and rights concern both."""
    path = submit(jobs)
    other = path.replace("/users/", "/conversations/")
    assert jobs.ask("GET", other).status_code == 404
    assert (jobs.sandbox.users_jobs.submitted, jobs.sandbox.jobs.submitted) == (1, 0)
    failed = submit(jobs, fault="job-failed")
    assert jobs.ask("GET", failed).json()["state"] == "FAILED"
    assert jobs.ask("DELETE", path).status_code == 204
    assert jobs.ask("GET", path).status_code == 404
