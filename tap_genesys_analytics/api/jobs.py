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
from tap_genesys_analytics.api.error_body import masked
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.parallel import ReadAhead
from tap_genesys_analytics.api.polling import JobFailedError, Polling
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.timestamps import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import Document, RawDocument

logger = logging.getLogger("tap-genesys")

#: Seconds for which results that are not there yet (404) are asked for again: they
#: can lag a little behind the job's own state.
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


class AnalyticsJobs:
    """The jobs of one kind, such as conversation details or flow aggregates.

    ``page_size`` is None where the results take no page size, as those of aggregates.
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
        self, body: Mapping[str, Any], member: str
    ) -> Iterator[list[RawDocument]]:
        """Yield pages of documents, which are in ``member``; the first page is empty.

        If the results expire while they are read, or if the job fails, it is run again
        from the first page: documents may come twice.

        Raises:
            JobFailedError: The job failed twice, was cancelled, or took too long.
        """
        for submission in range(1, polling.MAX_SUBMISSIONS + 1):
            try:
                with self._job(body) as job_id:
                    self._wait_for(job_id)
                    # A job that is read ahead of its turn stops here: its results are
                    # large.
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
        """Submit a job, and delete it at the end, also when the run is interrupted."""
        job_id = self._submit(body)
        logger.info("Job %s: submitted.", job_id)
        try:
            yield job_id
        finally:
            self._delete(job_id)

    def _submit(self, body: Mapping[str, Any]) -> str:
        """Return the id of a new job, as soon as Genesys takes one more.

        Genesys limits how many run at a time: another job of ours has to end first.
        """
        began = self._polling.clock()
        while True:
            self._polling.check_not_cancelled("no job is submitted")
            try:
                # Nobody would delete a job whose id is not known yet.
                with interrupts.held():
                    job_id = str(self._client.post(self._path, body)["jobId"])
                    self._open.add(job_id)
                    return job_id
            except ApiError as error:
                is_limit = error.status == HTTPStatus.TOO_MANY_REQUESTS
                if not (is_limit and self._open):
                    raise
                if self._polling.clock() - began > self._polling.timeout:
                    raise
                logger.info("Another job has to end before one more: %s", error)
                self._polling.sleep(polling.LONGEST_POLL)

    def _delete(self, job_id: str) -> None:
        """Delete a job, unless it is deleted already."""
        with interrupts.held():
            with self._lock:
                if job_id not in self._open:
                    return
                self._open.remove(job_id)
            self._client.delete(f"{self._path}/{job_id}")

    def cancel(self) -> None:
        """End every wait for a job: the run was stopped, or the stream has ended."""
        self._polling.cancel()

    def close(self) -> None:
        """Delete the jobs that are still there."""
        with interrupts.held():
            for job_id in tuple(self._open):
                self._delete(job_id)

    def _wait_for(self, job_id: str) -> None:
        """Return when the job's results are there."""
        self._polling.until_done(
            f"job {job_id}", lambda: self._unfinished_state(job_id)
        )

    def _unfinished_state(self, job_id: str) -> str | None:
        """Return the state of a job that is not done; None: it is fulfilled."""
        status = self._status(job_id)
        state = status.get("state")
        if state == "FULFILLED":
            return None
        if state == "EXPIRED":
            message = f"job {job_id}: its results have expired"
            raise ResultsExpiredError(message)
        if state in {"FAILED", "CANCELLED"}:
            reason = masked(status.get("errorMessage") or "no reason is given")
            message = f"job {job_id} ended as {state}: {reason}"
            raise (JobBrokenError if state == "FAILED" else JobFailedError)(message)
        return str(state)

    def _status(self, job_id: str) -> Document:
        """Return the state of a job; one that Genesys has forgotten has expired."""
        try:
            status: Document = self._client.get(f"{self._path}/{job_id}")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return {"state": "EXPIRED"}
        return status

    def _results(self, job_id: str, member: str) -> Iterator[list[RawDocument]]:
        """Yield the pages of a job's results; the last one has no cursor.

        A page is asked for as soon as the one before it has said its cursor.
        """
        workers = self._client.workers
        get_page = partial(self._results_page, job_id, member)
        with ReadAhead(get_page, workers) as pages:
            cursor: str | None = None
            named: set[str] = set()
            watched = EndlessPages()
            while True:
                page = pages.get(cursor)
                documents = page.get(member) or []
                following = page.get("cursor") or None
                sign = watched.sign(documents)
                if following in named:
                    sign = "the same cursor again"
                if sign:
                    message = f"job {job_id} answers {sign}"
                    raise JobFailedError(message)
                if following is not None:
                    named.add(following)
                    pages.prefetch([following])
                yield documents
                if following is None:
                    return
                cursor = following

    def _results_page(self, job_id: str, member: str, cursor: str | None) -> Document:
        """Return a page of results, once it is there."""
        params = {"pageSize": self._page_size, "cursor": cursor}
        path = f"{self._path}/{job_id}/results"
        began = self._polling.clock()
        while True:
            try:
                page: Document = self._client.get(path, params, undecoded=member)
            except ApiError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                # Not there yet, or not any more: the job's state tells.
                self._wait_for(job_id)
                if self._polling.clock() - began > RESULTS_GRACE:
                    message = f"job {job_id}: its results are not there ({error})"
                    raise ResultsExpiredError(message) from error
                self._polling.sleep(polling.FIRST_POLL)
            else:
                return page
