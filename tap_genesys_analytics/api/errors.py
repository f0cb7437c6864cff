"""Errors of requests to Genesys Cloud."""

from __future__ import annotations

from http import HTTPStatus

from tap_genesys_analytics.errors import ErrorScope, GenesysError


class ApiError(GenesysError):
    """The API refused a request, and a retry would not help.

    ``permissions`` are the missing permissions that the API names.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        permissions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.permissions = permissions
        if status == HTTPStatus.UNAUTHORIZED:
            self.scope = ErrorScope.EVERY_STREAM


class UnavailableError(ApiError):
    """A request failed until the last try."""

    scope = ErrorScope.UNKNOWN


class TooLongWaitError(ApiError):
    """Genesys demands a longer wait (Retry-After) than max_retry_wait."""

    scope = ErrorScope.EVERY_STREAM


class RequestCancelledError(GenesysError):
    """A request was not sent, because its stream has ended."""


class TransientError(GenesysError):
    """A request failed in a way that a retry may cure.

    ``retry_after``: the seconds in Retry-After; None if the response had none.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        is_rate_limit: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.is_rate_limit = is_rate_limit


class PageTooLargeError(ApiError):
    """The page is too large for one response: request a smaller one."""


class ResultCapError(ApiError):
    """The page lies beyond ``cap``, the maximum number of results to page through."""

    def __init__(self, message: str, *, cap: int, status: int, code: str) -> None:
        super().__init__(message, status=status, code=code)
        self.cap = cap


class ResultLimitError(ApiError):
    """The aggregates are too many for one response."""


class DownloadError(GenesysError):
    """A signed URL leads to no document: request a new URL."""


class LoginError(GenesysError):
    """The login service issued no token."""

    scope = ErrorScope.EVERY_STREAM
