"""Generate data files of the tap from Genesys' official SDK.

The SDK is generated from the API definition. ``models.json`` has the fields and types
of each model that a declared table uses. ``aggregates.json`` has the metrics and
dimensions of each family of aggregates. ``make generate`` runs this, after an update of
the SDK or for a new table:

    python -m scripts.update_models
"""

from __future__ import annotations

import importlib.metadata
import inspect
import json
import re
from pathlib import Path
from typing import Any

import PureCloudPlatformClientV2

from tap_genesys_analytics.streams import registry

PACKAGE = Path(__file__).parents[1] / "tap_genesys_analytics"

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
    """Return our name of a type in the SDK: ``list[str]`` → ``[string]``."""
    if item := re.fullmatch(r"list\[(.+)\]", declared):
        return f"[{type_name(item[1])}]"
    if declared.startswith("dict("):
        return "object"
    return SIMPLE.get(declared, declared)


def model_fields(name: str) -> dict[str, str]:
    """Return the fields of one model: the API's field name → type name."""
    if not hasattr(PureCloudPlatformClientV2, name):
        message = f"the official SDK has no model {name}, which a table declares"
        raise LookupError(message)
    model = getattr(PureCloudPlatformClientV2, name)()
    return {
        model.attribute_map[attribute]: type_name(declared)
        for attribute, declared in sorted(model.swagger_types.items())
    }


def declared_models() -> tuple[set[str], set[str]]:
    """Return the models of all declared tables: (with nested models, without).

    Nested models are needed if a table has child tables.
    """
    tables = [stream.table for stream in registry.declared({})]
    roots = {table.root for table in tables if table.parent}
    nested = {root.model for root in roots if isinstance(root.model, str)}
    flat = [
        model
        for table in tables
        if not (isinstance(table.root.model, str) and table.root.model in nested)
        for model in (table.model, *(table.flattened or {}).values())
    ]
    return nested, {model for model in flat if isinstance(model, str)}


def collect() -> dict[str, dict[str, str]]:
    """Return the fields of the models that tables declare, by model."""
    nested, flat = declared_models()
    models = {name: flat_fields(name) for name in flat}
    pending = list(nested)
    while pending:
        name = pending.pop()
        if name not in models:
            models[name] = model_fields(name)
            references = {kind.strip("[]") for kind in models[name].values()}
            pending += [kind for kind in references if kind[0].isupper()]
    return dict(sorted(models.items()))


def flat_fields(name: str) -> dict[str, str]:
    """Return the fields of a model, with nested models as plain JSON.

    A nested model with an id is a ``reference``: the tap makes a column of its id.
    """
    return {field: _flat(kind) for field, kind in model_fields(name).items()}


def _flat(kind: str) -> str:
    if kind.startswith("["):
        return "[object]" if kind[1].isupper() else kind
    if kind[0].isupper():
        return "reference" if "id" in model_fields(kind) else "object"
    return kind


def families() -> dict[str, dict[str, Any]]:
    """Return the families of aggregates: family → metrics and dimensions.

    These are the values that the SDK allows for the target of a view and the dimension
    of a predicate.
    """
    families_found: dict[str, dict[str, Any]] = {}
    api = PureCloudPlatformClientV2.AnalyticsApi
    for method in dir(api):
        if name := re.fullmatch(r"post_analytics_(\w+)_aggregates_query", method):
            body = inspect.signature(getattr(api, method)).parameters["body"]
            model = str(body.annotation).removesuffix("AggregationQuery")
            families_found[name[1]] = {
                "entity": model[0].lower() + model[1:],
                "metrics": allowed_values(f"{model}AggregationView", "target"),
                "dimensions": allowed_values(
                    f"{model}AggregateQueryPredicate", "dimension"
                ),
            }
    return families_found


def allowed_values(model: str, attribute: str) -> list[str]:
    """Return the values that the SDK allows for an attribute of a model."""
    setter = getattr(PureCloudPlatformClientV2, model).__dict__[attribute].fset
    match = re.search(
        r"allowed_values = (\[.*?\])", inspect.getsource(setter), re.DOTALL
    )
    if match is None:
        message = f"the SDK does not restrict the values of {model}.{attribute}"
        raise ValueError(message)
    values: list[str] = json.loads(match[1].replace("'", '"'))
    return sorted(values)


def write(file: str, **content: Any) -> None:  # noqa: ANN401 (JSON)
    """Write a data file of the tap and print a summary."""
    version = importlib.metadata.version("PureCloudPlatformClientV2")
    document = {"source": f"PureCloudPlatformClientV2 {version}", **content}
    text = json.dumps(document, indent=1) + "\n"
    (PACKAGE / file).write_text(text, encoding="utf-8")
    counts = ", ".join(f"{len(value)} {name}" for name, value in content.items())
    print(f"{file}: {counts} from {document['source']}")


def main() -> None:
    """Write the files."""
    write("records/models.json", models=collect())
    write("streams/aggregates.json", families=families())


if __name__ == "__main__":
    main()
