"""singer-sdk: the private and final methods that the adapter overrides or relies on."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.plugin_base import PluginBase, _ConfigInput

from tap_genesys_analytics.run.sdk_stream import StreamAdapter
from tap_genesys_analytics.run.sdk_tap import TapAdapter
from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    from collections.abc import Callable

#: Method → fingerprint of its code in the SDK, in all versions that are allowed.
CONTRACT: dict[str, str] = json.loads(
    Path(__file__).with_name("sdk_contract.json").read_text("utf-8")
)

#: Methods of the SDK whose calls of the overridden ones the adapter relies on.
RELIED_ON = (
    "Stream.sync",
    "Stream._sync_records",
    "Tap.invoke",
    "Tap.load_streams",
)

CLASSES: dict[str, type] = {"PluginBase": PluginBase, "Tap": Tap, "Stream": Stream}


def overridden(adapter: type, bases: tuple[type, ...]) -> set[str]:
    """Return the private and final methods of the SDK that an adapter overrides."""
    found = set()
    for name in vars(adapter):
        for base in bases:
            method = vars(base).get(name)
            if callable(method) or isinstance(method, classmethod):
                final = getattr(method, "__final__", False)
                if final or (name.startswith("_") and not name.startswith("__")):
                    found.add(f"{base.__name__}.{name}")
    return found


def fingerprint(method: Callable[..., object]) -> str:
    """Return a hash of a method's code: without docstring and white space."""
    source = textwrap.dedent(inspect.getsource(method))
    lines = source.splitlines()
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        assert docstring.end_lineno is not None
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    code = re.sub(r"\s", "", "\n".join(lines))
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def test_every_private_or_final_method_that_is_overridden_is_in_the_contract() -> None:
    """Nothing bends the SDK outside of the adapter's two classes and this list."""
    ours = overridden(TapAdapter, (Tap, PluginBase)) | overridden(
        StreamAdapter, (Stream,)
    )
    assert ours | set(RELIED_ON) == set(CONTRACT)
    assert not overridden(TapGenesys, (Tap, PluginBase))


@pytest.mark.parametrize("name", sorted(CONTRACT))
def test_the_sdk_has_not_changed_what_the_adapter_overrides(name: str) -> None:
    """If it has: read the change, adapt run/sdk_tap.py or run/sdk_stream.py, renew."""
    owner, _, method = name.partition(".")
    current = fingerprint(inspect.unwrap(getattr(CLASSES[owner], method)))
    assert current == CONTRACT[name], (
        f"singer-sdk has changed {name}: compare it with the version before, adapt the "
        f"adapter if need be, and write {current} into tests/run/sdk_contract.json"
    )


def test_the_private_members_that_the_adapter_uses_are_there() -> None:
    """They are attributes of streams and taps, which no override names."""
    assert {field.name for field in _fields(_ConfigInput)} >= {"config", "parse_env"}
    tap = TapGenesys(config={}, validate_config=False)
    stream = tap.streams["users"]
    assert stream._tap is tap
    assert stream._tap_input_catalog is None
    assert stream._stream_version is None
    assert stream.state_manager.is_flushed is True
    assert tap._config == tap.config


def _fields(kind: type) -> list[inspect.Parameter]:
    return list(inspect.signature(kind).parameters.values())
