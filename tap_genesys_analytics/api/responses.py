"""Answers of the API: the document in one, or the error that it stands for."""

from __future__ import annotations

import functools
import gzip
import json
import re
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from tap_genesys_analytics.api.retries import check_transient
from tap_genesys_analytics.errors import (
    ApiError,
    PageTooLargeError,
    ResultCapError,
    ResultLimitError,
    TransientError,
    describe,
    missing_permissions,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    import requests

    from tap_genesys_analytics.records.tables import Document

    #: An item of a page: a document, or the JSON of one.
    PageItem = Document | msgspec.Raw
    Pages = Generator[list[PageItem], None, None]

#: A NUL or half of a surrogate pair, escaped in JSON or as it leaves a broken encoder.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")

#: What a paged answer says beside its records.
_ENVELOPE = ("total", "totalHits", "pageCount", "pageSize", "paging", "cursor")

#: What a file that is packed by gzip begins with.
_GZIP = b"\x1f\x8b"

_TOO_LARGE_CODES = frozenset({"payload.too.large", "response.entity.too.large"})
_TOO_LARGE_TEXT = b"response is over the size limit"

#: What the API says of aggregates with too many results: in both forms seen.
_RESULT_LIMIT = re.compile(rb"(?i)larger than result limit|limit of \d+ results")

#: What the API says of a page behind the last that it answers.
_RESULT_CAP = re.compile(rb"Pagination may not exceed (\d+) results")


def decoded(response: requests.Response, records: str | None = None) -> Any:  # noqa: ANN401 (JSON)
    """Return the document of an answer; ``records``: see ``decode_envelope``.

    Raises:
        TransientError: It failed in a way that may pass, or holds no complete JSON.
        PageTooLargeError: The records asked for are too large for one answer.
        ResultCapError: The page asked for lies behind the last one.
        ResultLimitError: The aggregates asked for are too many for one answer.
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
        content = _unpacked(response.content)
        return decode_envelope(content, records) if records else decode_json(content)
    except ValueError as error:
        message, _ = describe(response)
        message = f"{message}, but not with complete JSON"
        raise TransientError(message) from error


def _unpacked(content: bytes) -> bytes:
    """Return the content of a file, which may be packed without a word of it.

    Raises:
        ValueError: It is packed, and not complete.
    """
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        message = "not a complete gzip file"
        raise ValueError(message) from error


def decode_json(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document, its texts freed of what no database stores.

    NUL characters are removed, and halves of surrogate pairs become U+FFFD:
    PostgreSQL, for one, refuses a whole load because of either.

    Raises:
        ValueError: The content is not JSON.
    """
    if _is_unstorable(content):
        return _cleaned(json.loads(content))
    return msgspec.json.decode(content)


def decode_envelope(content: bytes, records: str) -> Any:  # noqa: ANN401 (JSON)
    """Return a paged answer whose records, in the member of that name, stay JSON.

    A page takes a fraction of the memory so while it waits, and each record is decoded
    where it is wanted (``document_of``), which is quicker than a whole page at once.
    Beside the records, what tells of other pages is there.

    Raises:
        ValueError: The content is not JSON.
    """
    try:
        return _envelope_decoder(records).decode(content)
    except msgspec.DecodeError:
        # Halves of surrogate pairs, perhaps: to be cleaned, and looked at as a whole.
        answer = decode_json(content)
        if isinstance(answer, dict) and isinstance(answer.get(records), list):
            encode = msgspec.json.encode
            answer[records] = [msgspec.Raw(encode(each)) for each in answer[records]]
        return answer


@functools.cache
def _envelope_decoder(records: str) -> msgspec.json.Decoder[Any]:
    """Return what decodes a paged answer, but not its records."""
    members: dict[str, Any] = dict.fromkeys(_ENVELOPE, Any)
    members[records] = list[msgspec.Raw] | None
    return msgspec.json.Decoder(TypedDict("Envelope", members, total=False))  # type: ignore[operator]  # (mypy knows only those that are written out)


def document_of(item: PageItem) -> Document:
    """Return the document that an item of a page is.

    Raises:
        ApiError: It is not one.
    """
    if not isinstance(item, msgspec.Raw):
        return item
    document = msgspec.json.decode(json_of(item))
    if not isinstance(document, dict):
        message = f"a record in the answer is no object but {type(document).__name__}"
        raise ApiError(message)
    return document


def json_of(item: msgspec.Raw) -> bytes:
    """Return the JSON of a record in one line, its texts freed as in ``decode_json``.

    Raises:
        ApiError: It is not text in UTF-8.
    """
    content = bytes(item)
    try:
        if b"\n" in content or b"\r" in content or _is_unstorable(content):
            return msgspec.json.encode(decode_json(content))
        if not content.isascii():
            # What stays JSON is not looked at again.
            content.decode()
    except ValueError as error:
        message = "a record in the answer is not text in UTF-8"
        raise ApiError(message) from error
    return content


def _is_unstorable(content: bytes) -> bool:
    """Tell whether there are texts in JSON that no database stores."""
    # Two quick looks spare nearly everything the slow one.
    return (b"\\" in content or b"\xed" in content) and bool(
        _UNSTORABLE.search(content)
    )


def _cleaned(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a document without NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def _error_class(response: requests.Response, code: str) -> type[ApiError]:
    """Return the kind of a refusal."""
    if _is_too_large(response, code):
        return PageTooLargeError
    if response.status_code == HTTPStatus.BAD_REQUEST and _RESULT_LIMIT.search(
        response.content
    ):
        return ResultLimitError
    return ApiError


def _is_too_large(response: requests.Response, code: str) -> bool:
    """Tell whether fewer records would fit: 413 and its 400 twin.

    A 413 ``request.entity.too.large`` speaks of the request, where smaller pages do
    not help.
    """
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return code != "request.entity.too.large"
    return code in _TOO_LARGE_CODES or _TOO_LARGE_TEXT in response.content
