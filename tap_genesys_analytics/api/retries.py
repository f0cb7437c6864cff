"""Retries of failed requests, to the API and to the token endpoint."""

from __future__ import annotations

import logging
import random
import threading
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import backoff
import requests

from tap_genesys_analytics.api.error_body import describe
from tap_genesys_analytics.api.errors import (
    ApiError,
    TooLongWaitError,
    TransientError,
    UnavailableError,
)
from tap_genesys_analytics.errors import ErrorScope

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_Result = TypeVar("_Result")

logger = logging.getLogger("tap-genesys")

#: The maximum number of tries of one request, including the first. Without Retry-After,
#: the waits add up to about two minutes.
MAX_TRIES = 9

#: The longest wait in seconds without Retry-After. Waits double, from one second.
_MAX_BACKOFF = 60.0

_TRANSIENT_STATUSES = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)

_CONNECTION_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class Retries:
    """Retries requests after transient errors, and counts requests and waits.

    The waits follow Retry-After, up to ``max_wait`` seconds; without it, they are about
    1, 2, 4 … 60 seconds. All requests of a run share one object. Thread-safe.
    """

    def __init__(self, max_wait: float) -> None:
        self.max_wait = max_wait
        self.max_tries = MAX_TRIES
        self.requests = 0
        self.responses = 0
        self.too_many_requests = 0
        self.seconds_waited = 0.0
        self._lock = threading.Lock()

    def __call__(self, send: Callable[[], _Result]) -> _Result:
        """Return what ``send`` returns.

        Raises:
            TooLongWaitError: Retry-After is longer than ``max_wait``.
            UnavailableError: The request failed until the last try.
        """
        with_backoff = backoff.on_exception(
            _waits,
            TransientError,
            max_tries=self.max_tries,
            jitter=None,
            on_backoff=self._before_wait,
            logger=None,
        )
        try:
            return with_backoff(self._attempt)(send)
        except TransientError as error:
            message = f"{error} - given up after {self.max_tries} tries"
            status = HTTPStatus.TOO_MANY_REQUESTS if error.is_rate_limit else 0
            raise UnavailableError(message, status=status) from error

    def count_request(self) -> None:
        """Count a request."""
        with self._lock:
            self.requests += 1

    def _attempt(self, send: Callable[[], _Result]) -> _Result:
        """Return what ``send`` returns, after one try."""
        self.count_request()
        try:
            result = send()
        except ApiError as error:
            # UNKNOWN: the token endpoint did not respond, so the API did not either.
            if error.scope is not ErrorScope.UNKNOWN:
                self._count_response()
            raise
        except _CONNECTION_ERRORS as error:
            raise TransientError(_describe_connection_error(error)) from error
        except TransientError as error:
            if error.retry_after is not None and error.retry_after > self.max_wait:
                message = (
                    f"{error} - Genesys asks to wait {error.retry_after:g} seconds, "
                    f"more than the setting max_retry_wait ({self.max_wait:g}). Run "
                    "again later, or raise max_retry_wait."
                )
                raise TooLongWaitError(message, status=429) from error
            raise
        self._count_response()
        return result

    def _count_response(self) -> None:
        """Count a response, whether it accepted or refused the request."""
        with self._lock:
            self.responses += 1

    def _before_wait(self, details: Any) -> None:  # noqa: ANN401 (backoff's is private)
        """Log the error and the wait before the next try; count the wait."""
        error = details["exception"]
        with self._lock:
            self.seconds_waited += details["wait"]
            self.too_many_requests += error.is_rate_limit
        logger.warning(
            "%s. Trying again in %.1f seconds (try %d of %d).",
            error,
            details["wait"],
            details["tries"] + 1,
            self.max_tries,
        )


def check_transient(response: requests.Response) -> None:
    """Raise a TransientError for a response that a retry may cure: 408, 429, 5xx."""
    status = response.status_code
    if status in _TRANSIENT_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message, _ = describe(response)
        raise TransientError(
            message,
            retry_after=_retry_after(response),
            is_rate_limit=status == HTTPStatus.TOO_MANY_REQUESTS,
        )


def _waits() -> Generator[float, Exception, None]:
    """Yield the seconds to wait after each error; errors are sent to the generator."""
    error = yield 0.0  # the first value is not used: it starts the generator
    backoff_wait = 1.0
    while True:
        requested = error.retry_after if isinstance(error, TransientError) else None
        if requested is None:
            # Half of the wait is random, so that clients that failed at the same time
            # do not retry at the same time.
            error = yield backoff_wait * random.uniform(0.5, 1)  # noqa: S311 (not a secret)
            backoff_wait = min(backoff_wait * 2, _MAX_BACKOFF)
        else:
            error = yield requested


def _retry_after(response: requests.Response) -> float | None:
    """Return the seconds in Retry-After, given as seconds or as a date."""
    header = response.headers.get("Retry-After", "").strip()
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def _describe_connection_error(error: requests.RequestException) -> str:
    """Return a description of a failed connection, without the URL's query."""
    request = error.request
    where = (
        f"{request.method} {(request.url or '').partition('?')[0]}"
        if request is not None
        else "a request"
    )
    return f"{where}: no complete response ({type(error).__name__})"
