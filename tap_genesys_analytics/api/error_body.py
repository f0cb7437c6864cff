"""Error messages of failed responses. Source: ErrorBody of the API definition.

Values in Genesys' messages are masked, because they may be personal data.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import requests

#: Error codes whose messages contain permissions and no personal data.
_PERMISSION_CODES = frozenset(
    {
        "missing.permissions",
        "missing.any.permissions",
        "missing.division.permission",
        "missing.any.division.permissions",
        "not.authorized",
    }
)

#: Values in messages: in brackets or quotes, e-mail addresses, long numbers.
_VALUES = re.compile(r"\[[^\]]*\]|'[^']*'|\"[^\"]*\"|\S+@\S+|\+?\d{7,}")

#: A permission: domain, entity, action.
_PERMISSION = re.compile(r"\b[A-Za-z]\w*:[A-Za-z]\w*:(?:[A-Za-z]\w*|\*)")

_HINTS = {
    403: (
        "Grant the permission to a role of the OAuth client, in the right division: "
        "Admin > Integrations > OAuth > the client > Roles."
    ),
    404: "Check the setting region (or api_url): is it this organisation's?",
}


def describe(response: requests.Response) -> tuple[str, str]:
    """Return a description of a failed response, and Genesys' error code.

    The description has method, path, status, code, masked message and correlation id.
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
    """Return the permissions that a 403 names; one of them is enough."""
    if response.status_code != HTTPStatus.FORBIDDEN:
        return ()
    body = _error_body(response)
    params = body.get("messageParams") or {}
    text = f"{params.get('permissions', '')} {body.get('message', '')}"
    return tuple(dict.fromkeys(_PERMISSION.findall(text)))


def _error_body(response: requests.Response) -> dict[str, Any]:
    """Return the ErrorBody of a response; empty if it has none, as from gateways."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}


def _message_without_data(body: dict[str, Any], code: str) -> str:
    """Return the message of an ErrorBody with masked values."""
    message = str(body.get("message") or "").strip()
    if code in _PERMISSION_CODES:
        return message
    if body.get("messageParams") and body.get("messageWithParams"):
        message = str(body["messageWithParams"])
    return mask_values(message)


def mask_values(text: str) -> str:
    """Return a message with its values replaced by ``[…]``."""
    return _VALUES.sub("[…]", text)
