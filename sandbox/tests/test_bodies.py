"""Bodies that do not fit their model are refused in the API's words."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest

from genesys_cloud_sandbox.api.bodies import (
    Body,
    Count,
    PageSize,
    read_body,
    read_object,
)
from genesys_cloud_sandbox.api.errors import ApiError


class Inner(Body):
    """An object within a body."""

    count: Count
    choice: Literal["b", "a"] | None = None
    inner: list[Inner] | None = None


class Named(Body):
    """An object that refusals give a name of their own."""

    model: ClassVar[str] = "other"


class Outer(Body):
    """A whole body."""

    page_size: PageSize | None = None
    flag: bool | None = None
    names: list[str] | None = None
    share: float | None = None
    inner: Inner | None = None
    several: list[Inner] | None = None
    objects: list[dict[str, Any]] | None = None
    named: Named | None = None
    annotated: Annotated[int, msgspec.Meta(ge=1)] | None = None


INTEGER = "an integer greater than or equal to 1"


def refusal(content: object) -> ApiError:
    """Return the error that refuses a body."""
    with pytest.raises(ApiError) as refused:
        read_body(content, Outer)
    assert refused.value.status == 400
    return refused.value


@pytest.mark.parametrize(
    ("content", "field", "value", "allowed"),
    [
        ({"pageSize": 0}, "pageSize", "0", INTEGER),
        ({"pageSize": "x"}, "pageSize", "x", INTEGER),
        ({"pageSize": True}, "pageSize", "True", INTEGER),
        ({"flag": 1}, "flag", "1", "false, true"),
        ({"share": "x"}, "share", "x", "a number"),
        ({"names": "x"}, "names", "x", "a list"),
        ({"names": [1]}, "names", "[1]", "a list"),
        ({"inner": 5}, "inner", "5", "an object"),
        ({"inner": {"count": "x"}}, "inner.count", "x", "an integer"),
        (
            {"inner": {"count": 1, "choice": "c"}},
            "inner.choice",
            "c",
            "a, b",
        ),
        ({"inner": {"count": 1, "choice": 5}}, "inner.choice", "5", "a, b"),
        ({"several": {}}, "several", "{}", "a list"),
        ({"several": ["x"]}, "several", "['x']", "a list of objects"),
        ({"several": [None]}, "several", "[None]", "a list of objects"),
        ({"objects": [5]}, "objects", "[5]", "a list of objects"),
        (
            {"several": [{"count": 1}, {"count": 2, "inner": [{"count": 2.5}]}]},
            "several.inner.count",
            "2.5",
            "an integer",
        ),
    ],
)
def test_a_value_of_another_type(
    content: object, field: str, value: str, allowed: str
) -> None:
    """The refusal names the field, the value, and what would be allowed."""
    error = refusal(content)
    assert error.code == "invalid.value"
    assert error.params == {"field": field, "value": value}
    assert error.message == (
        f"Value [{value}] is not valid for field type [{field}]. "
        f"Allowable values are: {allowed}"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"inner": {}}, "inner.count is required"),
        ({"inner": {"count": None}}, "inner.count is required"),
        ({"inner": {"count": 0}}, "inner.count must be greater than or equal to 1"),
        ({"annotated": 0}, "annotated must be greater than or equal to 1"),
        ({"several": [{}]}, "several.count is required"),
    ],
)
def test_a_constraint(content: object, message: str) -> None:
    """What is required, and what is too low."""
    error = refusal(content)
    assert (error.code, error.message) == ("constraint.validation", message)


@pytest.mark.parametrize(
    ("content", "model"),
    [
        ({"x": 1}, "Outer"),
        ({"inner": {"count": 1, "x": 1}}, "Inner"),
        ({"several": [{"count": 1, "x": 1}]}, "Inner"),
        ({"named": {"x": 1}}, "other"),
    ],
)
def test_an_unknown_property(content: object, model: str) -> None:
    """The refusal names the model, by its own name or by another."""
    error = refusal(content)
    assert error.code == "invalid.property"
    assert error.message == f"Property [x] is not valid for [{model}]."


@pytest.mark.parametrize("content", [None, [], "x", 5])
def test_a_body_that_is_no_object(content: object) -> None:
    """It has no field to name; an object within a body has its place."""
    assert refusal(content).message == "The request body is not a JSON object."
    with pytest.raises(ApiError, match=r"field type \[views\]") as refused:
        read_object(content, Inner, "views")
    assert refused.value.code == "invalid.value"


def test_names_for_one_model() -> None:
    """Aggregates have one body, whose model has another name in each family."""
    with pytest.raises(ApiError, match=r"for \[FlowQuery\]"):
        read_body({"x": 1}, Outer, "FlowQuery")
    with pytest.raises(ApiError, match=r"for \[Inner\]"):
        read_body({"inner": {"count": 1, "x": 1}}, Outer, "FlowQuery")


def test_a_body_that_fits() -> None:
    """Null is the same as nothing."""
    body = read_body({"pageSize": 3, "flag": None, "inner": {"count": 2}}, Outer)
    assert body == Outer(page_size=3, inner=Inner(count=2))
