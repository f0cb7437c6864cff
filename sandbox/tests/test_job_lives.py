"""How jobs begin, end, fail and are forgotten."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.faults import Fault
from tests.details_jobs import DAY, JOBS, pages, status, submit, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.conftest import Client


def test_a_job_is_queued_then_pending_then_fulfilled(
    start: Callable[..., Client],
) -> None:
    """202 while it is under way, 200 then; dates as far as there are any."""
    client = start(job_seconds=0.4, results_delay=0.2)
    job = submit(client)
    seen: list[tuple[int, str]] = []
    while not seen or seen[-1][1] != "FULFILLED":
        answer = client.ask("GET", job)
        state = (answer.status_code, answer.json()["state"])
        if state not in seen:
            seen.append(state)
        assert ("completionDate" in answer.json()) == (state[1] == "FULFILLED")
        assert "errorMessage" not in answer.json()
        if state[0] == 202:
            early = client.ask("GET", f"{job}/results")
            assert early.status_code == 404
    assert seen == [(202, "QUEUED"), (202, "PENDING"), (200, "FULFILLED")]
    done = status(client, job)
    assert done["submissionDate"] == "2026-03-05T12:00:00.000Z"
    assert done["submissionDate"] < done["completionDate"] < done["expirationDate"]
    assert client.ask("GET", f"{job}/results").status_code == 404
    time.sleep(0.2)
    assert pages(client, job)


def test_a_deleted_job_is_gone(jobs: Client) -> None:
    """And so are its results; nothing else is."""
    one, two = submit(jobs), submit(jobs)
    wait(jobs, one)
    assert [f"{JOBS}/{job}" for job in jobs.sandbox.jobs.open] == [one, two]
    deleted = jobs.ask("DELETE", one)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/results")]:
        answer = jobs.ask(method, f"{one}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not.found")
    assert [f"{JOBS}/{job}" for job in jobs.sandbox.jobs.open] == [two]
    assert jobs.sandbox.jobs.submitted == 2


def test_a_wrong_cursor_or_page_size_is_refused(jobs: Client) -> None:
    """Also another job's cursor."""
    one, two = submit(jobs), submit(jobs)
    wait(jobs, one)
    wait(jobs, two)
    results = f"{one}/results"
    foreign = jobs.ask("GET", f"{two}/results", params={"pageSize": 5}).json()
    for cursor in ("", "x", "%%%", foreign["cursor"]):
        answer = jobs.ask("GET", results, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad.request")
    for size in ("0", "-1", "many"):
        answer = jobs.ask("GET", results, params={"pageSize": size})
        assert answer.json()["code"] == "invalid.query.param.value"


def test_results_expire(start: Callable[..., Client]) -> None:
    """The job says so, and its results are gone."""
    client = start(job_seconds=0, results_lifetime=0.3)
    job = submit(client)
    assert wait(client, job)["state"] == "FULFILLED"
    assert pages(client, job)
    time.sleep(0.3)
    assert status(client, job)["state"] == "EXPIRED"
    assert client.ask("GET", f"{job}/results").status_code == 404


def test_only_some_jobs_may_be_under_way(start: Callable[..., Client]) -> None:
    """Others wait a second, as the answer says."""
    client = start(job_seconds=30, max_concurrent_jobs=2)
    first = submit(client)
    submit(client)
    refused = client.ask("POST", JOBS, json={"interval": DAY})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    client.ask("DELETE", first)
    assert submit(client)
    assert client.sandbox.jobs.submitted == 3


def test_a_job_may_fail(jobs: Client) -> None:
    """The next one, with a message and without results; the one after is fine."""
    faults = jobs.sandbox.faults
    faults.next(Fault("job-failed"))
    jobs.query()
    job = submit(jobs)
    failed = wait(jobs, job)
    assert failed["state"] == "FAILED"
    assert failed["errorMessage"]
    assert jobs.ask("GET", f"{job}/results").status_code == 404
    assert faults.happened == {"job-failed": 1}
    assert wait(jobs, submit(jobs))["state"] == "FULFILLED"


def test_a_job_may_be_cancelled(jobs: Client) -> None:
    """By whomever; here by a header."""
    job = submit(jobs, fault="job-cancelled")
    cancelled = wait(jobs, job)
    assert cancelled["state"] == "CANCELLED"
    assert "errorMessage" not in cancelled


def test_results_may_expire_while_they_are_read(jobs: Client) -> None:
    """After a page: the next one is not found, and the state tells why."""
    jobs.sandbox.faults.add("results-expired@next:1")
    job = submit(jobs)
    wait(jobs, job)
    results = f"{job}/results"
    page = jobs.ask("GET", results, params={"pageSize": 100})
    assert len(page.json()["conversations"]) == 100
    params = {"pageSize": 100, "cursor": page.json()["cursor"]}
    gone = jobs.ask("GET", results, params=params)
    assert (gone.status_code, gone.json()["code"]) == (404, "not.found")
    assert status(jobs, job)["state"] == "EXPIRED"


def test_what_goes_wrong_in_a_job_is_its_error(
    jobs: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not silence, and not a job that never ends."""
    world = type(jobs.sandbox.world)
    monkeypatch.setattr(world, "day", lambda *_: 1 / 0)
    failed = wait(jobs, submit(jobs))
    assert failed["state"] == "FAILED"
    assert "ZeroDivisionError" in failed["errorMessage"]
