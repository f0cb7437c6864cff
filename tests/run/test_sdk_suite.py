"""The SDK's own tests of a tap, against a sandbox."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    from collections.abc import Iterator


#: Of a column that is null in all records, which some are.
pytestmark = pytest.mark.filterwarnings("ignore:No records were available to test")


def free_port() -> int:
    """Return a port that nobody uses: the SDK wants the settings before any fixture."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    return port


OPTIONS = SandboxOptions(
    conversations_per_day=60,
    requests_per_minute=0,
    api_port=free_port(),
    login_port=free_port(),
)

CONFIG = {
    "client_id": OPTIONS.client_id,
    "client_secret": OPTIONS.client_secret,
    "api_url": f"http://127.0.0.1:{OPTIONS.api_port}",
    "conversation_source": "query",
    "login_url": f"http://127.0.0.1:{OPTIONS.login_port}",
    "start_date": format_timestamp(datetime.now(timezone.utc) - timedelta(days=8)),
}


def everything_selected() -> dict[str, Any]:
    """Return the catalog with every stream selected, also those that are not."""
    catalog: dict[str, Any] = TapGenesys(config=dict(CONFIG)).catalog_dict
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return catalog


TestTapGenesys = get_tap_test_class(
    TapGenesys,
    config=CONFIG,
    catalog=everything_selected(),
    suite_config=SuiteConfig(
        max_records_limit=150,
        # Participant attributes come with jobs, not with the query.
        # Flows are passed in seconds: nobody may be in one at the moment.
        ignore_no_records_for_streams=["conversation_attributes", "flow_observations"],
    ),
)


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> Iterator[Sandbox]:
    """Serve the Genesys Cloud that the settings above name."""
    with Sandbox(OPTIONS) as sandbox:
        yield sandbox
