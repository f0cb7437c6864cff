"""A tap as the Singer SDK's documentation and template show it: all defaults."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import OAuthAuthenticator
from singer_sdk.pagination import BasePageNumberPaginator
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests
    from singer_sdk.helpers.types import Context

PAGE_SIZE = 100


class GenesysAuthenticator(OAuthAuthenticator):
    """Gets a token for client credentials."""

    @property
    @override
    def oauth_request_body(self) -> dict[str, Any]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


class GenesysPaginator(BasePageNumberPaginator):
    """Requests pages until one is empty."""

    @override
    def has_more(self, response: requests.Response) -> bool:
        return bool(response.json().get("conversations"))


class Conversations(RESTStream[int]):
    """Conversations, from the details query."""

    name = "conversations"
    path = "/api/v2/analytics/conversations/details/query"
    http_method = "POST"
    primary_keys = ("conversationId",)
    records_jsonpath = "$.conversations[*]"
    schema: ClassVar[dict[str, Any]] = json.loads(
        Path(os.environ["GENESYS_SCHEMA"]).read_text("utf-8")
    )

    @property
    @override
    def url_base(self) -> str:
        return str(self.config["api_url"])

    @cached_property
    @override
    def authenticator(self) -> GenesysAuthenticator:
        return GenesysAuthenticator(
            client_id=self.config["client_id"],
            client_secret=self.config["client_secret"],
            auth_endpoint=f"{self.config['login_url']}/oauth/token",
        )

    @override
    def get_new_paginator(self) -> GenesysPaginator:
        return GenesysPaginator(start_value=1)

    @override
    def prepare_request_payload(
        self, context: Context | None, next_page_token: int | None
    ) -> dict[str, Any]:
        return {
            "interval": f"{self.config['start_date']}/{self.config['end_date']}",
            "order": "asc",
            "orderBy": "conversationStart",
            "paging": {"pageSize": PAGE_SIZE, "pageNumber": next_page_token},
        }


class TapGenesys(Tap):
    """The tap."""

    name = "genesys"
    config_jsonschema = th.PropertiesList(
        th.Property("client_id", th.StringType, required=True),
        th.Property("client_secret", th.StringType, required=True, secret=True),
        th.Property("api_url", th.StringType, required=True),
        th.Property("login_url", th.StringType, required=True),
        th.Property("start_date", th.DateTimeType, required=True),
        th.Property("end_date", th.DateTimeType, required=True),
    ).to_dict()

    @override
    def discover_streams(self) -> Sequence[Conversations]:
        return [Conversations(self)]


if __name__ == "__main__":
    TapGenesys.cli()
