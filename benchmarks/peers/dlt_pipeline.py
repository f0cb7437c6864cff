"""The common part of both dlt pipelines: REST client, resource, JSON lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
from dlt.destinations import filesystem
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_SIZE = 100


def conversations() -> Iterator[Any]:
    """Yield the pages of the details query."""
    client = RESTClient(
        base_url=os.environ["GENESYS_API_URL"],
        auth=OAuth2ClientCredentials(
            access_token_url=f"{os.environ['GENESYS_LOGIN_URL']}/oauth/token",
            client_id=os.environ["GENESYS_CLIENT_ID"],
            client_secret=os.environ["GENESYS_CLIENT_SECRET"],
        ),
        paginator=PageNumberPaginator(
            base_page=1, page_body_path="paging.pageNumber", total_path=None
        ),
        data_selector="conversations",
    )
    yield from client.paginate(
        "/api/v2/analytics/conversations/details/query",
        method="POST",
        json={
            "interval": f"{os.environ['GENESYS_START']}/{os.environ['GENESYS_END']}",
            "order": "asc",
            "orderBy": "conversationStart",
            "paging": {"pageSize": PAGE_SIZE},
        },
    )


def run(max_table_nesting: int | None = None) -> None:
    """Load the conversations into plain files in a folder: the cheapest destination."""
    resource = dlt.resource(
        conversations,
        name="conversations",
        primary_key="conversationId",
        max_table_nesting=max_table_nesting,
    )
    folder = Path.cwd()
    pipeline = dlt.pipeline(
        pipeline_name="genesys",
        pipelines_dir=str(folder / "pipelines"),
        destination=filesystem(bucket_url=(folder / "loaded").as_uri()),
        dataset_name="genesys",
    )
    pipeline.run(resource(), loader_file_format="jsonl")
