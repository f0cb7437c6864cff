"""Write the README's tables of settings and of streams from the code.

python scripts/update_readme.py
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tap_genesys_analytics.settings import SETTINGS
from tap_genesys_analytics.streams.conversation_tables import TABLES

README = Path(__file__).parents[1] / "README.md"


def settings_table() -> str:
    """Return the settings as a Markdown table."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    required = SETTINGS["required"]
    properties: dict[str, dict[str, Any]] = SETTINGS["properties"]
    for name, schema in properties.items():
        default = schema.get("default", "")
        shown = "required" if name in required else default
        rows.append(f"| `{name}` | {shown} | {schema['description']} |")
    return "\n".join(rows)


def streams_table() -> str:
    """Return the streams as a Markdown table."""
    rows = ["| table | key | what a row is | by default |", "|---|---|---|---|"]
    for table in TABLES:
        key = ", ".join(column.name for column in table.keys)
        selected = "yes" if table.selected_by_default else "no"
        rows.append(f"| `{table.name}` | {key} | {table.description} | {selected} |")
    return "\n".join(rows)


def updated(text: str) -> str:
    """Return the README with both tables as they are now."""
    for name, content in (
        ("settings", settings_table()),
        ("streams", streams_table()),
    ):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        text, count = pattern.subn(lambda _: f"{begin}\n{content}\n{end}", text)  # noqa: B023 (called at once)
        if count != 1:
            message = f"README.md has no place for the {name}: {begin} … {end}"
            raise ValueError(message)
    return text


def main() -> None:
    """Write the file."""
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
