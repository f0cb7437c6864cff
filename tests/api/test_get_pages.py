"""Lists: every way of paging is followed to its end, and no further."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_genesys_analytics.api.endless import MOST_EMPTY
from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.get_pages import (
    ListRequest,
    Paging,
    first_request,
    get_pages,
    next_request,
)
from tap_genesys_analytics.errors import GenesysError

PATH = "/api/v2/things"


def entities(count: int) -> list[dict[str, Any]]:
    """Return some entities."""
    return [{"id": str(number)} for number in range(count)]


class NumberedList:
    """A list by page number that lowers page sizes above its own limit."""

    def __init__(self, count: int, largest: int) -> None:
        self.found = entities(count)
        self.largest = largest
        self.sizes: list[int] = []

    def __call__(self, ask: ListRequest) -> dict[str, Any]:
        """Answer a page."""
        self.sizes.append(ask.params["pageSize"])
        size = min(ask.params["pageSize"], self.largest)
        number = ask.params["pageNumber"]
        return {
            "entities": self.found[(number - 1) * size : number * size],
            "pageSize": size,
            "pageNumber": number,
            "total": len(self.found),
            "pageCount": -(-len(self.found) // size),
        }


def linked(count: int, size: int, link: str) -> Any:
    """Return a list that says with a link, or a cursor, what comes next."""
    found = entities(count)

    def answer(ask: ListRequest) -> dict[str, Any]:
        links: dict[str, dict[str, Any]]
        after = ask.params.get("after", 0)
        begin = int(after[0] if isinstance(after, list) else after)
        page: dict[str, Any] = {"entities": found[begin : begin + size]}
        if begin + size < count:
            following = begin + size
            links = {
                "relative": {"nextUri": f"{PATH}?pageSize=9&after={following}"},
                "absolute": {"nextUri": f"https://api.x.y{PATH}?after={following}"},
                "cursor": {"cursors": {"after": str(following)}},
                "after": {"after": str(following)},
            }
            page |= links[link]
        return page

    return answer


def read(get: Any, paging: Paging, page_size: int = 100) -> list[str]:
    """Return the ids that a list answers."""
    first = first_request(ListRequest(PATH), paging, page_size)
    return [each["id"] for page in get_pages(get, first) for each in page.entities]


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_a_list_by_number_is_read_once_whatever_page_size_it_takes(
    count: int, asked: int, largest: int
) -> None:
    """And the page size that it answers is the one that is asked for next."""
    numbered = NumberedList(count, largest)
    assert read(numbered, Paging.NUMBERS, asked) == [str(n) for n in range(count)]
    assert set(numbered.sizes[1:]) <= {min(asked, largest)}
    assert len(numbered.sizes) == max(1, -(-count // min(asked, largest)))


@pytest.mark.parametrize("link", ["relative", "absolute", "cursor", "after"])
@given(count=st.integers(0, 40), size=st.integers(1, 9))
def test_a_list_by_link_or_cursor_is_read_once(
    link: str, count: int, size: int
) -> None:
    """Whether the link is relative, names a host, or is a cursor only."""
    found = read(linked(count, size, link), Paging.LINKS)
    assert found == [str(number) for number in range(count)]


def test_a_link_is_followed_on_our_own_host() -> None:
    """The token is for it, and for no other."""
    answer = {"nextUri": f"https://elsewhere.example{PATH}?pageNumber=2"}
    assert next_request(ListRequest(PATH), answer) == ListRequest(
        PATH, {"pageNumber": ["2"]}
    )


def test_parameters_that_come_twice_in_a_link_stay() -> None:
    """Such as several expansions."""
    answer = {"nextUri": f"{PATH}?expand=a&expand=b"}
    assert next_request(ListRequest(PATH), answer) == ListRequest(
        PATH, {"expand": ["a", "b"]}
    )


def test_a_bare_array_is_a_list_of_one_page() -> None:
    """As system presences are."""
    assert read(lambda _: entities(3), Paging.NONE) == ["0", "1", "2"]


def test_a_list_that_is_not_paged_is_asked_for_without_a_page() -> None:
    """Some refuse parameters that they do not know."""
    assert first_request(ListRequest(PATH, {"state": "any"}), Paging.NONE).params == {
        "state": "any"
    }
    assert first_request(ListRequest(PATH), Paging.LINKS).params == {"pageSize": 100}


def test_an_empty_page_in_the_middle_does_not_end_a_list() -> None:
    """What the client may not see is left out of its page."""
    pages: list[dict[str, Any]] = [
        {"entities": entities(1), "pageCount": 3},
        {"pageCount": 3},
        {"entities": [{"id": "last"}], "pageCount": 3},
    ]
    found = read(lambda ask: pages[ask.params["pageNumber"] - 1], Paging.NUMBERS)
    assert found == ["0", "last"]


@pytest.mark.parametrize(
    "answer",
    [
        {"entities": entities(2), "nextUri": f"{PATH}?pageSize=100"},
        {"entities": entities(2), "after": "same"},
    ],
)
def test_a_list_that_turns_in_a_circle_is_an_error(answer: dict[str, Any]) -> None:
    """Not an endless run."""
    with pytest.raises(ApiError, match="same page again and again"):
        read(lambda _: answer, Paging.LINKS)


def test_links_that_lead_back_to_an_earlier_page_are_an_error() -> None:
    """A circle of two: A, B, A."""

    def answer(ask: ListRequest) -> dict[str, Any]:
        following = "b" if ask.params.get("after") == ["a"] else "a"
        page = {"id": str(ask.params.get("after"))}
        return {"entities": [page], "nextUri": f"{PATH}?after={following}"}

    with pytest.raises(ApiError, match="same page again and again"):
        read(answer, Paging.LINKS)


def test_numbered_pages_that_repeat_by_turns_are_an_error() -> None:
    """The number of pages grows with each of them."""

    def answer(ask: ListRequest) -> dict[str, Any]:
        number = ask.params["pageNumber"]
        return {"entities": [{"id": str(number % 2)}], "pageCount": number + 1}

    with pytest.raises(ApiError, match="same page again and again"):
        read(answer, Paging.NUMBERS)


def test_empty_pages_that_go_on_for_ever_are_an_error() -> None:
    """A few in a row are what the client may not see."""

    def answer(ask: ListRequest) -> dict[str, Any]:
        after = int(ask.params.get("after", 0))
        if after == MOST_EMPTY:
            return {"entities": entities(1), "after": after + 1}
        return {"entities": [], "after": after + 1}

    with pytest.raises(ApiError, match=f"{MOST_EMPTY + 1} empty pages in a row"):
        read(answer, Paging.LINKS)


@pytest.mark.parametrize(
    ("answer", "name"), [(None, "null"), ("text", "str"), (7, "int")]
)
def test_what_is_no_list_is_an_error_that_says_what_it_is(
    answer: Any, name: str
) -> None:
    """The path of a list of one's own may be that of something else."""
    with pytest.raises(GenesysError, match=f"Expected `object`, got `{name}`"):
        list(get_pages(lambda _: answer, ListRequest(PATH)))
