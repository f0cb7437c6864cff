"""What the tap says of itself in six places is the same in all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import update_documents
from tap_genesys_analytics.settings.schema import SETTINGS
from tap_genesys_analytics.tap import TapGenesys

ROOT = Path(__file__).parents[1]
PROPERTIES: dict[str, dict[str, Any]] = SETTINGS["properties"]
MELTANO: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))
EXTRACTOR: dict[str, Any] = MELTANO["plugins"]["extractors"][0]
HUB: dict[str, Any] = yaml.safe_load(update_documents.HUB.read_text("utf-8"))


@pytest.mark.parametrize(
    "path", update_documents.documents(), ids=lambda path: str(path.name)
)
def test_documents_say_what_the_code_says(path: Path) -> None:
    """The manual, Meltano, hub and the catalog: run `make generate`."""
    assert path.read_text("utf-8") == update_documents.documents()[path]


@pytest.mark.parametrize("described", [EXTRACTOR, HUB], ids=["meltano", "hub"])
def test_meltano_knows_every_setting_of_the_tap(described: dict[str, Any]) -> None:
    """By name, kind, default and sensitivity."""
    settings = {each["name"]: each for each in described["settings"]}
    assert list(settings) == list(PROPERTIES)
    for name, schema in PROPERTIES.items():
        assert settings[name].get("value") == schema.get("default"), name
        assert settings[name]["sensitive"] == bool(schema.get("secret")), name
    assert settings["client_secret"]["kind"] == "password"
    assert settings["start_date"]["kind"] == "date_iso8601"
    assert settings["on_forbidden"]["options"][0]["value"] == "fail"
    assert settings["aggregates"]["kind"] == "array"


def test_meltano_selects_what_the_tap_selects() -> None:
    """Where nothing is said, Meltano would select everything."""
    rules = EXTRACTOR["select"]
    assert rules[0] == "*.*"
    catalog: dict[str, Any] = TapGenesys(config={}, validate_config=False).catalog_dict
    for stream in catalog["streams"]:
        name = stream["tap_stream_id"]
        metadata = {tuple(m["breadcrumb"]): m["metadata"] for m in stream["metadata"]}
        is_selected = metadata[()]["selected-by-default"]
        assert (f"!{name}.*" in rules) is not is_selected, name
        for column in stream["schema"]["properties"]:
            entry = metadata["properties", column]
            if is_selected and entry.get("selected-by-default") is False:
                assert f"!{name}.{column}" in rules


def test_meltano_knows_what_the_tap_can() -> None:
    """Capabilities as in --about."""
    can = sorted(capability.value for capability in TapGenesys.capabilities)
    assert EXTRACTOR["capabilities"] == HUB["capabilities"] == can
    assert EXTRACTOR["executable"] == HUB["executable"] == TapGenesys.name


def test_everything_that_meltano_installs_is_pinned() -> None:
    """And nothing needs the hub: each plugin has a namespace."""
    plugins = [*MELTANO["plugins"]["extractors"], *MELTANO["plugins"]["loaders"]]
    for plugin in plugins:
        assert plugin["namespace"]
        assert re.match(r"-e \.|[\w-]+==[\d.]+", plugin["pip_url"])
    assert MELTANO["send_anonymous_usage_stats"] is False


def test_the_example_of_secrets_names_settings_and_no_value_of_a_secret() -> None:
    """Every required setting is there, in the form that Meltano and the tap read."""
    text = (ROOT / ".secrets.example").read_text("utf-8")
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE)
    named = dict(lines)
    ours = {
        name.removeprefix("TAP_GENESYS_").lower()
        for name in named
        if name.startswith("TAP_GENESYS_")
    }
    assert set(SETTINGS["required"]) <= ours <= set(PROPERTIES)
    for name, schema in PROPERTIES.items():
        if schema.get("secret") or name in SETTINGS["required"]:
            assert named[f"TAP_GENESYS_{name.upper()}"] == ""
    loader = {each["name"] for each in MELTANO["plugins"]["loaders"][0]["settings"]}
    for name in named:
        if name.startswith("TARGET_POSTGRES_"):
            assert name.removeprefix("TARGET_POSTGRES_").lower() in loader


def test_what_is_copied_from_the_example_is_ignored_by_git() -> None:
    """Credentials are never committed."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", ".secrets/"} <= set(ignored)


@pytest.mark.parametrize("name", ["requirement", "constraint"])
def test_no_pin_names_an_address(name: str) -> None:
    """Pins are versions, whatever index they came from."""
    files = [*ROOT.glob(f"{name}s*.txt"), ROOT / "pyproject.toml"]
    for file in files:
        pins = file.read_text("utf-8")
        assert not re.search(r"https?://|--index-url|--find-links", pins), file.name
