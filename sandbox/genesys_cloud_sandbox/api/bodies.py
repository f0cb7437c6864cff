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

    from genesys_cloud_sandbox.options import SandboxOptions

#: An integer of at least 1; other types and lower values are refused differently.
Count = Annotated[int, msgspec.Meta(ge=1)]
#: The same for searches and jobs of aggregates, which refuse both in the same way.
PageSize = Annotated[
    int, msgspec.Meta(ge=1, description="an integer greater than or equal to 1")
]
#: The order of details.
Order = Literal["asc", "desc", "unordered"]
_DEFAULT_PAGE_SIZE = 25
_PAST_THE_CAP = (
    "Pagination may not exceed {cap} results.\n\nTip: When extracting large chunks of "
    "data (multiple days/weeks), maximize pagination performance by querying in "
    "smaller intervals. For example, paging through 1am-2am, then 2am-3am, then "
    "3am-4am, and so forth will outperform paging through one large interval that "
    "covers the same time frame."
)
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


class PagingSpec(Body):
    """A page of a query, by its number."""

    page_size: Count
    page_number: Count


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


def read_paging(paging: PagingSpec | None, options: SandboxOptions) -> tuple[int, int]:
    """Return the size and the number of a page."""
    if paging is None:
        return min(_DEFAULT_PAGE_SIZE, options.max_page_size), 1
    if paging.page_size > options.max_page_size:
        limit = options.max_page_size
        message = f"paging.pageSize must be less than or equal to {limit}"
        raise constraint_violated(message)
    if paging.page_size * paging.page_number > options.result_cap:
        raise bad_request(_PAST_THE_CAP.format(cap=options.result_cap))
    return paging.page_size, paging.page_number


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
