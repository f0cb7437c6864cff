"""What requests carry: JSON bodies and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genesys_cloud_sandbox.api import errors

if TYPE_CHECKING:
    from starlette.requests import Request


async def read_json(request: Request) -> object:
    """The body of a request; what is no JSON is refused."""
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        message = f"Unsupported media type: {content_type}"
        raise errors.ApiError(415, "unsupported.media.type", message)
    try:
        return msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        message = "The request body is not valid JSON."
        raise errors.bad_request(message) from None


def read_parameter(request: Request, name: str, default: int) -> int:
    """A positive integer of the query string."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise errors.ApiError(
            400,
            "invalid.query.param.value",
            f"Value [{text}] is not valid for parameter [{name}]: "
            "an integer greater than or equal to 1 is expected.",
            value=text,
            parameter=name,
        )
    return int(text)
