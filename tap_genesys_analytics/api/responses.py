"""HTTP responses: decoded into a document, or raised as an error."""

from __future__ import annotations

import gzip
import re
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.api.error_body import describe, missing_permissions
from tap_genesys_analytics.api.errors import (
    ApiError,
    PageTooLargeError,
    ResultCapError,
    ResultLimitError,
    TransientError,
)
from tap_genesys_analytics.api.retries import check_transient
from tap_genesys_analytics.records.raw_documents import decode_json, decode_page

if TYPE_CHECKING:
    import requests

#: The first bytes of a gzip file.
_GZIP = b"\x1f\x8b"

_TOO_LARGE_CODES = frozenset({"payload.too.large", "response.entity.too.large"})
_TOO_LARGE_TEXT = b"response is over the size limit"

#: The API's two messages about aggregates with too many results.
_RESULT_LIMIT = re.compile(rb"(?i)larger than result limit|limit of \d+ results")

#: The API's message about a page beyond the result cap.
_RESULT_CAP = re.compile(rb"Pagination may not exceed (\d+) results")


def decode_response(response: requests.Response, undecoded: str | None = None) -> Any:  # noqa: ANN401 (JSON)
    """Return the document in a response; ``undecoded``: see ``decode_page``.

    Raises:
        TransientError: A retry may help: 408, 429, 5xx, or incomplete JSON.
        PageTooLargeError: The page is too large for one response.
        ResultCapError: The page lies beyond the result cap.
        ResultLimitError: The aggregates are too many for one response.
        ApiError: The API refused the request.
    """
    check_transient(response)
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        message, code = describe(response)
        status = response.status_code
        if cap := _RESULT_CAP.search(response.content):
            raise ResultCapError(message, cap=int(cap[1]), status=status, code=code)
        raise _error_class(response, code)(
            message,
            status=status,
            code=code,
            permissions=missing_permissions(response),
        )
    try:
        content = _decompressed(response.content)
        return decode_page(content, undecoded) if undecoded else decode_json(content)
    except ValueError as error:
        message, _ = describe(response)
        message = f"{message}, but not with complete JSON"
        raise TransientError(message) from error


def _decompressed(content: bytes) -> bytes:
    """Return content, decompressed if it is gzip.

    Downloads may be gzip files without a Content-Encoding header.

    Raises:
        ValueError: The gzip file is incomplete.
    """
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        message = "not a complete gzip file"
        raise ValueError(message) from error


def _error_class(response: requests.Response, code: str) -> type[ApiError]:
    """Return the class of the error that a refusal stands for."""
    if _is_too_large(response, code):
        return PageTooLargeError
    if response.status_code == HTTPStatus.BAD_REQUEST and _RESULT_LIMIT.search(
        response.content
    ):
        return ResultLimitError
    return ApiError


def _is_too_large(response: requests.Response, code: str) -> bool:
    """Tell whether a smaller page would fit: 413, or 400 with such a code or message.

    A 413 ``request.entity.too.large`` is about the request: smaller pages do not help.
    """
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return code != "request.entity.too.large"
    return code in _TOO_LARGE_CODES or _TOO_LARGE_TEXT in response.content
