"""Paged answers whose records stay JSON until they are wanted."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.post_pages import parse_page
from tap_genesys_analytics.records.raw_documents import (
    DocumentError,
    decode_document,
    decode_json,
    decode_page,
    document_json,
)

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
_DOCUMENTS = st.dictionaries(st.text(), _VALUES, max_size=4)


def documents(content: bytes) -> list[dict[str, Any]]:
    """Return the documents of a page."""
    answer = parse_page(decode_page(content, "conversations"), "conversations")
    return [decode_document(item) for item in answer.documents]


@given(records=st.lists(_DOCUMENTS, max_size=4), in_ascii=st.booleans())
def test_records_are_those_of_a_page_that_is_decoded_at_once(
    *, records: list[dict[str, Any]], in_ascii: bool
) -> None:
    """Whatever is in them, and however their characters are written."""
    page = {"conversations": records, "totalHits": 7, "cursor": "c"}
    content = json.dumps(page, ensure_ascii=in_ascii).encode(errors="surrogatepass")
    assert documents(content) == decode_json(content)["conversations"]
    answer = decode_page(content, "conversations")
    assert (answer["totalHits"], answer["cursor"]) == (7, "c")
    assert all(isinstance(each, msgspec.Raw) for each in answer["conversations"])


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (rb"a\u0000b", "ab"),
        (rb"cut \ud83d off", "cut \ufffd off"),
        (rb"whole \ud83d\ude00", "whole \U0001f600"),
        (b"raw \xed\xa0\xbd half", "raw \ufffd half"),
    ],
)
def test_records_are_cleaned_of_what_no_database_stores(
    text: bytes, cleaned: str
) -> None:
    """Beside others, which stay as they are."""
    content = b'{"conversations": [{"note": "%s"}, {"note": "fine"}]}' % text
    assert documents(content) == [{"note": cleaned}, {"note": "fine"}]


@pytest.mark.parametrize("content", [b"{}", b'{"conversations": null}', b"[]"])
def test_a_page_without_records_has_none(content: bytes) -> None:
    """The member is absent behind the last page."""
    answer = decode_page(content, "conversations")
    found = parse_page(answer, "conversations").documents if answer else []
    assert found == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"conversations": [{"id": "1"}, {"id": ',
        b'{"conversations": [{"id": "1"} {"id": "2"}]}',
        b'{"conversations": [{"id": tru}]}',
    ],
)
def test_what_is_not_json_is_found_before_a_record_is_wanted(content: bytes) -> None:
    """So that the page is asked for again."""
    with pytest.raises(ValueError, match=r"."):
        decode_page(content, "conversations")


@pytest.mark.parametrize(
    ("record", "message"),
    [(b'{"id": "\xff"}', "not text in UTF-8"), (b'"one"', "not an object but str")],
)
def test_a_record_that_is_no_document_is_an_error(record: bytes, message: str) -> None:
    """It does not pass for one that is not there."""
    answer = decode_page(b'{"conversations": [%s]}' % record, "conversations")
    (item,) = answer["conversations"]
    with pytest.raises(DocumentError, match=message):
        decode_document(item)


def test_a_document_is_its_own() -> None:
    """Pages of other endpoints hold documents."""
    document = {"id": "1"}
    assert decode_document(document) is document


@given(document=_DOCUMENTS, indent=st.sampled_from([None, 2]), in_ascii=st.booleans())
def test_what_stays_json_is_one_line_of_what_it_was(
    *, document: dict[str, Any], indent: int | None, in_ascii: bool
) -> None:
    """A message of Singer ends where its line ends."""
    text = json.dumps(document, indent=indent, ensure_ascii=in_ascii)
    content = text.encode(errors="surrogatepass")
    kept = document_json(msgspec.Raw(content))
    assert len(kept.splitlines()) == 1
    assert msgspec.json.decode(kept) == decode_json(content)
