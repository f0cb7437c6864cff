"""Reports: waited for with patience, and downloaded without a token."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.api.errors import DownloadError
from tap_genesys_analytics.api.polling import (
    FIRST_POLL,
    JOB_TIMEOUT,
    LONGEST_POLL,
    MAX_SUBMISSIONS,
    JobFailedError,
    Polling,
)
from tap_genesys_analytics.api.reports import Reports
from tap_genesys_analytics.errors import GenesysError
from tests.api.test_jobs import Clock
from tests.conftest import Reply, ScriptedGenesys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_genesys_analytics.api.client import GenesysClient

BODY = {"startDate": "x"}
SIGNED = "/file?Signature=very-secret"


@pytest.fixture
def clock() -> Clock:
    """Give a clock that a test can look at."""
    return Clock()


@pytest.fixture
def reports(client: GenesysClient, clock: Clock) -> Reports:
    """Give reports whose waits take no time."""
    return Reports(client, Polling(clock=clock, sleep=clock.sleep))


@pytest.fixture
def read(reports: Reports) -> Callable[[], list[Any]]:
    """Give a function that reads the parts of a report."""
    return lambda: list(reports.documents("/bulk", BODY))


def job(status: str, *urls: str) -> Reply:
    """Return the answer of a job."""
    body: dict[str, Any] = {"job": {"id": "job-1", "status": status}}
    return Reply({**body, "downloadUrls": list(urls)} if urls else body, 202)


def asked(genesys: ScriptedGenesys) -> list[str]:
    """Return the requests, without their host."""
    return [f"{each.method} {each.path}" for each in genesys.requests]


def test_a_job_is_asked_for_until_it_has_urls(
    genesys: ScriptedGenesys, clock: Clock, read: Callable[[], list[Any]]
) -> None:
    """Less and less often; then each part is downloaded."""
    urls = [f"{genesys.url}/file{number}?Signature=s" for number in (1, 2)]
    waiting = [job("Processing")] * 12
    done = [job("Complete", *urls), Reply({"part": 1}), Reply({"part": 2})]
    genesys.replies(*waiting, *done)
    assert read() == [{"part": 1}, {"part": 2}]
    assert asked(genesys)[:2] == ["POST /bulk", "GET /bulk/jobs/job-1"]
    assert asked(genesys)[-2:] == ["GET /file1?Signature=s", "GET /file2?Signature=s"]
    assert genesys.requests[0].json == BODY
    assert clock.slept[:2] == [FIRST_POLL, FIRST_POLL * 1.5]
    assert clock.slept[-1] == LONGEST_POLL


@pytest.mark.parametrize("name", ["downloadUrl", "downloadUrls"])
def test_a_signed_url_gets_no_token(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]], name: str
) -> None:
    """It is signed; and who is behind it has no business with the token."""
    url = genesys.url + SIGNED
    given = url if name == "downloadUrl" else [url]
    genesys.replies(Reply({"status": "Complete", name: given}), Reply({"part": 1}))
    assert read() == [{"part": 1}]
    post, get = genesys.requests
    assert post.headers["Authorization"] == "Bearer token-1"
    assert get.path == SIGNED
    assert "Authorization" not in get.headers


def test_an_answer_may_hold_the_report_itself(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """Nothing is waited for or downloaded then, nor where there is nothing."""
    genesys.replies(Reply({"status": "Complete", "result": {"part": 1}}))
    assert read() == [{"part": 1}]
    genesys.replies(Reply({"job": {"status": "Complete"}, "downloadUrls": []}))
    assert read() == []
    assert asked(genesys) == ["POST /bulk"] * 2


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_packed_files_are_unpacked(
    genesys: ScriptedGenesys, client: GenesysClient, headers: dict[str, str]
) -> None:
    """Whether the answer says that they are packed, or not."""
    packed = gzip.compress(json.dumps({"name": "Café\0"}).encode())
    genesys.replies(Reply(packed, headers=headers))
    assert client.download(genesys.url + SIGNED) == {"name": "Café"}


def test_half_a_packed_file_is_asked_for_again(
    genesys: ScriptedGenesys, client: GenesysClient, sleeps: list[float]
) -> None:
    """As half an answer of any other kind is."""
    packed = gzip.compress(b'{"part": 1}')
    genesys.replies(Reply(packed[:-9]), Reply(packed))
    assert client.download(genesys.url + SIGNED) == {"part": 1}
    assert len(sleeps) == 1


def test_urls_that_have_expired_are_replaced(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """The report is asked for anew."""
    done = Reply({"status": "Complete", "downloadUrl": genesys.url + SIGNED})
    genesys.replies(done, Reply(b"<Error/>", 403), done, Reply({"part": 1}))
    assert read() == [{"part": 1}]


def test_urls_that_never_work_are_no_lack_of_a_permission(
    genesys: ScriptedGenesys,
    read: Callable[[], list[Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The error says what was answered, and no log tells the signature."""
    done = Reply({"status": "Complete", "downloadUrl": genesys.url + SIGNED})
    genesys.replies(*[done, Reply(b"<Error/>", 403)] * MAX_SUBMISSIONS)
    # Other libraries make this logger quieter than the root.
    caplog.set_level("DEBUG", logger="urllib3.connectionpool")
    with pytest.raises(DownloadError) as raised:
        read()
    assert str(raised.value) == "the download was answered 403"
    assert raised.value.status == 0
    assert len(genesys.requests) == 2 * MAX_SUBMISSIONS
    assert '"GET /file HTTP/1.1" 403' in caplog.text
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize("url", ["http://files.example.com/x", "file:///etc/hosts"])
def test_a_url_that_others_can_read_is_not_asked_for(
    genesys: ScriptedGenesys, client: GenesysClient, url: str
) -> None:
    """What is behind it is personal."""
    with pytest.raises(DownloadError, match="not https"):
        client.download(url)
    assert not genesys.requests


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (job("Error"), "job job-1 ended as Error"),
        (Reply({"status": "Canceled"}), "the report ended as Canceled"),
        (Reply({"status": "Processing", "operationId": "x"}), "by notification only"),
    ],
)
def test_a_report_that_does_not_come_is_an_error(
    genesys: ScriptedGenesys,
    read: Callable[[], list[Any]],
    reply: Reply,
    problem: str,
) -> None:
    """A job that failed, and an answer that only a listener would get."""
    genesys.replies(reply)
    with pytest.raises(JobFailedError, match=problem):
        read()


def test_a_report_without_a_url_is_an_error(
    genesys: ScriptedGenesys, read: Callable[[], list[Any]]
) -> None:
    """Not an empty one."""
    genesys.replies(Reply({"status": "Complete"}))
    with pytest.raises(GenesysError, match="neither a result nor a URL"):
        read()


def test_a_job_that_does_not_end_is_given_up(
    genesys: ScriptedGenesys, clock: Clock, read: Callable[[], list[Any]]
) -> None:
    """After as long as any other job."""
    genesys.replies(job("Processing"))
    with pytest.raises(JobFailedError, match="still Processing after 30 minutes"):
        read()
    assert JOB_TIMEOUT < clock.now < JOB_TIMEOUT + 2 * LONGEST_POLL


def test_nothing_is_waited_for_once_the_run_is_broken_off(
    genesys: ScriptedGenesys, reports: Reports, read: Callable[[], list[Any]]
) -> None:
    """Nor is anything asked for."""
    genesys.replies(job("Processing"))
    reports.cancel()
    with pytest.raises(JobFailedError, match="being stopped"):
        read()
    assert not genesys.requests
