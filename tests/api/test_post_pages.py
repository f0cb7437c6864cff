"""Pages by number: all records, once, in order, wherever the answer hides its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.errors import ApiError, PageTooLargeError
from tap_genesys_analytics.api.post_pages import (
    Page,
    TooManyResultsError,
    parse_page,
    post_pages,
)
from tap_genesys_analytics.records.raw_documents import decode_document

if TYPE_CHECKING:
    from collections.abc import Callable

Body = dict[str, Any]


class Endpoint:
    """An endpoint with ``count`` records, which answers in one of the API's forms."""

    def __init__(self, count: int, form: str = "totalHits", **options: Any) -> None:
        self.documents = [{"id": number} for number in range(count)]
        self.form = form
        self.asked: list[tuple[int, int]] = []
        self.heaviest: int = options.get("heaviest", 10**9)
        self.heavy: set[int] = options.get("heavy", set())
        self.largest: int = options.get("largest", 10**9)
        self.after_end: Body | None = options.get("after_end")

    def __call__(self, body: Body) -> Body:
        """Answer a body."""
        paging = body.get("paging", body)
        size = min(paging["pageSize"], self.largest)
        number = paging["pageNumber"]
        self.asked.append((number, size))
        page = self.documents[(number - 1) * size : number * size]
        if len(self.heavy & {record["id"] for record in page}) and size > self.heaviest:
            message = "too large"
            raise PageTooLargeError(message)
        if not page:
            return self.after_end if self.after_end is not None else {}
        total = len(self.documents)
        count = -(-total // size)
        forms: dict[str, Body] = {
            "totalHits": {"conversations": page, "totalHits": total},
            "paging.pageCount": {
                "data": page,
                "paging": {"pageSize": size, "pageNumber": number, "pageCount": count},
            },
            "pageCount": {
                "entities": page,
                "pageSize": size,
                "pageNumber": number,
                "pageCount": count,
                "total": total,
            },
            "none": {"results": page},
        }
        return forms[self.form]


RECORDS_PATHS = {
    "totalHits": "conversations",
    "paging.pageCount": "data",
    "pageCount": "entities",
    "none": "results",
}


def read(endpoint: Endpoint, page_size: int = 100, **options: Any) -> list[int]:
    """Return the ids that a pager reads from an endpoint."""
    path = RECORDS_PATHS[endpoint.form]
    pages = post_pages(
        endpoint, {"x": 1}, page_size=page_size, records_path=path, **options
    )
    return [decode_document(item)["id"] for page in pages for item in page.documents]


@given(st.integers(0, 450), st.integers(1, 100), st.sampled_from(sorted(RECORDS_PATHS)))
def test_every_record_is_read_once_and_in_order(
    count: int, size: int, form: str
) -> None:
    """Whatever the form of the answer, the count and the page size."""
    assert read(Endpoint(count, form), size) == list(range(count))


@pytest.mark.parametrize(
    ("form", "count", "requests"),
    [
        ("paging.pageCount", 250, 3),
        ("paging.pageCount", 200, 2),
        ("pageCount", 200, 2),
        ("totalHits", 250, 3),
        ("totalHits", 0, 1),
        ("none", 250, 4),
    ],
)
def test_ends_after_page_count_pages(form: str, count: int, requests: int) -> None:
    """No page is asked for that the answer says is not there."""
    endpoint = Endpoint(count, form)
    assert read(endpoint) == list(range(count))
    assert [number for number, _ in endpoint.asked] == list(range(1, requests + 1))


def test_a_full_last_page_by_an_approximate_total_is_looked_behind() -> None:
    """The API's totalHits is approximate: it may be one page short."""

    class Short(Endpoint):
        def __call__(self, body: Body) -> Body:
            answer = super().__call__(body)
            return answer | {"totalHits": 200} if answer else answer

    assert read(Short(230)) == list(range(230))


@pytest.mark.parametrize(
    ("after_end", "requests"),
    [
        ({}, 3),
        ({"totalHits": 0}, 3),
        ({"totalHits": 500}, 5),
        ({"conversations": [], "totalHits": 500}, 5),
    ],
    ids=["bare", "no hits", "hits", "empty list"],
)
def test_an_answer_without_records_ends_the_query(
    after_end: Body, requests: int
) -> None:
    """In all four forms that are known or thought of, unless its total lies behind."""

    class Promising(Endpoint):
        def __call__(self, body: Body) -> Body:
            answer = super().__call__(body)
            return answer | {"totalHits": 500} if "conversations" in answer else answer

    endpoint = Promising(150, after_end=after_end)
    assert read(endpoint) == list(range(150))
    assert len(endpoint.asked) == requests


def test_an_empty_page_before_the_total_does_not_end_the_query() -> None:
    """All that it held may have been duplicates, which details queries drop."""

    class Hollow(Endpoint):
        def __call__(self, body: Body) -> Body:
            answer = super().__call__(body)
            return (
                {"totalHits": 350}
                if answer["conversations"][0]["id"] == 100
                else answer
            )

    assert read(Hollow(350)) == [*range(100), *range(200, 350)]


def test_a_short_page_does_not_end_the_query() -> None:
    """Details queries drop repeated records from their pages and go on."""

    class Gappy(Endpoint):
        def __call__(self, body: Body) -> Body:
            answer = super().__call__(body)
            kept = [row for row in answer["conversations"] if row["id"] % 7]
            return answer | {"conversations": kept}

    assert read(Gappy(350)) == [number for number in range(350) if number % 7]


def test_the_page_count_is_looked_at_again_on_every_page() -> None:
    """Data that arrives while pages are read is read too."""

    class Growing(Endpoint):
        def __call__(self, body: Body) -> Body:
            if len(self.documents) < 230:
                self.documents += [{"id": len(self.documents) + n} for n in range(60)]
            return super().__call__(body)

    endpoint = Growing(110, "pageCount")
    assert read(endpoint) == list(range(230))
    assert [number for number, _ in endpoint.asked] == [1, 2, 3]


@given(
    st.integers(1, 300),
    st.integers(1, 100),
    st.integers(1, 60),
    st.sets(st.integers(0, 299), max_size=6),
    st.sampled_from(["totalHits", "pageCount"]),
)
def test_pages_that_are_too_large_are_read_in_smaller_ones(
    count: int, size: int, heaviest: int, heavy: set[int], form: str
) -> None:
    """Nothing is skipped or read twice because of it."""
    endpoint = Endpoint(count, form, heavy=heavy, heaviest=heaviest)
    assert read(endpoint, size) == list(range(count))


def test_only_the_heavy_part_is_read_in_small_pages() -> None:
    """Behind it, pages are of the full size again."""
    endpoint = Endpoint(400, heavy={120}, heaviest=30)
    assert read(endpoint) == list(range(400))
    assert endpoint.asked == [
        (1, 100),
        (2, 100),
        (3, 50),
        (5, 25),
        (6, 25),
        (7, 25),
        (8, 25),
        (3, 100),
        (4, 100),
        (5, 100),
    ]


def test_a_single_record_that_is_too_large_is_an_error() -> None:
    """What cannot be had is not skipped."""
    endpoint = Endpoint(10, heavy={5}, heaviest=0)
    with pytest.raises(PageTooLargeError):
        read(endpoint)


@given(st.integers(1, 100), st.integers(0, 50))
def test_a_smaller_page_begins_at_the_same_record(size: int, before: int) -> None:
    """Its size divides its offset, or page numbers would not meet it."""
    page: Page | None = Page(size, size * before)
    while page is not None:
        assert (page.number - 1) * page.size == size * before
        smaller = page.smaller()
        assert smaller is None or smaller.size < page.size
        page = smaller


@given(st.integers(0, 300), st.integers(1, 100), st.integers(1, 100))
def test_a_page_size_that_the_endpoint_makes_smaller_is_followed(
    count: int, size: int, largest: int
) -> None:
    """The size that an answer names is the one that counts."""
    endpoint = Endpoint(count, "pageCount", largest=largest)
    assert read(endpoint, size) == list(range(count))


def test_more_results_than_pages_reach_is_known_after_the_first_page() -> None:
    """Not after a thousand pages that would be thrown away."""
    endpoint = Endpoint(1001)
    with pytest.raises(TooManyResultsError, match="1,001") as caught:
        read(endpoint, result_cap=1000)
    assert caught.value.total == 1001
    assert len(endpoint.asked) == 1


def test_a_total_that_grows_over_the_cap_while_paging_is_known_too() -> None:
    """The last page before the cap is full: there may be more behind it."""

    class Understating(Endpoint):
        def __call__(self, body: Body) -> Body:
            return super().__call__(body) | {"totalHits": 900}

    with pytest.raises(TooManyResultsError):
        read(Understating(1200), result_cap=1000)


@given(st.integers(1, 120), st.integers(1, 100), st.integers(1, 120))
def test_pages_up_to_the_cap_are_asked_for_in_the_form_that_is_answered(
    count: int, size: int, cap: int
) -> None:
    """Never a number and a size that are more than the cap; all that it allows."""
    endpoint = Endpoint(count)
    if count > cap:
        with pytest.raises(TooManyResultsError):
            read(endpoint, size, result_cap=cap)
    else:
        assert read(endpoint, size, result_cap=cap) == list(range(count))
    assert all(number * size <= cap for number, size in endpoint.asked)


def test_an_endpoint_that_ignores_page_numbers_is_no_endless_loop() -> None:
    """The same records for every number, and no count: an error."""
    with pytest.raises(ApiError, match="the same page"):
        list(
            post_pages(
                lambda _: {"results": [{"id": 1}]},
                {},
                page_size=1,
                records_path="results",
            )
        )


def test_paging_stands_where_the_endpoint_wants_it() -> None:
    """Searches take pageSize and pageNumber at the root of the body."""
    bodies: list[Body] = []

    def ask(body: Body) -> Body:
        bodies.append(body)
        return {"answer": {"results": [{"id": 1}]}, "pageCount": 1}

    pages = post_pages(
        ask, {"query": 1}, page_size=5, records_path="answer.results", paging_key=None
    )
    assert [page.documents for page in pages] == [[{"id": 1}]]
    assert bodies == [{"query": 1, "pageSize": 5, "pageNumber": 1}]


@pytest.mark.parametrize("answer", [None, [], "text"])
def test_an_answer_that_is_no_object_is_an_error_that_says_what_it_is(
    answer: Any,
) -> None:
    """The path of a query of one's own may be that of something else."""
    with pytest.raises(ApiError, match=f"not an object but {type(answer).__name__}"):
        parse_page(answer, "results")


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (lambda number: [number % 2] * 10, "same page again and again"),
        (lambda _: [], "empty pages in a row"),
    ],
    ids=["in a circle", "empty"],
)
def test_pages_that_never_end_are_an_error(
    records: Callable[[int], list[int]], told: str
) -> None:
    """Although each of them counts one page more than it is."""

    def answer(body: Body) -> Body:
        number = body["paging"]["pageNumber"]
        found = [{"id": each} for each in records(number)]
        return {"results": found, "pageCount": number + 1}

    with pytest.raises(ApiError, match=told):
        list(post_pages(answer, {}, page_size=10, records_path="results"))
