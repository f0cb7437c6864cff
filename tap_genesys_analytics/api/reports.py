"""Reports: Genesys works them out first; then they are downloaded.

A POST answers the report itself, signed URLs to download it from, or a job that will
have such URLs. Source: the models of the official SDK, whose names for all three are
the same wherever workforce management uses them.
"""

from __future__ import annotations

import logging
from itertools import chain
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.errors import DownloadError
from tap_genesys_analytics.api.polling import MAX_SUBMISSIONS, JobFailedError, Polling
from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.raw_documents import Document


logger = logging.getLogger("tap-genesys")

_COMPLETE, _PROCESSING = "Complete", "Processing"


class Reports:
    """Asks for reports and waits for them."""

    def __init__(self, client: GenesysClient, polling: Polling | None = None) -> None:
        self._client = client
        self._polling = polling or Polling(client.job_timeout)

    def cancel(self) -> None:
        """End every wait for a report: the run was stopped, or the stream has ended."""
        self._polling.cancel()

    def documents(self, path: str, body: Mapping[str, Any]) -> Iterator[Document]:
        """Yield the parts of the report that answers a body.

        If a part cannot be downloaded any more, the report is requested again: parts
        may come twice.

        Raises:
            JobFailedError: The report failed, took too long, or is only announced
                to listeners of notifications.
            DownloadError: Its parts cannot be downloaded, however often it is made.
        """
        for submission in range(1, MAX_SUBMISSIONS + 1):
            try:
                yield from self._parts_of(self._finished(path, body))
            except DownloadError as error:
                if submission == MAX_SUBMISSIONS:
                    raise
                logger.warning("%s: the report is requested again.", error)
            else:
                return

    def _finished(self, path: str, body: Mapping[str, Any]) -> Document:
        """Return the response that says where the finished report is."""
        self._polling.check_not_cancelled("no report is asked for")
        report: Document = self._client.post(path, body)
        job_id = (report.get("job") or {}).get("id")
        name = f"job {job_id}" if job_id else "the report"
        polled = iter(lambda: self._client.get(f"{path}/jobs/{job_id}"), None)
        responses = chain([report], polled)

        def unfinished_state() -> str | None:
            nonlocal report
            report = next(responses)
            status = _status(report)
            if status == _COMPLETE:
                return None
            if status != _PROCESSING:
                message = f"{name} ended as {status}"
                raise JobFailedError(message)
            if not job_id:
                message = f"POST {path} will answer by notification, not by itself"
                raise JobFailedError(message)
            return str(status)

        self._polling.until_done(name, unfinished_state)
        return report

    def _parts_of(self, report: Document) -> Iterator[Document]:
        """Yield what a finished report holds itself, or behind its URLs."""
        result = report.get("result")
        if result is not None:
            yield result
            return
        urls = report.get("downloadUrls")
        for url in [report.get("downloadUrl")] if urls is None else urls:
            if not isinstance(url, str):
                message = "a complete report has neither a result nor a URL"
                raise GenesysError(message)
            yield self._client.download(url)


def _status(report: Document) -> object:
    """Return the status of a report: that of its job, if it has one."""
    return (report.get("job") or report).get("status")
