"""Write tap_genesys_analytics/models.json from the official SDK's models.

The SDK is generated from the API's own definition, so its models settle which
fields there are and of which type. Run after an update of the SDK:

    python scripts/update_models.py
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import PureCloudPlatformClientV2

#: Models whose fields become columns; the models they refer to come along.
ROOTS = ("AnalyticsConversation",)

TARGET = Path(__file__).parents[1] / "tap_genesys_analytics" / "models.json"

SIMPLE = {
    "bool": "boolean",
    "date": "date",
    "datetime": "date-time",
    "float": "number",
    "int": "integer",
    "object": "object",
    "str": "string",
}


def type_name(declared: str) -> str:
    """Return our name of a type that the SDK declares: ``list[str]`` → ``[string]``."""
    if item := re.fullmatch(r"list\[(.+)\]", declared):
        return f"[{type_name(item[1])}]"
    if declared.startswith("dict("):
        return "object"
    return SIMPLE.get(declared, declared)


def model_fields(name: str) -> dict[str, str]:
    """Return the fields of one model: the API's field name → type name."""
    model = getattr(PureCloudPlatformClientV2, name)()
    return {
        model.attribute_map[attribute]: type_name(declared)
        for attribute, declared in sorted(model.swagger_types.items())
    }


def collect(roots: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return the models named and all that they refer to, by name."""
    models: dict[str, dict[str, str]] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in models:
            models[name] = model_fields(name)
            references = {kind.strip("[]") for kind in models[name].values()}
            waiting += [kind for kind in references if kind[0].isupper()]
    return dict(sorted(models.items()))


def main() -> None:
    """Write the file, and say what is in it."""
    version = importlib.metadata.version("PureCloudPlatformClientV2")
    models = collect(ROOTS)
    content = {"source": f"PureCloudPlatformClientV2 {version}", "models": models}
    TARGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(models)} models from {content['source']}")


if __name__ == "__main__":
    main()
