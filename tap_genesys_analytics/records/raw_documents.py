"""JSON as Genesys answers it: decoded late, and freed of what no database stores."""

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

#: A NUL or half of a surrogate pair, escaped in JSON or as it leaves a broken encoder.
_UNSTORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")

#: What a page says beside its documents.
_ENVELOPE = ("total", "totalHits", "pageCount", "pageSize", "paging", "cursor")


class DocumentError(GenesysError):
    """What should be a document is none."""


def decode_json(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document, its texts freed of what no database stores.

    NUL characters are removed, and halves of surrogate pairs become U+FFFD:
    PostgreSQL, for one, refuses a whole load because of either. Numbers that a double
    cannot hold are texts, as they were written.

    Raises:
        ValueError: The content is not JSON.
    """
    if not _is_unstorable(content):
        try:
            return msgspec.json.decode(content)
        except msgspec.ValidationError:
            # A number is out of range: nothing else is looked at.
            pass
    return _cleaned(_loads(content))


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

    An undecoded page takes a fraction of the memory while it waits, and decoding its
    documents one by one (``decode_document``) is faster than decoding the whole page.
    What the page says of other pages is decoded.

    Raises:
        ValueError: The content is not JSON.
    """
    try:
        return _page_decoder(undecoded).decode(content)
    except msgspec.DecodeError:
        # Perhaps halves of surrogate pairs: they are cleaned in the page as a whole.
        page = decode_json(content)
        if isinstance(page, dict) and isinstance(page.get(undecoded), list):
            encode = msgspec.json.encode
            page[undecoded] = [msgspec.Raw(encode(each)) for each in page[undecoded]]
        return page


@functools.cache
def _page_decoder(undecoded: str) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a page whose documents stay JSON."""
    members: dict[str, Any] = dict.fromkeys(_ENVELOPE, Any)
    members[undecoded] = list[msgspec.Raw] | None
    return msgspec.json.Decoder(TypedDict("Page", members, total=False))  # type: ignore[operator]  # (mypy knows only those that are written out)


def decode_document(raw: RawDocument) -> Document:
    """Return a document of a page, decoded.

    Raises:
        DocumentError: It is no JSON object.
    """
    if not isinstance(raw, msgspec.Raw):
        return raw
    document = decode_json(document_json(raw))
    if not isinstance(document, dict):
        message = f"a record in the answer is no object but {type(document).__name__}"
        raise DocumentError(message)
    return document


def document_json(raw: msgspec.Raw) -> bytes:
    """Return the JSON of a document in one line, its texts freed as in ``decode_json``.

    Raises:
        DocumentError: It is not text in UTF-8.
    """
    content = bytes(raw)
    try:
        if b"\n" in content or b"\r" in content or _is_unstorable(content):
            return msgspec.json.encode(decode_json(content))
        if not content.isascii():
            # What stays JSON is not looked at again.
            content.decode()
    except ValueError as error:
        message = "a record in the answer is not text in UTF-8"
        raise DocumentError(message) from error
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
        return _cleaned_members(value)
    return value


def _cleaned_members(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members of an object, cleaned; those of equal names are numbered.

    In the order of their names as they came, after one that was clean already.
    """
    names = {name: _cleaned(name) for name in members}
    cleaned: dict[str, Any] = {}
    for given in sorted(members, key=lambda name: (names[name] != name, name)):
        name, count = names[given], 1
        while name in cleaned:
            count += 1
            name = f"{names[given]}#{count}"
        cleaned[name] = _cleaned(members[given])
    return cleaned
