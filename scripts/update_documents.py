"""Generate documents from the settings and streams in the code.

They are the tables of the manual in docs/, the extractor in meltano.yml, the definition
for MeltanoHub, and the snapshot of the catalog for a test. ``make generate`` runs this
after ``scripts.update_models``:

    python -m scripts.update_documents
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tap_genesys_analytics.settings.schema import SETTINGS
from tap_genesys_analytics.tap import TapGenesys

if TYPE_CHECKING:
    from tap_genesys_analytics.streams.base import GenesysStream

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MELTANO = ROOT / "meltano.yml"
HUB = ROOT / "hub" / "tap-genesys.yml"
CATALOG = ROOT / "tests" / "catalog.json"

KINDS = {"string": "string", "integer": "integer", "boolean": "boolean"}
KINDS |= {"array": "array"}

#: The first stream of each area in the list of tables, and the heading of the area.
AREAS = {
    "conversations": "Conversations",
    "user_presence": "Agents' presence and routing status, by period",
    "queue_performance_half_hourly": "Aggregates",
    "queue_observations": "Observations of the present moment",
    "dashboards": "Dashboards and audits",
    "speech_transcripts": "Speech and text analytics",
    "user_schedules": "Schedules and adherence of agents",
    "users": "Users and rights",
    "presence_definitions": "Presences",
    "queues": "Routing",
    "flows": "Architect and scripts",
    "campaigns": "Outbound",
    "evaluation_forms": "Quality, knowledge, topics",
    "edges": "Telephony",
    "business_units": "Workforce management",
}


def streams() -> list[GenesysStream]:
    """Return the tap's streams, in the order of the registry."""
    tap = TapGenesys(config={}, validate_config=False)
    return list(tap.discover_streams())


def settings_table() -> str:
    """Return the settings as a Markdown table."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    required = SETTINGS["required"]
    properties: dict[str, dict[str, Any]] = SETTINGS["properties"]
    for name, schema in properties.items():
        default = schema.get("default", "")
        default_text = "required" if name in required else default
        rows.append(f"| `{name}` | {default_text} | {schema['description']} |")
    return "\n".join(rows)


def streams_table() -> str:
    """Return the streams as Markdown tables, one for each area."""
    areas: list[tuple[str, list[dict[str, str]]]] = []
    for stream in streams():
        if heading := AREAS.get(stream.name):
            areas.append((heading, []))
        _, rows = areas[-1]
        rows.append(
            {
                "table": f"`{stream.name}`",
                "what a row is": stream.table.description,
                "key": ", ".join(stream.primary_keys or ()),
                "endpoint": stream.declared.endpoint.replace("/api/v2", ""),
                "reads": "what is new" if stream.replication_key else "all",
                "permission": stream_permissions(stream),
                "default": "yes" if stream.table.selected_by_default else "no",
            }
        )
    return "\n".join(f"### {area}\n\n{area_table(rows)}\n" for area, rows in areas)


def area_table(rows: list[dict[str, str]]) -> str:
    """Return a table of an area's streams, below the columns that are all equal."""
    shared = [
        column
        for column in rows[0]
        if len(rows) > 1 and len({row[column] for row in rows}) == 1
    ]
    columns = [column for column in rows[0] if column not in shared]
    lines = ["; ".join(f"**{name}**: {rows[0][name]}" for name in shared) + ".", ""]
    lines += [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [f"| {' | '.join(row[name] for name in columns)} |" for row in rows]
    return "\n".join(lines[0 if shared else 2 :])


def stream_permissions(stream: GenesysStream) -> str:
    """Return the permissions of a stream: one of its own, and its prerequisites."""
    alternatives = " or ".join(f"`{entry}`" for entry in stream.permissions)
    prerequisites = [f"`{entry}`" for entry in stream.declared.prerequisite_permissions]
    return (
        " and ".join([alternatives, *prerequisites] if alternatives else prerequisites)
        or "none"
    )


def permissions_list() -> str:
    """Return the permissions of the streams that are selected by default."""
    needed = [
        permission
        for stream in streams()
        if stream.table.selected_by_default
        for permission in (
            *stream.permissions[:1],
            *stream.declared.prerequisite_permissions,
        )
    ]
    return "\n".join(f"    {entry}" for entry in dict.fromkeys(needed))


def meltano_kind(schema: dict[str, Any]) -> str:
    """Return Meltano's kind of a setting."""
    if schema.get("secret"):
        return "password"
    if schema.get("format") == "date-time":
        return "date_iso8601"
    if "enum" in schema:
        return "options"
    types = schema["type"]
    return KINDS[types if isinstance(types, str) else types[0]]


def extractor() -> dict[str, Any]:
    """Return Meltano's definition of the tap: capabilities, settings, selection."""
    properties: dict[str, dict[str, Any]] = SETTINGS["properties"]
    settings = []
    for name, schema in properties.items():
        setting = {"name": name, "kind": meltano_kind(schema), "label": schema["title"]}
        setting["description"] = schema["description"]
        if "default" in schema:
            setting["value"] = schema["default"]
        if "enum" in schema:
            setting["options"] = [
                {"label": value, "value": value} for value in schema["enum"]
            ]
        settings.append({**setting, "sensitive": bool(schema.get("secret"))})
    return {
        "capabilities": sorted(entry.value for entry in TapGenesys.capabilities),
        "settings_group_validation": [SETTINGS["required"]],
        "settings": settings,
        # Meltano's default is to select everything; this is the tap's default.
        "select": ["*.*", *deselected()],
    }


def deselected() -> list[str]:
    """Return the rules for streams and columns that are not selected by default."""
    rules = []
    for stream in streams():
        table = stream.table
        if not table.selected_by_default:
            rules.append(f"!{table.name}.*")
            continue
        rules += [
            f"!{table.name}.{column.name}"
            for column in table.columns
            if not column.selected_by_default
        ]
    return rules


def hub_definition() -> str:
    """Return the definition for MeltanoHub, as YAML."""
    head = {
        "name": "tap-genesys",
        "namespace": "tap_genesys",
        "variant": "tap-genesys-analytics",
        "label": "Genesys Cloud Analytics",
        "description": "Contact-centre analytics of Genesys Cloud",
        "domain_url": "https://www.genesys.com/genesys-cloud",
        "pip_url": "tap-genesys-analytics",
        "executable": "tap-genesys",
        "keywords": ["api", "meltano_sdk"],
        "maintenance_status": "active",
    }
    return to_yaml({**head, **extractor()})


def to_yaml(content: dict[str, Any]) -> str:
    """Return content as YAML, in its own order."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=88)


def catalog() -> str:
    """Return the catalog in short: keys, selection and columns of each stream."""
    content = {
        stream.name: {
            "key": list(stream.primary_keys or ()),
            "replication_key": stream.replication_key,
            "selected": stream.table.selected_by_default,
            "columns": {
                column.name: _type(column.schema)
                + ("" if column.selected_by_default else ", not selected")
                for column in stream.table.columns
            },
        }
        for stream in streams()
    }
    return json.dumps(content, indent=1) + "\n"


def _type(schema: dict[str, Any]) -> str:
    """Return the short type of a column: ``date-time``, ``[string]``."""
    kind = str(schema.get("format") or schema["type"][0])
    return f"[{schema['items']['type'][0]}]" if "items" in schema else kind


def replace_marked(text: str, name: str, content: str, comment: str) -> str:
    """Return a text with new content between two marks."""
    begin, end = (comment.format(f"{name}: {side}") for side in ("begin", "end"))
    pattern = re.compile(
        f"({re.escape(begin)}\n).*?(?=^ *{re.escape(end)})", re.DOTALL | re.MULTILINE
    )
    text, count = pattern.subn(lambda match: f"{match[1]}{content}\n", text)
    if count != 1:
        message = f"the marks for the {name} are missing: {begin} … {end}"
        raise ValueError(message)
    return text


def documents() -> dict[Path, str]:
    """Return file → generated content."""
    pages = {
        DOCS / page: replace_marked(
            (DOCS / page).read_text(encoding="utf-8"), name, content, "<!-- {} -->"
        )
        for page, name, content in (
            ("settings.md", "settings", settings_table()),
            ("tables.md", "streams", streams_table()),
            ("getting-started.md", "permissions", permissions_list()),
        )
    }
    block = textwrap.indent(to_yaml(extractor()).rstrip(), " " * 4)
    meltano = MELTANO.read_text(encoding="utf-8")
    return {
        **pages,
        MELTANO: replace_marked(meltano, "generated", block, "# {}"),
        HUB: hub_definition(),
        CATALOG: catalog(),
    }


def main() -> None:
    """Write the files."""
    for path, content in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
