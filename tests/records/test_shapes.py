"""Shapes: a response that is not as declared is refused, without its values."""

from __future__ import annotations

from typing import Any

import pytest

from tap_genesys_analytics.records.shapes import (
    Shape,
    UnexpectedResponseError,
    check_shape,
    unknown_members,
)


class User(Shape):
    """A user, with what a test needs."""

    user_id: str
    periods: list[dict[str, Any]] | None = None


@pytest.mark.parametrize(
    "document",
    [
        {"userId": "a"},
        {"userId": "a", "periods": None},
        {"userId": "a", "periods": [{}, {"anything": 1}], "brandNew": [1]},
    ],
)
def test_a_document_with_the_declared_members_passes(document: Any) -> None:
    """Optional members may be missing or null, and others may be there."""
    check_shape(document, User, "GET /users")


@pytest.mark.parametrize(
    ("document", "member"),
    [
        (None, "Expected `object`, got `null`"),
        (["Erika"], "Expected `object`, got `array`"),
        ({}, "missing required field `userId`"),
        ({"userId": 7}, "Expected `str`, got `int` - at `$.userId`"),
        ({"userId": "a", "periods": {"Erika": 1}}, "at `$.periods`"),
        ({"userId": "a", "periods": [{}, "Erika"]}, "at `$.periods[1]`"),
    ],
)
def test_another_document_is_refused_by_the_member_and_not_by_the_value(
    document: Any, member: str
) -> None:
    """The message names the endpoint, the member and the expected type."""
    with pytest.raises(UnexpectedResponseError) as caught:
        check_shape(document, User, "GET /users")
    assert str(caught.value).startswith("GET /users answered something unexpected: ")
    assert member in str(caught.value)
    assert "Erika" not in str(caught.value)


def test_members_that_are_not_declared_are_known_by_name() -> None:
    """So that they can be kept."""
    document = {"userId": "a", "periods": [], "brandNew": 1}
    assert unknown_members(document, User) == {"brandNew": 1}
