"""Request bodies and parameters: their types, and how they are read and refused.

Each model of the API is a `Body` with the model's name. What does not fit its type is
refused in the API's words, which name the property and the values that it allows.
"""

from __future__ import annotations

import re
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from genesys_cloud_sandbox.api.errors import (
    ApiError,
    bad_request,
    constraint_violated,
    invalid_parameter,
    invalid_property,
    invalid_value,
    required,
)

if TYPE_CHECKING:
    from starlette.requests import Request

#: An integer of at least 1, by which a search or a job of aggregates is paged.
PageSize = Annotated[
    int, msgspec.Meta(ge=1, description="an integer greater than or equal to 1")
]
#: An integer of at least 1, refused in other words if it is none than if it is too low.
Count = Annotated[int, msgspec.Meta(ge=1)]
_AT = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`")
_STEP = re.compile(r"\[(\d+)\]|([^.\[]+)")
_TYPES = {
    bool: ("true", "false"),
    float: "a number",
    int: "an integer",
    list: "a list",
    str: "a string",
}


class Body(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True,
    omit_defaults=True,
):  # fmt: skip
    """An object of a request body; its class has the name of the API's model."""

    #: What refusals call the model, if not by its name.
    model: ClassVar[str] = ""


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_json(request: Request) -> object:
    """Return the decoded body of a request."""
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        message = f"Unsupported media type: {content_type}"
        raise ApiError(415, "unsupported.media.type", message)
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        message = "The request body is not valid JSON."
        raise bad_request(message) from None


def read_body(content: object, model: type[AnyBody], name: str = "") -> AnyBody:
    """Return a request body by its model; `name`: the name of the model, if another."""
    if not isinstance(content, dict):
        message = "The request body is not a JSON object."
        raise bad_request(message)
    return read_object(content, model, "", name)


def read_object(
    content: object, model: type[AnyBody], path: str, name: str = ""
) -> AnyBody:
    """Return an object of a request body by its model; `path`: where it is."""
    if not isinstance(content, dict):
        raise invalid_value(content, name or path, "an object")
    try:
        return msgspec.convert(content, model)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), content, model, path, name) from None


def read_parameter(request: Request, name: str, default: int) -> int:
    """Return a positive integer of the query string."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        reason = "an integer greater than or equal to 1 is expected."
        raise invalid_parameter(text, name, reason)
    return int(text)


def read_names(
    names: list[Any] | None, field: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    """Return a list of names, each once; all of them must be known."""
    for value in names or ():
        if value not in known:
            raise invalid_value(value, field, known)
    return tuple(dict.fromkeys(names or ()))


def _refusal(text: str, content: Any, kind: Any, path: str, name: str) -> ApiError:  # noqa: ANN401 (any-type: unchecked JSON, and the type that it should have)
    """Return the API's error for one of msgspec's."""
    found = _AT.fullmatch(text)
    reason, place = found.groups() if found else (text, None)
    value, holder, names = content, content, [path] if path else []
    for index, key in _STEP.findall(place or ""):
        holder, value = value, value[int(index) if index else key]
        if isinstance(kind, type) and issubclass(kind, Body):
            name = ""
            kind = _field_type(kind, key)
            names.append(key)
        elif index:
            kind = (*get_args(kind), Any)[0]
    owner = name or getattr(kind, "model", "") or getattr(kind, "__name__", "")
    if named := _NAMED.fullmatch(reason):
        if named[1].startswith("contains"):
            return invalid_property(named[2], owner)
        return required(".".join([*names, named[2]]))
    field = ".".join(names)
    if isinstance(holder, list):
        objects = _allowed(kind) == "an object"
        return invalid_value(holder, field, "a list" + " of objects" * objects)
    if value is None:
        return required(field)
    allowed = _allowed(kind)
    if reason.endswith(">= 1") and allowed == _TYPES[int]:
        return constraint_violated(f"{field} must be greater than or equal to 1")
    return invalid_value(value, field, allowed)


def _field_type(model: type[Body], key: str) -> Any:  # noqa: ANN401 (any-type: a type)
    """Return the type of a property, without None."""
    fields = {x.encode_name: x.name for x in msgspec.structs.fields(model)}
    hint = get_type_hints(model, include_extras=True)[fields[key]]
    if type(None) in get_args(hint):
        return next(x for x in get_args(hint) if x is not type(None))
    return hint


def _allowed(kind: Any) -> object:  # noqa: ANN401 (any-type: a type)
    """Return what a property of a type allows, in words or as a choice."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) is Annotated:
        base, *notes = get_args(kind)
        described = [x.description for x in notes if x.description]
        return described[0] if described else _TYPES[base]
    return _TYPES.get(get_origin(kind) or kind, "an object")
