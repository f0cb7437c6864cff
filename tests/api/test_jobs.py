"""Details jobs: waited for with patience, read to the end, deleted in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.api.endless import MOST_EMPTY
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.jobs import (
    RESULTS_GRACE,
    AnalyticsJobs,
    ResultsExpiredError,
)
from tap_genesys_analytics.api.polling import (
    FIRST_POLL,
    JOB_TIMEOUT,
    LOG_INTERVAL,
    LONGEST_POLL,
    MAX_SUBMISSIONS,
    JobFailedError,
    Polling,
)
from tap_genesys_analytics.records.raw_documents import decode_document
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import RawDocument

SUBMITTED = Reply({"jobId": "job-1"}, 202)
PENDING = Reply({"state": "PENDING"}, 202)
DONE = Reply({"state": "FULFILLED"})
DELETED = Reply(b"", 204)
GONE = Reply({"code": "not.found", "message": "no such job", "status": 404}, 404)


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return what time it is."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """Give a clock that a test can look at."""
    return Clock()


def polling(clock: Clock) -> Polling:
    """Return polling by a clock that a test can look at."""
    return Polling(clock=clock, sleep=clock.sleep)


@pytest.fixture
def read(client: GenesysClient, clock: Clock) -> Callable[[], list[Any]]:
    """Give a function that reads a job's records, page by page; the first is empty."""
    jobs = AnalyticsJobs(client, "/jobs", page_size=7, polling=polling(clock))
    return lambda: documents(jobs.pages({"interval": "x"}, "conversations"))


def documents(pages: Iterable[list[RawDocument]]) -> list[list[Any]]:
    """Return the documents of pages, page by page."""
    return [[decode_document(item) for item in page] for page in pages]


def page(*ids: int, cursor: str | None = None) -> Reply:
    """Return a page of results."""
    body: dict[str, Any] = {"conversations": [{"id": each} for each in ids]}
    return Reply(body if cursor is None else {**body, "cursor": cursor})


def asked(genesys: ScriptedGenesys) -> list[str]:
    """Return the requests, without their host."""
    return [f"{request.method} {request.path}" for request in genesys.requests]


def test_a_job_is_submitted_waited_for_read_and_deleted(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """Page by page, until a page has no cursor."""
    genesys.replies(
        SUBMITTED, PENDING, DONE, page(1, 2, cursor="c/1"), page(3), DELETED
    )
    assert read() == [[], [{"id": 1}, {"id": 2}], [{"id": 3}]]
    assert asked(genesys) == [
        "POST /jobs",
        "GET /jobs/job-1",
        "GET /jobs/job-1",
        "GET /jobs/job-1/results?pageSize=7",
        "GET /jobs/job-1/results?pageSize=7&cursor=c%2F1",
        "DELETE /jobs/job-1",
    ]


def test_an_empty_job_answers_without_records(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """The key is absent where there is nothing."""
    genesys.replies(SUBMITTED, DONE, Reply({}), DELETED)
    assert read() == [[], []]


def test_waits_grow_to_a_ceiling_and_end_in_a_time_out(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]], clock: Clock
) -> None:
    """The error names the job and its state; the job is deleted."""
    genesys.replies(SUBMITTED, PENDING)
    with pytest.raises(JobFailedError, match="job-1 is still PENDING after 30"):
        read()
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[0] < clock.slept[1]
    assert clock.slept[-1] == LONGEST_POLL
    assert JOB_TIMEOUT <= clock.now <= JOB_TIMEOUT + LONGEST_POLL
    assert asked(genesys)[-1] == "DELETE /jobs/job-1"


def test_a_job_that_is_waited_for_is_told_of_every_few_minutes(
    genesys: ScriptedGenesys,
    read: Callable[[], list[Any]],
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With its state, and how long it has been waited for."""
    caplog.set_level("INFO", "tap-genesys")
    genesys.replies(SUBMITTED, PENDING)
    with pytest.raises(JobFailedError):
        read()
    told = [text for text in caplog.messages if "has been waited for" in text]
    assert told[0] == "job job-1 is PENDING, and has been waited for for 3 minutes."
    assert clock.now / LOG_INTERVAL - 2 < len(told) <= clock.now / LOG_INTERVAL


def test_a_job_is_waited_for_as_long_as_the_settings_say(
    genesys: ScriptedGenesys, client: GenesysClient, clock: Clock
) -> None:
    """And named with the minutes that it has been."""
    patient = Polling(120, clock=clock, sleep=clock.sleep)
    jobs = AnalyticsJobs(client, "/jobs", polling=patient)
    genesys.replies(SUBMITTED, PENDING)
    with pytest.raises(JobFailedError, match=r"after 2 minutes: .* job_timeout"):
        documents(jobs.pages({"interval": "x"}, "conversations"))
    assert 120 < clock.now <= 120 + LONGEST_POLL


@pytest.mark.parametrize(("state", "jobs"), [("FAILED", 2), ("CANCELLED", 1)])
def test_a_job_that_fails_tells_why(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]], state: str, jobs: int
) -> None:
    """With Genesys' own message; one that failed by itself is tried once more."""
    ended = Reply({"state": state, "errorMessage": "Too much."})
    genesys.replies(*(SUBMITTED, ended, DELETED) * jobs)
    with pytest.raises(JobFailedError, match=f"job-1 ended as {state}: Too much."):
        read()
    assert asked(genesys).count("POST /jobs") == jobs
    assert asked(genesys)[-1] == "DELETE /jobs/job-1"


def test_a_job_that_fails_once_is_run_again(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """As one whose results have expired."""
    genesys.replies(
        *(SUBMITTED, Reply({"state": "FAILED"}), DELETED),
        *(SUBMITTED, DONE, page(1), DELETED),
    )
    assert read() == [[], [{"id": 1}]]


@pytest.mark.usefixtures("sleeps")
def test_one_job_too_many_waits_until_another_of_ours_has_ended(
    genesys: ScriptedGenesys, client: GenesysClient, clock: Clock
) -> None:
    """Organisations may run few at a time; what is open is read all the same."""
    client.retries.max_tries = 1
    jobs = AnalyticsJobs(client, "/jobs", page_size=7, polling=polling(clock))
    second = Reply({"jobId": "job-2"}, 202)
    refused = Reply({}, 429)
    genesys.replies(
        *(SUBMITTED, DONE),
        *(refused, refused, second, DONE, page(2), DELETED),
        *(page(1), DELETED),
    )
    first = jobs.pages({"interval": "x"}, "conversations")
    assert next(first) == []
    second_pages = jobs.pages({"interval": "y"}, "conversations")
    assert documents(second_pages) == [[], [{"id": 2}]]
    assert clock.slept == [LONGEST_POLL, LONGEST_POLL]
    assert documents(first) == [[{"id": 1}]]


@pytest.mark.usefixtures("sleeps")
def test_one_job_too_many_is_an_error_where_none_of_ours_is_open(
    genesys: ScriptedGenesys, client: GenesysClient, clock: Clock
) -> None:
    """Those of others may run for hours: nothing that a run could wait for."""
    client.retries.max_tries = 1
    jobs = AnalyticsJobs(client, "/jobs", page_size=7, polling=polling(clock))
    genesys.replies(Reply({}, 429))
    with pytest.raises(ApiError) as caught:
        next(jobs.pages({"interval": "x"}, "conversations"))
    assert caught.value.status == 429
    assert clock.slept == []


def test_results_that_lag_behind_the_state_are_waited_for(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """A short 404 after FULFILLED is no loss."""
    genesys.replies(SUBMITTED, DONE, GONE, DONE, GONE, DONE, page(1), DELETED)
    assert read() == [[], [{"id": 1}]]


@pytest.mark.parametrize(
    "after", [Reply({"state": "EXPIRED"}), GONE], ids=["expired", "forgotten"]
)
def test_results_that_expire_are_asked_for_by_a_new_job(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]], after: Reply
) -> None:
    """From the first page on: records may come twice, none is missing."""
    genesys.replies(
        *(SUBMITTED, DONE, page(1, cursor="c"), GONE, after, DELETED),
        *(SUBMITTED, DONE, page(1, cursor="c"), page(2), DELETED),
    )
    assert read() == [[], [{"id": 1}], [], [{"id": 1}], [{"id": 2}]]


def test_results_that_always_expire_are_an_error_in_the_end(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """A few jobs are enough."""
    once = (SUBMITTED, Reply({"state": "EXPIRED"}), DELETED)
    genesys.replies(*once * MAX_SUBMISSIONS)
    with pytest.raises(ResultsExpiredError):
        read()
    assert asked(genesys).count("POST /jobs") == MAX_SUBMISSIONS


def test_results_that_never_come_are_given_up(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]], clock: Clock
) -> None:
    """Not after the first 404, and not never."""
    looks = int(RESULTS_GRACE / FIRST_POLL) + 2
    once = [SUBMITTED, DONE, *[GONE, DONE] * looks, DELETED]
    genesys.replies(*once * MAX_SUBMISSIONS)
    with pytest.raises(ResultsExpiredError, match="its results are missing"):
        read()
    assert len(genesys.requests) == len(once) * MAX_SUBMISSIONS
    assert clock.now > RESULTS_GRACE * MAX_SUBMISSIONS


def test_a_cursor_that_does_not_move_is_no_endless_loop(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """The same cursor again is an error."""
    genesys.replies(SUBMITTED, DONE, page(1, cursor="c"), page(2, cursor="c"), DELETED)
    with pytest.raises(JobFailedError, match="same cursor"):
        read()


def test_cursors_that_go_in_a_circle_are_no_endless_loop(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """A cursor that was named before is an error, however long ago."""
    pages = (page(1, cursor="a"), page(2, cursor="b"), page(3, cursor="a"))
    genesys.replies(SUBMITTED, DONE, *pages, DELETED)
    with pytest.raises(JobFailedError, match="job-1 answers the same cursor again"):
        read()


def test_results_that_are_empty_and_go_on_for_ever_are_an_error(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """After more pages than a client without permission would meet."""
    pages = [page(cursor=f"c{number}") for number in range(MOST_EMPTY + 1)]
    genesys.replies(SUBMITTED, DONE, *pages, DELETED)
    with pytest.raises(JobFailedError, match=f"{MOST_EMPTY + 1} empty pages in a row"):
        read()


@pytest.mark.parametrize(
    "failure", [Reply(drop=True), Reply(b"oops", 500)], ids=["drop", "500"]
)
def test_a_job_that_cannot_be_deleted_does_not_fail_the_run(
    genesys: ScriptedGenesys,
    read: Callable[[], list[Any]],
    caplog: pytest.LogCaptureFixture,
    failure: Reply,
) -> None:
    """It is logged: Genesys forgets the job by itself."""
    genesys.replies(SUBMITTED, DONE, page(1), failure)
    assert read() == [[], [{"id": 1}]]
    assert "DELETE /jobs/job-1" in caplog.text
