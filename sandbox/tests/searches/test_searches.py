"""The searches by POST: pages by number and count, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
import requests
from PureCloudPlatformClientV2 import models

from tests.conftest import NOON, QUERY, Client
from tests.sdk_answers import check, logged_in, method_of, model_of
from tests.sdk_models import unknown_keys
from tests.searches.searching import (
    AUDITS,
    BODIES,
    DASHBOARDS,
    DAY,
    EVALUATIONS,
    MOST,
    TRANSCRIPTS,
    found,
    post,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def test_every_search_is_known_here() -> None:
    """The table of bodies has the searches that the sandbox has."""
    assert BODIES.keys() == MOST.keys()


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("path", BODIES)
def test_every_search_is_read_once_and_whole(
    client: Client, path: str, size: int
) -> None:
    """Whatever the page size; what is found is the same."""
    results = found(client, path, size)
    keys = [x.get("id") or x["communicationId"] for x in results]
    assert keys
    assert len(set(keys)) == len(keys)
    everything = found(client, path)
    assert [x.get("id") or x["communicationId"] for x in everything] == keys


@pytest.mark.parametrize("path", sorted(BODIES.keys() - {TRANSCRIPTS}))
def test_the_sdk_reads_a_search(client: Client, path: str) -> None:
    """Every result and every value of it, with no key that its model does not have."""
    method = method_of(logged_in(client), "post", path)
    body = BODIES[path] | {"pageSize": 25, "pageNumber": 1}
    check(method(body), post(client, path, **body).json(), model_of(method))


def test_the_sdk_reads_transcripts(client: Client) -> None:
    """As far as it can: to it, results are anything."""
    api = sdk.SpeechTextAnalyticsApi(logged_in(client))
    body = BODIES[TRANSCRIPTS] | {"pageSize": 5}
    read = api.post_speechandtextanalytics_transcripts_search(body)
    sent = post(client, TRANSCRIPTS, pageSize=5).json()
    assert (read.total, read.page_count) == (sent["total"], sent["pageCount"])
    assert len(sent["results"]) == 5
    assert sent.keys() == {
        *("total", "pageCount", "pageSize", "pageNumber", "types", "results")
    }


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users/search", {"pageSize": 101}, 400),
        ("users/search", {"pageSize": 0}, 400),
        ("users/search", {"pageSize": 100, "pageNumber": 101}, 400),
        ("users/search", {"pageSize": 100, "pageNumber": 100}, 200),
        ("users/search", {"query": [{"type": "MATCH"}]}, 400),
        ("users/search", {"query": ["MATCH_ALL"]}, 400),
        ("users/search", {"query": [{"type": "EXACT", "value": "x"}]}, 400),
        ("users/search", {"query": [{"type": "EXACT", "fields": ["name"]}]}, 400),
        (
            "users/search",
            {"query": [{"type": "REGEX", "fields": ["name"], "value": "("}]},
            400,
        ),
        ("users/search", {"interval": DAY}, 400),
        ("teams/search", {"query": [{"type": "MATCH_ALL"}]}, 400),
        (TRANSCRIPTS, {"types": None}, 400),
        (TRANSCRIPTS, {"types": ["messages"]}, 400),
        (TRANSCRIPTS, {"pageSize": 100, "pageNumber": 10}, 200),
        (TRANSCRIPTS, {"pageSize": 100, "pageNumber": 11}, 400),
        (EVALUATIONS, {"pageNumber": None}, 400),
        (EVALUATIONS, {"pageNumber": 1, "query": None}, 400),
        (AUDITS, {"interval": None}, 400),
        (AUDITS, {"interval": "2026-02-19T11:59:00Z/2026-02-20T00:00:00Z"}, 400),
        (AUDITS, {"interval": "2026-02-19T12:00:00Z/2026-02-20T00:00:00Z"}, 200),
        (AUDITS, {"pageSize": 1_000}, 200),
        (AUDITS, {"filters": [{"property": "Service", "value": "x"}]}, 400),
        (AUDITS, {"filters": [{"property": "Action"}]}, 400),
        (AUDITS, {"sort": [{"name": "Timestamp", "sortOrder": "ASC"}]}, 400),
        (DASHBOARDS, {"dashboardConfigurationIds": None}, 400),
        (DASHBOARDS, {"pageSize": 100}, 200),
    ],
)
def test_what_is_wrong_is_refused(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    """With the status and in the form of the API."""
    answer = post(client, path, **body)
    assert answer.status_code == status
    if status != 200:
        assert not unknown_keys(answer.json(), models.ErrorBody)


def test_searches_are_noted_with_their_pages(client: Client) -> None:
    """The log of requests knows which page of what was asked for."""
    post(client, DASHBOARDS, pageSize=7, pageNumber=3)
    *_others, last = client.sandbox.requests
    assert last.path.endswith(DASHBOARDS)
    assert (last.page_number, last.page_size) == (3, 7)


def test_the_details_query_may_answer_as_in_a_tutorial(
    start: Callable[..., Client],
) -> None:
    """By `data` and a count of pages."""
    client = start(tutorial_paging=True, conversations_per_day=30)
    pages = [client.page(number, 20) for number in (1, 2, 3)]
    assert [page.keys() for page in pages] == [{"data", "paging"}] * 3
    assert [len(page["data"]) for page in pages] == [20, 10, 0]
    assert pages[1]["paging"] == {"pageSize": 20, "pageNumber": 2, "pageCount": 2}
    truth = client.sandbox.truth(NOON.date().replace(day=4), NOON.date())
    ids = [x["conversationId"] for page in pages for x in page["data"]]
    assert ids == [x["conversationId"] for x in truth]
    assert client.ask("POST", QUERY, json={}).status_code == 400


def test_the_sdk_reads_what_was_said(client: Client) -> None:
    """The analytics of a conversation, and the URL of what was said in it."""
    api = sdk.SpeechTextAnalyticsApi(logged_in(client))
    transcript = found(client, TRANSCRIPTS, 5)[0]
    conversation = transcript["conversationId"]
    base = f"/api/v2/speechandtextanalytics/conversations/{conversation}"
    analytics = api.get_speechandtextanalytics_conversation(conversation)
    check(analytics, client.ask("GET", base).json(), models.ConversationMetrics)
    communication = transcript["communicationId"]
    url = api.get_speechandtextanalytics_conversation_communication_transcripturl(
        conversation, communication
    ).url
    file = requests.get(url, timeout=10).json()
    assert file["communicationId"] == communication
    assert file["transcripts"][0]["transcriptId"] == transcript["transcriptId"]
    for path in (f"{base}x", f"{base}/communications/x/transcripturl"):
        assert client.ask("GET", path).status_code == 404
