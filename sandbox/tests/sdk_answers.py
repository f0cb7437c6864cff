"""What the official SDK made of an answer, compared with what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)

from tests.sdk_models import unknown_keys

if TYPE_CHECKING:
    from tests.conftest import Client


def logged_in(client: Client) -> Any:
    """The SDK's client, logged in by itself."""
    login = sdk.ApiClient(host=client.sandbox.login_url)
    login.get_client_credentials_token("sandbox", "sandbox-secret")
    api = sdk.ApiClient(host=client.sandbox.api_url)
    api.access_token = login.access_token
    return api


def check(read: Any, sent: Any, model: type) -> None:
    """No key is unknown, no value is outdated, and everything sent was read."""
    assert not unknown_keys(sent, model)
    assert "outdated_sdk_version" not in read.to_json()
    assert leaves(read) == leaves(sent) > 0


def leaves(item: Any) -> int:
    """How many values there are, at whatever depth."""
    if hasattr(item, "to_dict"):
        item = item.to_dict()
    if isinstance(item, dict):
        item = list(item.values())
    if isinstance(item, list):
        return sum(map(leaves, item))
    return int(item is not None)
