"""Shapes: what a response must look like before anything relies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tap_genesys_analytics.errors import GenesysError

if TYPE_CHECKING:
    from tap_genesys_analytics.records.raw_documents import Document


class Shape(msgspec.Struct, rename="camel"):
    """Base of shapes: an object with these members and perhaps others.

    Members have the API's camelCase names.
    """


class Identified(Shape):
    """An entity whose id is needed."""

    id: str


class UnexpectedResponseError(GenesysError):
    """A response, or a document in one, does not have the shape that it should have."""


def check_shape(value: Any, shape: Any, source: str) -> None:  # noqa: ANN401 (JSON, and a form of a type)
    """Check that JSON has the members that a shape declares, with their types.

    ``source`` names the endpoint in the error. Unknown members are allowed.

    Raises:
        UnexpectedResponseError: It has not. The message names the member only.
    """
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        message = f"{source} answered something unexpected: {error}"
        raise UnexpectedResponseError(message) from error


def unknown_members(document: Document, shape: type[Shape]) -> Document:
    """Return the members of a document that its shape does not declare."""
    known = shape.__struct_encode_fields__
    return {name: value for name, value in document.items() if name not in known}
