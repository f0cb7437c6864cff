"""The filters of analytics queries: checked, then made tests of documents.

A filter matches a document when one record (one segment, one survey, …) fulfils it as a
whole; a list of filters matches when each of them does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Literal

from genesys_cloud_sandbox.api.bodies import Body, read_object
from genesys_cloud_sandbox.api.errors import (
    bad_request,
    invalid_property,
    invalid_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from genesys_cloud_sandbox.world.timeline import Document

    #: What one predicate looks at: an object, and those around it, from within.
    Record = tuple[Document, ...]
    Test = Callable[[Record], bool]

_COMPARISONS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_PREDICATE_TYPES = ("dimension", "property", "metric")
_MOST_PREDICATES = 100


class _Predicate(Body):
    type: Any = None
    dimension: Any = None
    metric: Any = None
    property: Any = None
    property_type: Any = None
    operator: Literal["matches", "exists", "notExists"] | None = None
    value: Any = None
    range: Any = None


class _Clause(Body):
    type: Any = None
    predicates: list[Any] | None = None


class _Filter(_Clause):
    clauses: list[Any] | None = None


@dataclass(frozen=True)
class FilterKind:
    """A property of queries that holds filters, and what filters can name."""

    name: str
    #: Each dimension, with the key that holds it.
    dimensions: Mapping[str, str]
    metrics: tuple[str, ...] = ()
    #: What there is to match in a document.
    records: Callable[[Document], Iterable[Record]] = field(
        default=lambda document: [(document,)]
    )
    metric_values: Callable[[Record, str], list[float]] = field(
        default=lambda record, name: [record[0][name]] if name in record[0] else []
    )

    def dimension_values(self, record: Record, dimension: str) -> list[Any]:
        """Return what a record has for a dimension."""
        key = self.dimensions[dimension]
        for item in record:
            if key in item:
                found = item[key]
                return found if isinstance(found, list) else [found]
        return []


def filter_test(
    filters: list[Any] | None, kind: FilterKind
) -> Callable[[Document], bool]:
    """Check a list of filters, and return the test of documents that it makes."""
    tests = [_filter_test(item, kind, kind.name, _Filter) for item in filters or ()]
    return lambda document: all(
        any(test(record) for record in kind.records(document)) for test in tests
    )


def single_filter_test(
    content: Any,  # noqa: ANN401 (any-type: unchecked JSON)
    dimensions: tuple[str, ...],
) -> Callable[[Document], bool] | None:
    """Check a filter of dimensions, and return its test; None: there is no filter."""
    if content is None:
        return None
    kind = FilterKind("filter", {dimension: dimension for dimension in dimensions})
    test = filter_test([content], kind)
    if _count_predicates(content) > _MOST_PREDICATES:
        message = f"A filter may not have more than {_MOST_PREDICATES} predicates."
        raise bad_request(message)
    return test


def range_test(
    bounds: object, name: str, known: tuple[str, ...] = tuple(_COMPARISONS)
) -> Callable[[object], bool]:
    """Check a range, and return its test of numbers."""
    if not isinstance(bounds, dict):
        raise invalid_value(bounds, name, "an object")
    for key, bound in bounds.items():
        if key not in known:
            raise invalid_property(key, name)
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise invalid_value(bound, name, "a number")
    tests = [(_COMPARISONS[key], bound) for key, bound in bounds.items()]
    return lambda value: (
        isinstance(value, (int, float))
        and all(compare(value, bound) for compare, bound in tests)
    )


def _count_predicates(group: Document) -> int:
    """Return how many predicates a filter that has been checked has."""
    clauses = group.get("clauses") or ()
    own = len(group.get("predicates") or ())
    return own + sum(_count_predicates(clause) for clause in clauses)


def _filter_test(
    content: object, kind: FilterKind, name: str, model: type[_Clause]
) -> Test:
    """Return the test of a filter, or of a clause of one."""
    group = read_object(content, model, kind.name, name)
    if group.type not in ("and", "or"):
        raise invalid_value(group.type, f"{kind.name}.type", ("and", "or"))
    clauses = group.clauses or () if isinstance(group, _Filter) else ()
    tests = [_filter_test(x, kind, f"{kind.name}.clauses", _Clause) for x in clauses]
    tests += [_predicate_test(x, kind) for x in group.predicates or ()]
    if not tests:
        message = f"A filter in {kind.name} needs at least one predicate or clause."
        raise bad_request(message)
    together: Callable[[Iterable[bool]], bool] = all if group.type == "and" else any
    return lambda record: together(test(record) for test in tests)


def _predicate_test(content: object, kind: FilterKind) -> Test:
    predicate = read_object(content, _Predicate, "", f"{kind.name}.predicates")
    values = _values(predicate, kind)
    if predicate.operator == "exists":
        return lambda record: bool(values(record))
    if predicate.operator == "notExists":
        return lambda record: not values(record)
    if predicate.range is not None:
        within = range_test(predicate.range, "range")
        return lambda record: any(within(value) for value in values(record))
    if predicate.value is None:
        message = "A predicate that matches needs a value or a range."
        raise bad_request(message)
    wanted = _text(predicate.value)
    return lambda record: any(_text(value) == wanted for value in values(record))


def _values(predicate: _Predicate, kind: FilterKind) -> Callable[[Record], list[Any]]:
    """Return a function that finds the values that a predicate is about."""
    given = {name: getattr(predicate, name) for name in _PREDICATE_TYPES}
    named = [name for name in _PREDICATE_TYPES if given[name] is not None]
    what = predicate.type or (named[0] if named else None)
    if what not in named:
        message = (
            "A predicate needs a dimension, a property or a metric, as its type says."
        )
        raise bad_request(message)
    name = given[what]
    if what == "property":
        return lambda record: [
            item["value"]
            for item in record[0].get("properties", ())
            if item["property"] == name
        ]
    known = kind.dimensions if what == "dimension" else kind.metrics
    if name not in known:
        raise invalid_value(name, what, known)
    if what == "dimension":
        return lambda record: kind.dimension_values(record, name)
    return lambda record: kind.metric_values(record, name)


def _text(value: object) -> str:
    """Return a value as it is compared: as text, whatever the case."""
    return str(value).casefold()
