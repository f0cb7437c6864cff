"""The official SDK: its methods by path, and what it made of an answer."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
from PureCloudPlatformClientV2 import models

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


def method_of(api_client: Any, verb: str, path: str) -> Any:
    """The SDK's method for a path: its name is the path, without ids, in their words.

    An id is named by the word before it: `teams/{teamId}/members` is team_members.
    """
    name = f"{verb}_{re.sub(r's/{[^}]+}', '', path).replace('/', '_')}"
    owners = (getattr(sdk, known) for known in dir(sdk) if known.endswith("Api"))
    return next(getattr(x(api_client), name) for x in owners if hasattr(x, name))


def model_of(method: Any) -> type:
    """The model of a method's answer, or of each of its items."""
    returned = str(inspect.signature(method).return_annotation)
    model: type = getattr(models, re.findall(r"\w+", returned)[-1])
    return model


def check(read: Any, sent: Any, model: type) -> None:
    """No key is unknown, no value is outdated, and everything sent was read."""
    assert not unknown_keys(sent, model)
    assert "outdated_sdk_version" not in read.to_json()
    again = sdk.ApiClient().sanitize_for_serialization(read)
    assert counts(again) == counts(sent) != {}


def counts(item: Any) -> Counter[str]:
    """How often each key has a value, at whatever depth."""
    found: Counter[str] = Counter()
    parts = [item]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            found.update(key for key, value in part.items() if value is not None)
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return found
