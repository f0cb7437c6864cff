"""A low-code connector as the Airbyte CDK's documentation shows it, run as a source."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from airbyte_cdk.entrypoint import launch
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)

SCHEMA = json.loads(Path(os.environ["GENESYS_SCHEMA"]).read_text("utf-8"))
TIMES = "%Y-%m-%dT%H:%M:%S.%_msZ"

MANIFEST: dict[str, Any] = {
    "version": "7.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["conversations"]},
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "conversations",
            "primary_key": ["conversationId"],
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester",
                    "url_base": "{{ config['api_url'] }}",
                    "path": "/api/v2/analytics/conversations/details/query",
                    "http_method": "POST",
                    "authenticator": {
                        "type": "OAuthAuthenticator",
                        "grant_type": "client_credentials",
                        "token_refresh_endpoint": (
                            "{{ config['login_url'] }}/oauth/token"
                        ),
                        "client_id": "{{ config['client_id'] }}",
                        "client_secret": "{{ config['client_secret'] }}",
                    },
                    "request_body_json": {
                        "interval": (
                            "{{ stream_interval['start_time'] }}/"
                            "{{ stream_interval['end_time'] }}"
                        ),
                        "order": "asc",
                        "orderBy": "conversationStart",
                    },
                },
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {
                        "type": "DpathExtractor",
                        "field_path": ["conversations"],
                    },
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_token_option": {
                        "type": "RequestOption",
                        "inject_into": "body_json",
                        "field_path": ["paging", "pageNumber"],
                    },
                    "page_size_option": {
                        "type": "RequestOption",
                        "inject_into": "body_json",
                        "field_path": ["paging", "pageSize"],
                    },
                    "pagination_strategy": {
                        "type": "PageIncrement",
                        "page_size": 100,
                        "start_from_page": 1,
                        "inject_on_first_request": True,
                    },
                },
            },
            "incremental_sync": {
                "type": "DatetimeBasedCursor",
                "cursor_field": "conversationStart",
                "datetime_format": TIMES,
                "cursor_datetime_formats": [TIMES],
                "start_datetime": {
                    "type": "MinMaxDatetime",
                    "datetime": "{{ config['start_date'] }}",
                    "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
                },
                "end_datetime": {
                    "type": "MinMaxDatetime",
                    "datetime": "{{ config['end_date'] }}",
                    "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
                },
                "step": "P1D",
                "cursor_granularity": "PT0.001S",
            },
            "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMA},
        }
    ],
    "spec": {
        "type": "Spec",
        "connection_specification": {
            "type": "object",
            "properties": {
                "api_url": {"type": "string"},
                "login_url": {"type": "string"},
                "client_id": {"type": "string"},
                "client_secret": {"type": "string", "airbyte_secret": True},
                "start_date": {"type": "string"},
                "end_date": {"type": "string"},
            },
        },
    },
}

CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "conversations",
                "json_schema": SCHEMA,
                "supported_sync_modes": ["full_refresh", "incremental"],
            },
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
        }
    ]
}


def main() -> None:
    """Run the CDK's command line, as Airbyte's platform does."""
    config, catalog = Path("config.json"), Path("configured_catalog.json")
    catalog.write_text(json.dumps(CATALOG), encoding="utf-8")
    source = ConcurrentDeclarativeSource(
        source_config=MANIFEST,
        config=json.loads(config.read_text("utf-8")),
        catalog=None,
        state=None,
    )
    launch(source, ["read", "--config", str(config), "--catalog", str(catalog)])


if __name__ == "__main__":
    main()
