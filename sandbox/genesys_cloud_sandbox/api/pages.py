"""Pages of details queries: what they say of the total, and what there is past them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.answers import encode
from genesys_cloud_sandbox.world.identity import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document


def page_response(
    options: SandboxOptions,
    name: str,
    documents: Sequence[Document],
    total: int,
    *,
    past: bool,
) -> Response:
    """A page with its documents under a name; `past`: it lies past the last one.

    A page on the way whose documents are all left out has nothing but the total.
    """
    body: dict[str, object] = {"totalHits": total}
    if documents:
        body[name] = documents
    elif options.past_the_end == "empty-list":
        body[name] = []
    elif past and options.past_the_end == "empty-object":
        body = {}
    elif past and options.past_the_end == "total-zero":
        body["totalHits"] = 0
    content = encode(body)
    if 0 < options.payload_limit < len(content):
        raise errors.payload_too_large()
    return Response(content, media_type="application/json")


def approximate(total: int, error: float, now: int) -> int:
    """A number of hits that is off by a share, differently every second."""
    wave = 2 * mix(now // 1_000, total) / 2**64 - 1
    return max(0, round(total * (1 + error * wave)))
