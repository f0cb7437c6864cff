"""What the details queries and jobs of conversations and of users have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from starlette.responses import Response

from genesys_cloud_sandbox.api.bodies import Body, Count
from genesys_cloud_sandbox.api.errors import (
    bad_request,
    constraint_violated,
    payload_too_large,
)
from genesys_cloud_sandbox.api.responses import encode
from genesys_cloud_sandbox.world.identity import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genesys_cloud_sandbox.options import SandboxOptions
    from genesys_cloud_sandbox.world.timeline import Document

Order = Literal["asc", "desc", "unordered"]
#: How many results a job may have at most.
Limit = Count
#: The longest intervals: of jobs and queries with filters, and of other queries.
MAX_DAYS, MAX_DAYS_WITHOUT_FILTER = 31, 7
_DEFAULT_PAGE_SIZE = 25
_PAST_THE_CAP = (
    "Pagination may not exceed {cap} results.\n\nTip: When extracting large chunks of "
    "data (multiple days/weeks), maximize pagination performance by querying in "
    "smaller intervals. For example, paging through 1am-2am, then 2am-3am, then "
    "3am-4am, and so forth will outperform paging through one large interval that "
    "covers the same time frame."
)


class PagingSpec(Body):
    """A page of a query, by its number."""

    page_size: Count
    page_number: Count


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


def page_response(
    options: SandboxOptions,
    name: str,
    documents: Sequence[Document],
    total: int,
    *,
    past: bool,
) -> Response:
    """Return a page with its documents under a name; `past`: it is past the last one.

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
        raise payload_too_large()
    return Response(content, media_type="application/json")


def inexact_total(total: int, error: float, now: int) -> int:
    """Return a number of hits that is off by a share, differently every second."""
    wave = 2 * mix(now // 1_000, total) / 2**64 - 1
    return max(0, round(total * (1 + error * wave)))
