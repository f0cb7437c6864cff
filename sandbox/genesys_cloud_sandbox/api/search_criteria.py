"""The criteria of searches: which documents they find."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from operator import contains, eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from genesys_cloud_sandbox.api.bodies import Body
from genesys_cloud_sandbox.api.errors import bad_request, invalid_value, required
from genesys_cloud_sandbox.api.intervals import read_instant
from genesys_cloud_sandbox.world.times import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from genesys_cloud_sandbox.world.timeline import Document

    Test = Callable[[Document], bool]

#: The types of criteria of each search, and the paths of their fields.
_FILE = "search_grammars.json"
_MAX_VALUES, _MAX_LENGTH = 50, 300
#: The tests of texts by types of criteria; both texts are in lower case.
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "EXACT": eq,
    "TERM": lambda text, wanted: wanted in text.split(),
    "TERMS": lambda text, wanted: wanted in text.split(),
    "STARTS_WITH": str.startswith,
    "CONTAINS": contains,
    "QUERY_STRING": contains,
    "PHRASE": contains,
    "EXACT_PHRASE": contains,
    "REGEX": lambda text, wanted: bool(re.fullmatch(wanted, text)),
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "LESS_THAN": lt,
    "LESS_THAN_EQUAL_TO": le,
    "GREATER_THAN": gt,
    "GREATER_THAN_EQUAL_TO": ge,
}


class SearchCriteria(Body):
    """One criterion, or a group of them."""

    type: Any = None
    field: str | None = None
    fields: list[str] | None = None
    value: Any = None
    values: list[Any] | None = None
    start_value: Any = None
    end_value: Any = None
    operator: Literal["AND", "OR", "NOT"] | None = None
    group: list[SearchCriteria] | None = None
    date_format: Any = None

    def names(self) -> list[str]:
        """Return the fields that the criterion names."""
        return self.fields or list(filter(None, [self.field]))


class _Grammar(msgspec.Struct, frozen=True):
    """The types and fields of the criteria that a search takes."""

    types: tuple[str, ...]
    #: Where documents have what criteria have another name for.
    fields: dict[str, str] = msgspec.field(default_factory=dict)


def criteria_test(criteria: Sequence[SearchCriteria] | None, search: str) -> Test:
    """Return the test that the criteria of a search make."""
    return _all_test(criteria, _grammars()[search], "query")


@lru_cache(maxsize=1)
def _grammars() -> dict[str, _Grammar]:
    content = resources.files(__package__).joinpath(_FILE).read_bytes()
    return msgspec.json.decode(content, type=dict[str, _Grammar])


def _all_test(
    criteria: Sequence[SearchCriteria] | None, grammar: _Grammar, name: str
) -> Test:
    """Return the test of a group of criteria: all of AND, any of OR, none of NOT."""
    tests: dict[str, list[Test]] = {"AND": [], "OR": [], "NOT": []}
    for criterion in criteria or ():
        tests[criterion.operator or "AND"].append(_test(criterion, grammar, name))

    def matches(document: Document) -> bool:
        return (
            all(test(document) for test in tests["AND"])
            and not any(test(document) for test in tests["NOT"])
            and (not tests["OR"] or any(test(document) for test in tests["OR"]))
        )

    return matches


def date_range(
    criteria: Sequence[SearchCriteria] | None, names: tuple[str, ...]
) -> tuple[int | None, int | None]:
    """Return the instants between which criteria want a date, as far as they do."""
    first = last = None
    for criterion in criteria or ():
        if (
            criterion.type == "DATE_RANGE"
            and (criterion.operator or "AND") == "AND"
            and set(criterion.names()) <= set(names)
        ):
            if criterion.start_value is not None:
                first = read_instant(criterion.start_value)
            if criterion.end_value is not None:
                last = read_instant(criterion.end_value)
    return first, last


def _test(criterion: SearchCriteria, grammar: _Grammar, name: str) -> Test:
    if criterion.group:
        return _all_test(criterion.group, grammar, f"{name}.group")
    if criterion.type not in grammar.types:
        raise invalid_value(criterion.type, f"{name}.type", grammar.types)
    if criterion.type == "MATCH_ALL":
        return lambda _document: True
    paths = [grammar.fields.get(x, x).split(".") for x in criterion.names()]
    if not paths:
        message = f"{name}.fields"
        raise required(message)
    holds = _value_test(criterion)
    return lambda document: any(
        holds(value) for path in paths for value in _values(document, path)
    )


def _value_test(criterion: SearchCriteria) -> Callable[[Any], bool]:
    """Return the test of one value of a field."""
    kind = criterion.type
    if kind == "REQUIRED_FIELDS":
        return lambda _value: True
    if kind in ("RANGE", "DATE_RANGE"):
        begun, ended = criterion.start_value, criterion.end_value
        if kind == "DATE_RANGE":
            begun, ended = (x and stamp(read_instant(x)) for x in (begun, ended))
        return lambda value: (
            (begun is None or _compare(value, begun, "GREATER_THAN_EQUAL_TO"))
            and (ended is None or _compare(value, ended, "LESS_THAN_EQUAL_TO"))
        )
    wanted = criterion.values or [criterion.value]
    if len(wanted) > _MAX_VALUES:
        message = f"No more than {_MAX_VALUES} values may be given."
        raise bad_request(message)
    texts = [_text(x) for x in wanted if x is not None]
    if not texts or any(len(text) > _MAX_LENGTH for text in texts):
        message = f"A {kind} takes values of 1 to {_MAX_LENGTH} characters."
        raise bad_request(message)
    if kind == "REGEX":
        _check_patterns(texts)
    if kind in _COMPARISONS:
        return lambda value: any(_compare(value, text, kind) for text in texts)
    test = _TEXT_TESTS[kind]
    return lambda value: any(test(_text(value), text) for text in texts)


def _check_patterns(texts: list[str]) -> None:
    for text in texts:
        try:
            re.compile(text)
        except re.error:
            raise invalid_value(text, "value", "a regular expression") from None


def _compare(value: object, bound: object, kind: str) -> bool:
    """Compare as numbers if the value is one, as texts otherwise: stamps are both."""
    try:
        if isinstance(value, (int, float)):
            return _COMPARISONS[kind](value, float(str(bound)))
        return _COMPARISONS[kind](_text(value), _text(bound))
    except ValueError:
        return False


def _text(value: object) -> str:
    return str(value).lower()


def _values(item: Any, path: list[str]) -> Iterator[Any]:  # noqa: ANN401 (any-type: JSON)
    """Yield what a document has at a path: every item of the lists on the way."""
    if isinstance(item, list):
        for part in item:
            yield from _values(part, path)
    elif not path:
        yield item
    elif isinstance(item, dict) and path[0] in item:
        yield from _values(item[path[0]], path[1:])
