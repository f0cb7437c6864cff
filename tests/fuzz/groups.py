"""What is fuzzed together: a stream that reads, with the streams that it fills."""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from genesys_cloud_sandbox.server import SandboxOptions

from tap_genesys_analytics.streams import registry
from tap_genesys_analytics.tap import TapGenesys

#: The time at which all runs take place.
NOW = datetime(2026, 3, 11, 18, tzinfo=timezone.utc)

#: Settings that define streams.
DEFINITIONS: dict[str, Any] = {
    "aggregates": [
        {
            "name": "waits_hourly",
            "family": "conversations",
            "metrics": ["nOffered", "tWait"],
            "group_by": ["queueId"],
            "granularity": "PT6H",
        }
    ],
    "queries": [
        {
            "name": "evaluations",
            "path": "/api/v2/quality/evaluations/search",
            "body": {
                "query": [
                    {
                        "type": "DATE_RANGE",
                        "field": "createdDate",
                        "startValue": "{start}",
                        "endValue": "{end}",
                    }
                ]
            },
            "records_path": "results",
            "key": ["id"],
            "columns": {"status": "string", "createdDate": "date-time"},
            "page_size": 50,
        }
    ],
    "lists": [
        {
            "name": "codes",
            "path": "/api/v2/routing/wrapupcodes",
            "columns": {"name": "string", "version": "integer"},
            "page_size": 4,
        },
        {
            "name": "members",
            "path": "/api/v2/routing/queues/{id}/members",
            "for_each": "/api/v2/routing/queues",
            "paging": "links",
            "page_size": 4,
        },
    ],
}

#: Settings of all runs.
SETTINGS: dict[str, Any] = {
    "client_id": "sandbox",
    "client_secret": "sandbox-secret",
    "start_date": "2026-03-10T00:00:00Z",
    "requests_per_minute": 1_000_000,
    "max_connections": 1,
    "page_size": 5,
    "job_page_size": 5,
    "strict_completeness": True,
    **DEFINITIONS,
}

#: Settings that decide where the streams of a name are read.
_SOURCES = {
    "conversations": "conversation_source",
    "user_presence": "user_status_source",
}

#: Settings of some groups: pages so small that there are some, so large that there are
#: not many; evaluations and surveys come days after their conversations.
_OWN_SETTINGS: dict[str, dict[str, Any]] = {
    "conversations": {"start_date": "2026-03-08T00:00:00Z", "job_page_size": 4},
    "user_presence": {"page_size": 100, "job_page_size": 40},
    "evaluations": {"start_date": "2026-03-01T00:00:00Z"},
}


@dataclass(frozen=True)
class Group:
    """Streams that are read together, and the settings that say from where."""

    name: str
    streams: tuple[str, ...]
    source: tuple[tuple[str, str], ...] = ()

    def settings(self, url: str) -> dict[str, Any]:
        """Return the tap's settings for an API and a login service at a URL."""
        return {
            **SETTINGS,
            **_OWN_SETTINGS.get(self.streams[0], {}),
            **dict(self.source),
            "api_url": url,
            "login_url": url,
        }


def sandbox_options() -> SandboxOptions:
    """Return a small world at the time of the runs, whose jobs are quick.

    Of this seed because it has evaluations and resolutions though it is small.
    """
    return SandboxOptions(
        seed=7,
        conversations_per_day=12,
        users=60,
        requests_per_minute=0,
        job_seconds=0,
        clock=lambda: NOW,
    )


def groups() -> list[Group]:
    """Return all groups: every stream is in one, those with two sources in three."""
    families: dict[str, list[str]] = defaultdict(list)
    declared = list(registry.declared(DEFINITIONS))
    names = {each.kind: each.table.name for each in reversed(declared)}
    for each in declared:
        parent = getattr(each.kind, "parent_stream_type", None)
        top = names[parent] if parent else each.table.name
        families[top].append(each.table.name)
    found = []
    for top, streams in families.items():
        if top not in _SOURCES:
            found.append(Group(top, tuple(streams)))
            continue
        found += [
            Group(f"{top}-{source}", tuple(streams), ((_SOURCES[top], source),))
            for source in ("auto", "jobs", "query")
        ]
    return found


def full_catalog() -> dict[str, Any]:
    """Return the catalog of all streams."""
    tap = TapGenesys(config=dict(DEFINITIONS), validate_config=False)
    catalog: dict[str, Any] = copy.deepcopy(tap.catalog_dict)
    return catalog


def catalog_of(group: Group, catalog: dict[str, Any]) -> dict[str, Any]:
    """Return a catalog that selects all columns of a group, and no other stream."""
    streams = []
    for stream in catalog["streams"]:
        chosen = stream["tap_stream_id"] in group.streams
        metadata = [
            {**entry, "metadata": {**entry["metadata"], "selected": chosen}}
            for entry in stream["metadata"]
            if chosen or not entry["breadcrumb"]
        ]
        streams.append({**stream, "metadata": metadata})
    return {"streams": streams}
