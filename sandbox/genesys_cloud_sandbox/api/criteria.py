"""The criteria of searches: which documents they find. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dateutil.parser import isoparse

from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    invalid_date,
    invalid_property,
    invalid_value,
)
from genesys_cloud_sandbox.api.filters import items
from genesys_cloud_sandbox.world.times import EPOCH, milliseconds, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from genesys_cloud_sandbox.world.timeline import Document

    Test = Callable[[Document], bool]

_MOST_VALUES, _LONGEST_VALUE = 50, 300
_PROPERTIES = (
    "type", "field", "fields", "value", "values", "startValue", "endValue",
    "operator", "group", "dateFormat",
)  # fmt: skip
_OPERATORS = ("AND", "OR", "NOT")
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "EXACT": lambda text, wanted: text == wanted,
    "TERM": lambda text, wanted: wanted in text.split(),
    "TERMS": lambda text, wanted: wanted in text.split(),
    "STARTS_WITH": lambda text, wanted: text.startswith(wanted),
    "CONTAINS": lambda text, wanted: wanted in text,
    "QUERY_STRING": lambda text, wanted: wanted in text,
    "PHRASE": lambda text, wanted: wanted in text,
    "EXACT_PHRASE": lambda text, wanted: wanted in text,
    "REGEX": lambda text, wanted: bool(re.fullmatch(wanted, text)),
}
"""Case makes no difference."""
_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "LESS_THAN": lambda found, bound: found < bound,
    "LESS_THAN_EQUAL_TO": lambda found, bound: found <= bound,
    "GREATER_THAN": lambda found, bound: found > bound,
    "GREATER_THAN_EQUAL_TO": lambda found, bound: found >= bound,
}


@dataclass(frozen=True)
class Grammar:
    """How an endpoint lets itself be searched."""

    types: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    """Where documents have what is called otherwise in criteria."""


def matcher(criteria: object, grammar: Grammar, name: str = "query") -> Test:
    """What criteria ask for: all of AND, any of OR, none of NOT."""
    tests: dict[str, list[Test]] = {operator: [] for operator in _OPERATORS}
    for criterion in objects(criteria, name):
        operator = criterion.get("operator") or "AND"
        if operator not in _OPERATORS:
            raise invalid_value(operator, f"{name}.operator", _OPERATORS)
        tests[operator].append(_test(criterion, grammar, name))

    def matches(document: Document) -> bool:
        return (
            all(test(document) for test in tests["AND"])
            and not any(test(document) for test in tests["NOT"])
            and (not tests["OR"] or any(test(document) for test in tests["OR"]))
        )

    return matches


def period(criteria: object, names: tuple[str, ...]) -> tuple[int | None, int | None]:
    """The instants between which a date must lie, as far as criteria say so."""
    first = last = None
    for criterion in objects(criteria, "query"):
        if (
            criterion.get("type") == "DATE_RANGE"
            and (criterion.get("operator") or "AND") == "AND"
            and set(_fields(criterion)) <= set(names)
        ):
            for bound in ("startValue", "endValue"):
                if criterion.get(bound) is not None:
                    at = _instant(criterion[bound])
                    first = at if bound == "startValue" else first
                    last = at if bound == "endValue" else last
    return first, last


def objects(value: object, name: str) -> list[Document]:
    """A property that must be a list of objects, or is not given."""
    criteria = items(value, name)
    if not all(isinstance(criterion, dict) for criterion in criteria):
        raise invalid_value(value, name, "a list of objects")
    return criteria


def _test(criterion: Document, grammar: Grammar, name: str) -> Test:
    for key in criterion:
        if key not in _PROPERTIES:
            raise invalid_property(key, "SearchCriteria")
    if criterion.get("group"):
        return matcher(criterion["group"], grammar, f"{name}.group")
    kind = criterion.get("type")
    if kind not in grammar.types:
        raise invalid_value(kind, f"{name}.type", grammar.types)
    if kind == "MATCH_ALL":
        return lambda _document: True
    fields = [grammar.fields.get(x, x).split(".") for x in _fields(criterion)]
    if not fields:
        raise ApiError(400, "constraint.validation", f"{name}.fields is required")
    holds = _holds(kind, criterion)
    return lambda document: any(
        holds(value) for path in fields for value in _values(document, path)
    )


def _holds(kind: str, criterion: Document) -> Callable[[Any], bool]:
    """Whether one value of a field is what a criterion asks for."""
    if kind == "REQUIRED_FIELDS":
        return lambda _value: True
    if kind in ("RANGE", "DATE_RANGE"):
        begun, ended = criterion.get("startValue"), criterion.get("endValue")
        if kind == "DATE_RANGE":
            begun, ended = (x and stamp(_instant(x)) for x in (begun, ended))
        return lambda value: (
            (begun is None or _ordered(value, begun, "GREATER_THAN_EQUAL_TO"))
            and (ended is None or _ordered(value, ended, "LESS_THAN_EQUAL_TO"))
        )
    wanted = criterion.get("values") or [criterion.get("value")]
    if len(wanted) > _MOST_VALUES:
        message = f"No more than {_MOST_VALUES} values may be given."
        raise bad_request(message)
    texts = [str(x).lower() for x in wanted if x is not None]
    if not texts or any(len(text) > _LONGEST_VALUE for text in texts):
        message = f"A {kind} takes values of 1 to {_LONGEST_VALUE} characters."
        raise bad_request(message)
    if kind == "REGEX":
        _check_patterns(texts)
    if kind in _BOUNDS:
        return lambda value: any(_ordered(value, text, kind) for text in texts)
    compare = _TEXTS[kind]
    return lambda value: any(compare(_text(value), text) for text in texts)


def _check_patterns(texts: list[str]) -> None:
    for text in texts:
        try:
            re.compile(text)
        except re.error:
            raise invalid_value(text, "value", "a regular expression") from None


def _ordered(value: object, bound: object, kind: str) -> bool:
    """Compare as numbers if the value is one, as texts otherwise: stamps are both."""
    try:
        if isinstance(value, (int, float)):
            return _BOUNDS[kind](value, float(str(bound)))
        return _BOUNDS[kind](str(value).lower(), str(bound).lower())
    except ValueError:
        return False


def _text(value: object) -> str:
    return str(value).lower()


def _fields(criterion: Document) -> list[str]:
    return criterion.get("fields") or list(filter(None, [criterion.get("field")]))


def _values(item: Any, path: list[str]) -> Iterator[Any]:  # noqa: ANN401 (any-type: JSON)
    """What documents have at a path: every item of the lists on the way."""
    if isinstance(item, list):
        for part in item:
            yield from _values(part, path)
    elif not path:
        yield item
    elif isinstance(item, dict) and path[0] in item:
        yield from _values(item[path[0]], path[1:])


def _instant(text: object) -> int:
    try:
        moment = isoparse(str(text))
    except ValueError:
        raise invalid_date() from None
    return milliseconds(
        moment if moment.tzinfo else moment.replace(tzinfo=EPOCH.tzinfo)
    )
