"""JSON documents: decoded late, without characters that databases refuse."""

from __future__ import annotations

import functools
import json
import math
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
    Numbers that a double cannot hold become texts, as they were written.

    Raises:
        ValueError: The content is not JSON.
    """
    if not _has_unstorable(content):
        try:
            return msgspec.json.decode(content)
        except msgspec.ValidationError:
            # A number is out of range: nothing else is looked at.
            pass
    return _without_unstorable(_loads(content))


def _float(text: str) -> float | str:
    """Return a number with a fraction or exponent; its text if it is too large."""
    number = float(text)
    return text if math.isinf(number) else number


def _int(text: str) -> int | str:
    """Return a whole number; its text if it is too large for a double."""
    return text if math.isinf(float(text)) else int(text)


def _no_constant(text: str) -> None:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(text)


_loads = functools.partial(
    json.loads, parse_float=_float, parse_int=_int, parse_constant=_no_constant
)


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
    document = decode_json(document_json(raw)) if isinstance(raw, msgspec.Raw) else raw
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
        return _members_without_unstorable(value)
    return value


def _members_without_unstorable(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members of an object, cleaned; those of equal names are numbered.

    In the order of their names as they came, after one that was clean already.
    """
    names = {name: _without_unstorable(name) for name in members}
    cleaned: dict[str, Any] = {}
    for given in sorted(members, key=lambda name: (names[name] != name, name)):
        name, count = names[given], 1
        while name in cleaned:
            count += 1
            name = f"{names[given]}#{count}"
        cleaned[name] = _without_unstorable(members[given])
    return cleaned
