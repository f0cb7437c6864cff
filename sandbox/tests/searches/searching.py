"""Bodies of the searches, and their pages."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.api.searches import SEARCHES

if TYPE_CHECKING:
    from tests.conftest import Client


ROOT = "/api/v2/"
TRANSCRIPTS = "speechandtextanalytics/transcripts/search"
EVALUATIONS = "quality/evaluations/search"
AUDITS = "audits/query/realtime"
DASHBOARDS = "analytics/reporting/settings/dashboards/query"
DAY = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"
WITHIN_DAY = {
    "type": "DATE_RANGE",
    "fields": ["startTime"],
    "startValue": "2026-03-04T00:00:00.000Z",
    "endValue": "2026-03-04T23:59:59.999Z",
}
BODIES: dict[str, dict[str, Any]] = {
    "users/search": {"query": [{"type": "MATCH_ALL"}]},
    "groups/search": {},
    "teams/search": {
        "query": [{"type": "STARTS_WITH", "fields": ["name"], "value": "t"}]
    },
    "locations/search": {"sortBy": "name", "sortOrder": "DESC"},
    TRANSCRIPTS: {"types": ["transcripts"], "query": [WITHIN_DAY]},
    EVALUATIONS: {"query": [{"type": "REQUIRED_FIELDS", "field": "agentId"}]},
    AUDITS: {"interval": DAY},
    DASHBOARDS: {"dashboardConfigurationIds": []},
}
MOST = {search.path: search.max_page_size for search in SEARCHES}


def post(client: Client, path: str, **body: Any) -> Any:
    """The answer to a search."""
    return client.ask("POST", ROOT + path, json=BODIES[path] | body)


def found(client: Client, path: str, size: int = 100, **body: Any) -> list[Any]:
    """All pages of a search, by page numbers until a page is empty."""
    everything: list[Any] = []
    for number in count(1):
        answer = post(client, path, pageSize=size, pageNumber=number, **body).json()
        page = answer.get("results", answer.get("entities"))
        everything += page
        if "pageCount" in answer:
            assert answer["pageSize"] == min(size, MOST[path])
            assert answer["pageNumber"] == number
            if number >= answer["pageCount"]:
                assert len(everything) == answer["total"]
                return everything
        elif not page:
            return everything
    raise AssertionError
