"""What can go wrong between the tap and Genesys Cloud."""

from __future__ import annotations

from http import HTTPStatus

from tap_genesys_analytics.errors import ErrorScope, GenesysError


class ApiError(GenesysError):
    """The API refused a request, and asking again would not help.

    ``permissions`` are those that the API says are missing.
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
    """Genesys asks for a longer wait than the settings allow."""

    scope = ErrorScope.EVERY_STREAM


class RequestCancelledError(GenesysError):
    """A request was not sent: the stream that wanted the answer has ended."""


class TransientError(GenesysError):
    """A request failed in a way that may pass: it is worth another try.

    ``retry_after`` is the number of seconds that the API asks to wait, if it does.
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
    """The page asked for is too large to be sent: ask for fewer records at a time."""


class ResultCapError(ApiError):
    """The page asked for lies behind the last one that the API answers."""

    def __init__(self, message: str, *, cap: int, status: int, code: str) -> None:
        super().__init__(message, status=status, code=code)
        self.cap = cap


class ResultLimitError(ApiError):
    """The aggregates asked for are too many for one answer."""


class DownloadError(GenesysError):
    """What a signed URL should give cannot be had: another URL is needed."""


class LoginError(GenesysError):
    """Genesys Cloud gives no token for these credentials."""

    scope = ErrorScope.EVERY_STREAM
