"""Analytics jobs: submit, wait, read the results by cursor, delete. Knows no stream."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.errors import ApiError, GenesysError, masked
from tap_genesys_analytics.intervals.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.api.responses import PageItem
    from tap_genesys_analytics.records.tables import Document

logger = logging.getLogger("tap-genesys")

#: Seconds between two looks at a job: the first, then half as long again each time
#: until the last.
FIRST_POLL, LONGEST_POLL = 1.0, 30.0

#: Seconds after which a job that is still not done is given up.
JOB_TIMEOUT = 45 * 60.0

#: Seconds for which results that are not there yet (404) are asked for again: they
#: can lag a little behind the job's own state.
RESULTS_GRACE = 30.0

#: How often results that have expired are asked for by a new job.
MAX_SUBMISSIONS = 3

_FAILURES = frozenset({"FAILED", "CANCELLED"})


class JobFailedError(GenesysError):
    """A job ended without results, or not at all."""


class ResultsExpiredError(GenesysError):
    """The results of a job are gone: a new job is needed."""


class AnalyticsJobs:
    """The jobs of one kind, such as conversation details or flow aggregates.

    ``page_size`` None: not to be said where results are read, as for aggregates.
    """

    def __init__(
        self,
        client: GenesysClient,
        path: str,
        *,
        page_size: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._client = client
        self._path = path
        self._page_size = page_size
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._lock = threading.Lock()
        self._open: set[str] = set()

    def watermark(self) -> datetime:
        """Return the moment (UTC) before which jobs have all data.

        A job that reaches past it succeeds all the same, without its tail.

        Raises:
            ApiError: 403 where the client may not use jobs.
        """
        answer = self._client.get(f"{self._path}/availability")
        return parse_timestamp(answer["dataAvailabilityDate"])

    def pages(
        self, body: Mapping[str, Any], records_key: str
    ) -> Iterator[list[PageItem]]:
        """Yield the pages of records that answer a body; the first is empty.

        Where the results expire while they are read, the job is run anew from the
        first page: records may come twice.

        Raises:
            JobFailedError: The job failed, was cancelled, or took too long.
        """
        for submission in range(1, MAX_SUBMISSIONS + 1):
            try:
                with self._job(body) as job_id:
                    self._wait_for(job_id)
                    # Ahead of its turn, a job has come far enough here: what it found
                    # is large.
                    yield []
                    yield from self._results(job_id, records_key)
            except ResultsExpiredError as error:
                if submission == MAX_SUBMISSIONS:
                    raise
                logger.warning("%s: it is run anew.", error)
            else:
                return

    @contextmanager
    def _job(self, body: Mapping[str, Any]) -> Iterator[str]:
        """Submit a job and delete it at the end, also where the run is interrupted."""
        job_id = self._submit(body)
        self._open.add(job_id)
        logger.info("Job %s: submitted.", job_id)
        try:
            yield job_id
        finally:
            self._delete(job_id)

    def _submit(self, body: Mapping[str, Any]) -> str:
        """Return the id of a new job, as soon as there may be one more.

        Genesys limits how many run at a time: another of ours has to end first.
        """
        began = self._clock()
        while True:
            self._check_stopped("no job is submitted")
            try:
                return str(self._client.post(self._path, body)["jobId"])
            except ApiError as error:
                is_limit = error.status == HTTPStatus.TOO_MANY_REQUESTS
                if not (is_limit and self._open):
                    raise
                if self._clock() - began > JOB_TIMEOUT:
                    raise
                logger.info("Another job has to end before one more: %s", error)
                self._sleep(LONGEST_POLL)

    def _check_stopped(self, what: str) -> None:
        """Raise an error if the run was broken off."""
        if self._stopped.is_set():
            message = f"{what} any more: the run is broken off"
            raise JobFailedError(message)

    def _delete(self, job_id: str) -> None:
        """Delete a job, unless it is deleted already."""
        with self._lock:
            if job_id not in self._open:
                return
            self._open.remove(job_id)
        self._client.delete(f"{self._path}/{job_id}")

    def stop(self) -> None:
        """Let nobody wait for a job any more: the run is broken off."""
        self._stopped.set()

    def close(self) -> None:
        """Delete the jobs that nobody has deleted."""
        for job_id in tuple(self._open):
            self._delete(job_id)

    def _wait_for(self, job_id: str) -> None:
        """Return when the job's results are there."""
        began = self._clock()
        wait = FIRST_POLL
        while True:
            status = self._status(job_id)
            state = status.get("state")
            if state == "FULFILLED":
                return
            if state == "EXPIRED":
                message = f"job {job_id}: its results have expired"
                raise ResultsExpiredError(message)
            if state in _FAILURES:
                reason = masked(status.get("errorMessage") or "no reason is given")
                message = f"job {job_id} ended as {state}: {reason}"
                raise JobFailedError(message)
            if self._clock() - began > JOB_TIMEOUT:
                message = (
                    f"job {job_id} is still {state} after {JOB_TIMEOUT / 60:.0f} "
                    "minutes: run again later"
                )
                raise JobFailedError(message)
            self._sleep(wait)
            self._check_stopped(f"job {job_id} is not waited for")
            wait = min(wait * 1.5, LONGEST_POLL)

    def _status(self, job_id: str) -> Document:
        """Return the state of a job; one that Genesys has forgotten has expired."""
        try:
            status: Document = self._client.get(f"{self._path}/{job_id}")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {"state": "EXPIRED"}
        return status

    def _results(self, job_id: str, records_key: str) -> Iterator[list[PageItem]]:
        """Yield the pages of a job's results; the last one has no cursor.

        A page is asked for as soon as the one before it has said its cursor.
        """
        workers = self._client.workers
        get_page = partial(self._results_page, job_id, records_key)
        with ReadAhead(get_page, workers) as pages:
            cursor: str | None = None
            while True:
                page = pages.get(cursor)
                following = page.get("cursor") or None
                if following is not None:
                    if following == cursor:
                        message = f"job {job_id} answers the same cursor again"
                        raise JobFailedError(message)
                    pages.expect([following])
                yield page.get(records_key) or []
                if following is None:
                    return
                cursor = following

    def _results_page(
        self, job_id: str, records_key: str, cursor: str | None
    ) -> Document:
        """Return a page of results, once it is there."""
        params = {"pageSize": self._page_size, "cursor": cursor}
        path = f"{self._path}/{job_id}/results"
        began = self._clock()
        while True:
            try:
                page: Document = self._client.get(path, params, records=records_key)
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                # Not there yet, or not any more: the job's state tells.
                self._wait_for(job_id)
                if self._clock() - began > RESULTS_GRACE:
                    message = f"job {job_id}: its results are not there ({error})"
                    raise ResultsExpiredError(message) from error
                self._sleep(FIRST_POLL)
            else:
                return page
