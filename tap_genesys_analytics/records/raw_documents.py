"""JSON documents: decoded late, without characters that databases refuse."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from collections.abc import Generator

    #: A JSON object.
    Document = dict[str, Any]
    #: A document, or the JSON of one that is not decoded yet.
    RawDocument = Document | msgspec.Raw
    Pages = Generator[list[RawDocument], None, None]

#: A NUL or a lone surrogate: escaped in JSON, or as a broken encoder writes it.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")

#: The envelope of a page: all members except its documents.
_ENVELOPE = ("total", "totalHits", "pageCount", "pageSize", "paging", "cursor")


class DocumentError(GenesysError):
    """A document of a page is not a JSON object in UTF-8."""


def decode_json(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return decoded JSON without characters that databases refuse.

    NUL characters are removed. Lone surrogates become U+FFFD. PostgreSQL, for example,
    refuses a whole load because of either.

    Raises:
        ValueError: The content is not JSON.
    """
    if _has_unstorable(content):
        return _without_unstorable(json.loads(content))
    return msgspec.json.decode(content)


def decode_page(content: bytes, undecoded: str) -> Any:  # noqa: ANN401 (JSON)
    """Return a page whose documents, in the member ``undecoded``, stay JSON.

    The envelope is decoded. Undecoded documents need a fraction of the memory, and
    decoding them one by one is faster than decoding the whole page.

    Raises:
        ValueError: The content is not JSON.
    """
    try:
        return _page_decoder(undecoded).decode(content)
    except msgspec.DecodeError:
        # Perhaps lone surrogates, which decode_json replaces in the whole page.
        page = decode_json(content)
        if isinstance(page, dict) and isinstance(page.get(undecoded), list):
            encode = msgspec.json.encode
            page[undecoded] = [
                msgspec.Raw(encode(document)) for document in page[undecoded]
            ]
        return page


@functools.cache
def _page_decoder(undecoded: str) -> msgspec.json.Decoder[Any]:
    """Return a decoder of pages whose documents stay JSON."""
    members: dict[str, Any] = dict.fromkeys(_ENVELOPE, Any)
    members[undecoded] = list[msgspec.Raw] | None
    return msgspec.json.Decoder(TypedDict("Page", members, total=False))  # type: ignore[operator]  # (mypy knows only those that are written out)


def decode_document(raw: RawDocument) -> Document:
    """Return a document of a page, decoded.

    Raises:
        DocumentError: The document is not a JSON object.
    """
    if not isinstance(raw, msgspec.Raw):
        return raw
    document = msgspec.json.decode(document_json(raw))
    if not isinstance(document, dict):
        message = (
            f"a record in the response is not an object but {type(document).__name__}"
        )
        raise DocumentError(message)
    return document


def document_json(raw: msgspec.Raw) -> bytes:
    """Return a document's JSON as one line, cleaned as by ``decode_json``.

    Raises:
        DocumentError: The document is not text in UTF-8.
    """
    content = bytes(raw)
    try:
        if b"\n" in content or b"\r" in content or _has_unstorable(content):
            return msgspec.json.encode(decode_json(content))
        if not content.isascii():
            # Members that stay JSON are not decoded, so invalid UTF-8 must fail here.
            content.decode()
    except ValueError as error:
        message = "a record in the response is not text in UTF-8"
        raise DocumentError(message) from error
    return content


def _has_unstorable(content: bytes) -> bool:
    """Tell whether JSON has characters that databases refuse."""
    # Two fast searches rule out nearly all content before the slow one.
    return (b"\\" in content or b"\xed" in content) and bool(
        _UNSTORABLE.search(content)
    )


def _without_unstorable(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return a document without NUL characters and lone surrogates."""
    if isinstance(value, str):
        text = value.replace("\0", "")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_unstorable(key): _without_unstorable(member)
            for key, member in value.items()
        }
    return value
