"""What can go wrong between the tap and Genesys Cloud, told to the user.

No message carries a secret, a token, a response body or personal data.
"""

from __future__ import annotations

import enum
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import requests

    from tap_genesys_analytics.intervals.interval import Interval

#: Messages of these codes name permissions, never data.
_PERMISSION_CODES = frozenset(
    {
        "missing.permissions",
        "missing.any.permissions",
        "missing.division.permission",
        "missing.any.division.permissions",
        "not.authorized",
    }
)

#: What Genesys puts values into: brackets, quotes; and what looks personal.
_VALUES = re.compile(r"\[[^\]]*\]|'[^']*'|\"[^\"]*\"|\S+@\S+|\+?\d{7,}")

#: A permission as Genesys writes it: domain, entity, action.
_PERMISSION = re.compile(r"\b[A-Za-z]\w*:[A-Za-z]\w*:(?:[A-Za-z]\w*|\*)")

_HINTS = {
    403: (
        "Grant the permission to a role of the OAuth client, in the right division: "
        "Admin > Integrations > OAuth > the client > Roles."
    ),
    404: "Check the setting region (or api_url): is it this organisation's?",
}


class Reach(enum.Enum):
    """Whom an error would meet again."""

    STREAM = enum.auto()
    #: All of them, or only this one: what the others meet will tell.
    UNKNOWN = enum.auto()
    EVERY_STREAM = enum.auto()


class GenesysError(Exception):
    """Base of all errors of the tap: its text is written for the user.

    ``status`` is the HTTP status of the answer that it comes from, 0 if none.
    """

    status = 0
    permissions: tuple[str, ...] = ()
    reach = Reach.STREAM


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
            self.reach = Reach.EVERY_STREAM


class UnavailableError(ApiError):
    """A request failed until the last try."""

    reach = Reach.UNKNOWN


class TooLongWaitError(ApiError):
    """Genesys asks for a longer wait than the settings allow."""

    reach = Reach.EVERY_STREAM


class UnwantedError(GenesysError):
    """A request was not sent: nobody wants the answer any more."""


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


class ReadError(GenesysError):
    """An interval of a stream could not be read completely."""

    def __init__(self, stream: str, interval: Interval, cause: GenesysError) -> None:
        super().__init__(
            f"{stream}, interval {interval}: {cause}. What was read before it is "
            "kept; the next run begins with this interval."
        )
        self.status = cause.status
        self.permissions = cause.permissions
        self.reach = cause.reach


class IncompleteError(GenesysError):
    """An interval does not add up, and completeness is strict."""


class UnreadError(GenesysError):
    """Some streams were not read, or not to their end; all others were."""


class LoginError(GenesysError):
    """Genesys Cloud gives no token for these credentials."""

    reach = Reach.EVERY_STREAM


def describe(response: requests.Response) -> tuple[str, str]:
    """Return what may be told of a failed response, and Genesys' code for it.

    Method, path, status, code, message without values, correlation id. Source:
    ErrorBody of the API definition.
    """
    body = _error_body(response)
    code = str(body.get("code") or "")
    correlation_id = response.headers.get("ININ-Correlation-Id") or body.get(
        "contextId"
    )
    request = response.request
    path = (request.path_url or "").partition("?")[0]
    parts = [f"{request.method} {path} was answered {response.status_code}"]
    if code:
        parts.append(f"({code})")
    if message := _message_without_data(body, code):
        parts.append(f"- {message}")
    if hint := _HINTS.get(response.status_code):
        parts.append(f"- {hint}")
    if correlation_id:
        parts.append(f"- correlation id {correlation_id}")
    return " ".join(parts), code


def missing_permissions(response: requests.Response) -> tuple[str, ...]:
    """Return the permissions that a refusal names, one of which would do."""
    if response.status_code != HTTPStatus.FORBIDDEN:
        return ()
    body = _error_body(response)
    params = body.get("messageParams") or {}
    text = f"{params.get('permissions', '')} {body.get('message', '')}"
    return tuple(dict.fromkeys(_PERMISSION.findall(text)))


def _error_body(response: requests.Response) -> dict[str, Any]:
    """Return the ErrorBody of a response; empty if it has none (gateways: HTML)."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _message_without_data(body: dict[str, Any], code: str) -> str:
    """Return the message of an ErrorBody, the values in it masked."""
    message = str(body.get("message") or "").strip()
    if code in _PERMISSION_CODES:
        return message
    if body.get("messageParams") and body.get("messageWithParams"):
        message = str(body["messageWithParams"])
    return masked(message)


def masked(text: str) -> str:
    """Return a text of Genesys' without what may be values in it."""
    return _VALUES.sub("[…]", text)
