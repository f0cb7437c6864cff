"""Reports: answers that are worked out first, and downloaded then. Knows no stream.

A POST answers the report itself, signed URLs to download it from, or a job that will
have such URLs. Source: the models of the official SDK, whose names for all three are
the same wherever workforce management uses them.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.jobs import (
    FIRST_POLL,
    JOB_TIMEOUT,
    LONGEST_POLL,
    MAX_SUBMISSIONS,
    JobFailedError,
)
from tap_genesys_analytics.errors import DownloadError, GenesysError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_genesys_analytics.api.client import GenesysClient
    from tap_genesys_analytics.records.tables import Document


logger = logging.getLogger("tap-genesys")

_COMPLETE, _PROCESSING = "Complete", "Processing"


class Reports:
    """Asks for reports and waits for them."""

    def __init__(
        self,
        client: GenesysClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait

    def stop(self) -> None:
        """Let nobody wait for a report any more: the run is broken off."""
        self._stopped.set()

    def documents(self, path: str, body: Mapping[str, Any]) -> Iterator[Document]:
        """Yield the parts of the report that answers a body.

        Where a part cannot be downloaded any more, the report is asked for anew: parts
        may come twice.

        Raises:
            JobFailedError: The report failed, took too long, or is told to those only
                who listen to notifications.
            DownloadError: Its parts cannot be downloaded, however often it is made.
        """
        for submission in range(1, MAX_SUBMISSIONS + 1):
            try:
                yield from self._parts(self._finished(path, body))
            except DownloadError as error:
                if submission == MAX_SUBMISSIONS:
                    raise
                logger.warning("%s: the report is asked for anew.", error)
            else:
                return

    def _finished(self, path: str, body: Mapping[str, Any]) -> Document:
        """Return the answer that says where the report is."""
        if self._stopped.is_set():
            message = "no report is asked for any more: the run is broken off"
            raise JobFailedError(message)
        answer: Document = self._client.post(path, body)
        began, wait = self._clock(), FIRST_POLL
        while (status := _status(answer)) != _COMPLETE:
            job_id = (answer.get("job") or {}).get("id")
            if status != _PROCESSING:
                message = (
                    f"{f'job {job_id}' if job_id else 'the report'} ended as {status}"
                )
                raise JobFailedError(message)
            if not job_id:
                message = f"POST {path} will answer by notification, not by itself"
                raise JobFailedError(message)
            if self._clock() - began > JOB_TIMEOUT:
                message = (
                    f"job {job_id} is still {status} after {JOB_TIMEOUT / 60:.0f} "
                    "minutes: run again later"
                )
                raise JobFailedError(message)
            self._sleep(wait)
            if self._stopped.is_set():
                message = f"job {job_id} is not waited for: the run is broken off"
                raise JobFailedError(message)
            wait = min(wait * 1.5, LONGEST_POLL)
            answer = self._client.get(f"{path}/jobs/{job_id}")
        return answer

    def _parts(self, answer: Document) -> Iterator[Document]:
        """Yield what is in a finished answer, or behind its URLs."""
        result = answer.get("result")
        if result is not None:
            yield result
            return
        urls = answer.get("downloadUrls")
        for url in [answer.get("downloadUrl")] if urls is None else urls:
            if not isinstance(url, str):
                message = "a complete report has neither a result nor a URL"
                raise GenesysError(message)
            yield self._client.download(url)


def _status(answer: Document) -> object:
    """Return how far a report is: it stands in its job, if it has one."""
    return (answer.get("job") or answer).get("status")
