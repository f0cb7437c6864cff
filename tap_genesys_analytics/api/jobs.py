"""Analytics jobs: submitted, polled, read by cursor, deleted."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics import interrupts
from tap_genesys_analytics.api import polling
from tap_genesys_analytics.api.endless import EndlessPages
from tap_genesys_analytics.api.error_body import mask_values
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.api.polling import JobFailedError, Polling
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.records.shapes import (
    Shape,
    UnexpectedResponseError,
    check_shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import Document, RawDocument

logger = logging.getLogger("tap-genesys")

#: Missing results (404) of a fulfilled job are requested again for this many seconds:
#: they may appear a little later than the job's state says.
RESULTS_GRACE = 30.0


class AgainError(GenesysError):
    """A new job may have the results that a job has not.

    ``submissions`` is how many jobs it is worth at the most.
    """

    submissions: int


class ResultsExpiredError(AgainError):
    """The results of a job are gone."""

    submissions = polling.MAX_SUBMISSIONS


class JobBrokenError(AgainError, JobFailedError):
    """Genesys failed to do a job."""

    submissions = 2


class _Availability(Shape):
    data_availability_date: str | None = None


class _Submitted(Shape):
    job_id: str


class _Status(Shape):
    state: str | None = None
    error_message: str | None = None


class _Results(Shape):
    cursor: str | None = None


class AnalyticsJobs:
    """Analytics jobs of one kind, such as conversation details or flow aggregates.

    ``page_size`` is None if the results have no such parameter, as for aggregates.
    """

    def __init__(
        self,
        client: GenesysClient,
        path: str,
        *,
        page_size: int | None = None,
        polling: Polling | None = None,
    ) -> None:
        self._client = client
        self._path = path
        self._page_size = page_size
        self._polling = polling or Polling(client.job_timeout)
        self._lock = threading.Lock()
        self._open_jobs: set[str] = set()

    def watermark(self) -> datetime | None:
        """Return the moment (UTC, exclusive) up to which jobs have all data.

        A job whose interval ends later succeeds, too, but its data are incomplete. None
        if Genesys does not say.

        Raises:
            ApiError: 403 if the client may not use jobs.
        """
        path = f"{self._path}/availability"
        availability = self._client.get(path)
        if availability is None:
            return None
        check_shape(availability, _Availability, f"GET {path}")
        date = availability.get("dataAvailabilityDate")
        try:
            return parse_timestamp(date) if date else None
        except ValueError as error:
            message = (
                f"GET {path} answered something unexpected: `$.dataAvailabilityDate` "
                "is not a timestamp"
            )
            raise UnexpectedResponseError(message) from error

    def pages(
        self, body: Mapping[str, Any], member: str
    ) -> Iterator[list[RawDocument]]:
        """Run a job and yield its pages; ``member`` of a page holds the documents.

        The first page is empty: it shows that the job is done. If the results expire
        while they are read, or if the job fails, a new job starts from the first page,
        so documents may come more than once.

        Raises:
            JobFailedError: The job failed twice, was cancelled, or took too long.
            ResultsExpiredError: The results expired in every submission.
        """
        for submission in range(1, polling.MAX_SUBMISSIONS + 1):
            try:
                with self._job(body) as job_id:
                    self._wait_for(job_id)
                    # A thread that reads ahead stops here until the interval's turn:
                    # results are large.
                    yield []
                    yield from self._results(job_id, member)
            except AgainError as error:
                if submission >= error.submissions:
                    raise
                logger.warning("%s: it is run again.", error)
            else:
                return

    @contextmanager
    def _job(self, body: Mapping[str, Any]) -> Iterator[str]:
        """Submit a job; delete it at the end, even if the run is interrupted."""
        job_id = self._submit(body)
        logger.info("Job %s: submitted.", job_id)
        try:
            yield job_id
        finally:
            self._delete(job_id)

    def _submit(self, body: Mapping[str, Any]) -> str:
        """Submit a job and return its id.

        Genesys limits the number of running jobs (429). If it is reached, and jobs of
        this stream are running, wait for one of them to end.
        """
        began = self._polling.clock()
        while True:
            self._polling.check_not_cancelled("no job is submitted")
            try:
                # Nobody would delete a job whose id is not known yet.
                with interrupts.held():
                    submitted = self._client.post(self._path, body)
                    check_shape(submitted, _Submitted, f"POST {self._path}")
                    job_id = str(submitted["jobId"])
                    self._open_jobs.add(job_id)
                    return job_id
            except ApiError as error:
                is_limit = error.status == HTTPStatus.TOO_MANY_REQUESTS
                if not (is_limit and self._open_jobs):
                    raise
                if self._polling.clock() - began > self._polling.timeout:
                    raise
                logger.info("Waiting until Genesys accepts another job: %s", error)
                self._polling.sleep(polling.LONGEST_POLL)

    def _delete(self, job_id: str) -> None:
        """Delete a job, unless it has been deleted."""
        with interrupts.held():
            with self._lock:
                if job_id not in self._open_jobs:
                    return
                self._open_jobs.remove(job_id)
            self._client.delete(f"{self._path}/{job_id}")

    def cancel(self) -> None:
        """End all waits, because the run was stopped or the stream has ended."""
        self._polling.cancel()

    def close(self) -> None:
        """Delete the jobs that still exist."""
        with interrupts.held():
            for job_id in tuple(self._open_jobs):
                self._delete(job_id)

    def _wait_for(self, job_id: str) -> None:
        """Return when a job is fulfilled."""
        self._polling.until_done(
            f"job {job_id}", lambda: self._unfinished_state(job_id)
        )

    def _unfinished_state(self, job_id: str) -> str | None:
        """Return the state of a job; None if it is fulfilled."""
        status = self._status(job_id)
        check_shape(status, _Status, f"GET {self._path}/{{id}}")
        state = status.get("state")
        if state == "FULFILLED":
            return None
        if state == "EXPIRED":
            message = f"job {job_id}: its results have expired"
            raise ResultsExpiredError(message)
        if state in {"FAILED", "CANCELLED"}:
            reason = mask_values(status.get("errorMessage") or "no reason is given")
            message = f"job {job_id} ended as {state}: {reason}"
            raise (JobBrokenError if state == "FAILED" else JobFailedError)(message)
        return str(state)

    def _status(self, job_id: str) -> Document:
        """Return the status document of a job; an unknown job (404) has expired."""
        try:
            status: Document = self._client.get(f"{self._path}/{job_id}")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {"state": "EXPIRED"}
        return status

    def _results(self, job_id: str, member: str) -> Iterator[list[RawDocument]]:
        """Yield the pages of a job's results; the last page has no cursor.

        The next page is requested while the present one is processed.
        """
        workers = self._client.workers
        get_page = partial(self._results_page, job_id, member)
        with ReadAhead(get_page, workers) as pages:
            cursor: str | None = None
            named: set[str] = set()
            watched = EndlessPages()
            while True:
                page = pages.get(cursor)
                check_shape(page, _Results, f"GET {self._path}/{{id}}/results")
                if not isinstance(page.get(member) or [], list):
                    message = f"job {job_id} has no list of {member}"
                    raise UnexpectedResponseError(message)
                documents = page.get(member) or []
                next_cursor = page.get("cursor") or None
                sign = watched.sign(documents)
                if next_cursor in named:
                    sign = "the same cursor again"
                if sign:
                    message = f"job {job_id} answers {sign}"
                    raise JobFailedError(message)
                if next_cursor is not None:
                    named.add(next_cursor)
                    pages.prefetch([next_cursor])
                yield documents
                if next_cursor is None:
                    return
                cursor = next_cursor

    def _results_page(self, job_id: str, member: str, cursor: str | None) -> Document:
        """Return a page of results; wait if it does not exist yet."""
        params = {"pageSize": self._page_size, "cursor": cursor}
        path = f"{self._path}/{job_id}/results"
        began = self._polling.clock()
        while True:
            try:
                page: Document = self._client.get(path, params, undecoded=member)
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                # Not there yet, or expired: _wait_for raises if it has expired.
                self._wait_for(job_id)
                if self._polling.clock() - began > RESULTS_GRACE:
                    message = f"job {job_id}: its results are missing ({error})"
                    raise ResultsExpiredError(message) from error
                self._polling.sleep(polling.FIRST_POLL)
            else:
                return page
