"""Reports of workforce management: requested, polled, downloaded.

The response to the POST holds the report itself, signed URLs of its parts, or a job
that will have such URLs. Source: the models of the official SDK, which use the same
names for all reports.
"""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.errors import DownloadError
from tap_genesys_analytics.api.polling import MAX_SUBMISSIONS, JobFailedError, Polling
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.records.shapes import Shape, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import Document


logger = logging.getLogger("tap-genesys")

_COMPLETE, _PROCESSING = "Complete", "Processing"


class _Job(Shape):
    id: str | None = None
    status: str | None = None


class _Report(Shape):
    job: _Job | None = None
    status: str | None = None
    result: dict[str, Any] | None = None
    download_url: str | None = None
    download_urls: list[str] | None = None


class Reports:
    """Requests reports and waits for them."""

    def __init__(self, client: GenesysClient, polling: Polling | None = None) -> None:
        self._client = client
        self._polling = polling or Polling(client.job_timeout)

    def cancel(self) -> None:
        """End all waits, because the run was stopped or the stream has ended."""
        self._polling.cancel()

    def documents(self, path: str, body: Mapping[str, Any]) -> Iterator[Document]:
        """Yield the parts of the report that a POST requests.

        If the URL of a part has expired, the report is requested again, so parts may
        come more than once.

        Raises:
            JobFailedError: The report failed, took too long, or is announced by
                notification only.
            DownloadError: The URLs expired in every submission.
        """
        for submission in range(1, MAX_SUBMISSIONS + 1):
            try:
                yield from self._parts(self._finished_report(path, body))
            except DownloadError as error:
                if submission == MAX_SUBMISSIONS:
                    raise
                logger.warning("%s: the report is requested again.", error)
            else:
                return

    def _finished_report(self, path: str, body: Mapping[str, Any]) -> Document:
        """Return the response that holds the finished report or its URLs."""
        self._polling.check_not_cancelled("no report is requested")
        report: Document = self._client.post(path, body)
        check_shape(report, _Report, f"POST {path}")
        job_id = (report.get("job") or {}).get("id")
        name = f"job {job_id}" if job_id else "the report"
        polled = iter(lambda: self._client.get(f"{path}/jobs/{job_id}"), None)
        responses = chain([report], polled)

        def unfinished_state() -> str | None:
            nonlocal report
            report = next(responses)
            check_shape(report, _Report, f"GET {path}/jobs/{{id}}")
            status = _status(report)
            if status == _COMPLETE:
                return None
            if status != _PROCESSING:
                message = f"{name} ended as {status}"
                raise JobFailedError(message)
            if not job_id:
                message = f"POST {path} announces its report by notification only"
                raise JobFailedError(message)
            return str(status)

        self._polling.until_done(name, unfinished_state)
        return report

    def _parts(self, report: Document) -> Iterator[Document]:
        """Yield the parts of a finished report: its own result, or its downloads."""
        result = report.get("result")
        if result is not None:
            yield result
            return
        urls = report.get("downloadUrls")
        for url in [report.get("downloadUrl")] if urls is None else urls:
            if url is None:
                message = "a complete report has neither a result nor a URL"
                raise GenesysError(message)
            yield self._client.download(url)


def _status(report: Document) -> object:
    """Return the status of a report's job, or of the report if it has no job."""
    return (report.get("job") or report).get("status")
