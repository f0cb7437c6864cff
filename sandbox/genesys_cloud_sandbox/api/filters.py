"""The filter grammar: filters of predicates and clauses, checked, then evaluated.

A filter matches a conversation when one record (one segment, one survey, …) fulfils it
as a whole; a list of filters matches when each of them does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.api.errors import (
    bad_request,
    invalid_property,
    invalid_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genesys_cloud_sandbox.api.dimensions import Family, Record
    from genesys_cloud_sandbox.world.timeline import Document

    Test = Callable[[Record], bool]

_FILTER, _CLAUSE = ("type", "clauses", "predicates"), ("type", "predicates")
_PREDICATE = (
    "type", "dimension", "metric", "property", "propertyType", "operator", "value",
    "range",
)  # fmt: skip
_RANGE: dict[str, Callable[[float, float], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}
_KINDS = ("dimension", "property", "metric")
_OPERATORS = ("matches", "exists", "notExists")


def matcher(filters: object, family: Family) -> Callable[[Document], bool]:
    """Check a list of filters and make it a test of documents."""
    tests = [
        _group(checked(item, family.name, _FILTER), family)
        for item in items(filters, family.name)
    ]
    return lambda document: all(
        any(test(record) for record in family.records(document)) for test in tests
    )


def items(value: object, name: str) -> list[Any]:
    """A property that must be a list, or is not given."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid_value(value, name, "a list")
    return value


def _group(group: Document, family: Family) -> Test:
    """A filter, or a clause within one."""
    kind = group.get("type")
    if kind not in ("and", "or"):
        raise invalid_value(kind, f"{family.name}.type", ("and", "or"))
    tests = [
        _group(checked(clause, f"{family.name}.clauses", _CLAUSE), family)
        for clause in items(group.get("clauses"), f"{family.name}.clauses")
    ]
    tests += [
        _predicate(checked(item, f"{family.name}.predicates", _PREDICATE), family)
        for item in items(group.get("predicates"), f"{family.name}.predicates")
    ]
    if not tests:
        message = f"A filter in {family.name} needs at least one predicate or clause."
        raise bad_request(message)
    together: Callable[[Iterable[bool]], bool] = all if kind == "and" else any
    return lambda record: together(test(record) for test in tests)


def _predicate(predicate: Document, family: Family) -> Test:
    given = [name for name in _KINDS if predicate.get(name) is not None]
    kind = predicate.get("type") or (given[0] if given else None)
    if kind not in _KINDS or kind not in given:
        message = (
            "A predicate needs a dimension, a property or a metric, as its type says."
        )
        raise bad_request(message)
    values = _values(kind, predicate, family)
    operator = predicate.get("operator") or "matches"
    if operator not in _OPERATORS:
        raise invalid_value(operator, "operator", _OPERATORS)
    if operator == "exists":
        return lambda record: bool(values(record))
    if operator == "notExists":
        return lambda record: not values(record)
    if predicate.get("range") is not None:
        within = _within(checked(predicate["range"], "range", tuple(_RANGE)))
        return lambda record: any(within(value) for value in values(record))
    if predicate.get("value") is None:
        message = "A predicate that matches needs a value or a range."
        raise bad_request(message)
    wanted = _text(predicate["value"])
    return lambda record: any(_text(value) == wanted for value in values(record))


def _values(
    kind: str, predicate: Document, family: Family
) -> Callable[[Record], list[Any]]:
    """How to find what a predicate speaks of."""
    name = predicate[kind]
    if kind == "property":
        return lambda record: [
            item["value"]
            for item in record[0].get("properties", ())
            if item["property"] == name
        ]
    known = family.dimensions if kind == "dimension" else family.metrics
    if name not in known:
        raise invalid_value(name, kind, known)
    if kind == "dimension":
        return lambda record: family.values(record, name)
    return lambda record: family.metric_values(record, name)


def _within(bounds: Document) -> Callable[[object], bool]:
    tests = [(_RANGE[name], bound) for name, bound in bounds.items()]
    for _test, bound in tests:
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise invalid_value(bound, "range", "a number")
    return lambda value: (
        isinstance(value, (int, float))
        and all(test(value, bound) for test, bound in tests)
    )


def checked(value: object, owner: str, known: tuple[str, ...]) -> Document:
    """An object of the body that has no property but the known ones."""
    if not isinstance(value, dict):
        raise invalid_value(value, owner, "an object")
    for name in value:
        if name not in known:
            raise invalid_property(name, owner)
    return value


def _text(value: object) -> str:
    """Values compare as text, whatever the case."""
    return str(value).casefold()
