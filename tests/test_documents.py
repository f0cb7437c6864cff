"""What the tap says of itself in five places is the same in all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import update_readme
from tap_genesys_analytics.settings import SETTINGS
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tap_genesys_analytics.tap import TapGenesys

ROOT = Path(__file__).parents[1]
PROPERTIES: dict[str, dict[str, Any]] = SETTINGS["properties"]
MELTANO: dict[str, Any] = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))
EXTRACTOR: dict[str, Any] = MELTANO["plugins"]["extractors"][0]
KINDS = {name: name for name in ("string", "integer", "boolean", "array")}


def kind_of(schema: dict[str, Any]) -> str:
    """Return the kind that Meltano should know a setting by."""
    if schema.get("secret"):
        return "password"
    if schema.get("format") == "date-time":
        return "date_iso8601"
    if "enum" in schema:
        return "options"
    types = schema["type"]
    return KINDS[types if isinstance(types, str) else types[0]]


def test_meltano_knows_every_setting_of_the_tap() -> None:
    """By name, kind, label, description, default and sensitivity."""
    described = {each["name"]: each for each in EXTRACTOR["settings"]}
    assert list(described) == [
        name for name in PROPERTIES if name not in sdk_settings()
    ]
    for name, setting in described.items():
        schema = PROPERTIES[name]
        assert setting["kind"] == kind_of(schema), name
        assert setting["label"] == schema["title"], name
        assert setting["description"] == schema["description"], name
        assert setting.get("value") == schema.get("default"), name
        assert setting["sensitive"] == bool(schema.get("secret")), name
        if setting["kind"] == "options":
            assert [each["value"] for each in setting["options"]] == schema["enum"]


def sdk_settings() -> set[str]:
    """Return the settings that the SDK adds."""
    added: dict[str, Any] = {}
    TapGenesys.append_builtin_config(added)
    return set(added["properties"])


def test_meltano_selects_what_the_tap_selects() -> None:
    """Where nothing is said, Meltano would select everything."""
    deselected = {rule[1:] for rule in EXTRACTOR["select"] if rule.startswith("!")}
    expected = {
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if not column.selected_by_default
    } | {f"{table.name}.*" for table in TABLES if not table.selected_by_default}
    assert deselected == expected
    assert EXTRACTOR["select"][0] == "*.*"


def test_meltano_knows_what_the_tap_can() -> None:
    """Capabilities as in --about."""
    can = sorted(capability.value for capability in TapGenesys.capabilities)
    assert EXTRACTOR["capabilities"] == can
    assert EXTRACTOR["executable"] == TapGenesys.name


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


def test_the_readme_shows_settings_and_tables_as_they_are() -> None:
    """Run scripts/update_readme.py after a change."""
    text = update_readme.README.read_text(encoding="utf-8")
    assert text == update_readme.updated(text)


@pytest.mark.parametrize("name", ["requirement", "constraint"])
def test_no_pin_names_an_address(name: str) -> None:
    """Pins are versions, whatever index they came from."""
    files = [*ROOT.glob(f"{name}s*.txt"), ROOT / "pyproject.toml"]
    for file in files:
        pins = file.read_text("utf-8")
        assert not re.search(r"https?://|--index-url|--find-links", pins), file.name
