"""The official SDK, a client that nobody here wrote, is served by every endpoint."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
from PureCloudPlatformClientV2 import models
from PureCloudPlatformClientV2.rest import ApiException

from tests.sdk_answers import check, logged_in
from tests.sdk_models import unknown_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from tests.conftest import Client

DAY = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"


@pytest.fixture
def api_client(client: Client) -> Any:
    """The SDK's client."""
    return logged_in(client)


def query(page: int) -> Any:
    """The SDK's own form of a query."""
    body = sdk.ConversationQuery()
    body.interval, body.order, body.order_by = DAY, "asc", "conversationStart"
    body.paging = sdk.PagingSpec()
    body.paging.page_size, body.paging.page_number = 100, page
    predicate = sdk.SegmentDetailQueryPredicate()
    predicate.dimension, predicate.operator = "segmentEnd", "exists"
    wanted = sdk.SegmentDetailQueryFilter()
    wanted.type, wanted.predicates = "and", [predicate]
    body.segment_filters = [wanted]
    return body


def test_the_details_query_is_read_to_its_end(client: Client, api_client: Any) -> None:
    """Every page, until there is no `conversations`; every enumeration value known."""
    api = sdk.AnalyticsApi(api_client)
    found: list[Any] = []
    for page in count(1):
        answer = api.post_analytics_conversations_details_query(query(page))
        if answer.conversations is None:
            break
        found += answer.conversations
    expected = client.all()
    assert [x.conversation_id for x in found] == [x["conversationId"] for x in expected]
    for read, sent in zip(found, expected, strict=True):
        check(read, sent, models.AnalyticsConversationWithoutAttributes)


def test_single_conversations_are_read(client: Client, api_client: Any) -> None:
    """By one id, and by several."""
    api = sdk.AnalyticsApi(api_client)
    names = [x["conversationId"] for x in client.page(1, 5)["conversations"]]
    one = api.get_analytics_conversation_details(names[0])
    assert one.conversation_id == names[0]
    several = api.get_analytics_conversations_details(id=names)
    assert [x.conversation_id for x in several.conversations] == names


def job_query() -> Any:
    """The SDK's own form of a job's query."""
    body = sdk.AsyncConversationQuery()
    body.interval, body.order, body.order_by = DAY, "asc", "conversationStart"
    body.limit, body.start_of_day_interval_matching = 150, True
    return body


def test_a_job_goes_its_way(client: Client, api_client: Any) -> None:
    """Submitted, polled, read page by page with attributes, deleted."""
    api = sdk.AnalyticsApi(api_client)
    available = api.get_analytics_conversations_details_jobs_availability()
    job = api.post_analytics_conversations_details_jobs(job_query()).job_id
    status = api.get_analytics_conversations_details_job(job)
    while status.state in ("QUEUED", "PENDING"):
        time.sleep(0.05)
        status = api.get_analytics_conversations_details_job(job)
    assert status.state == "FULFILLED"
    assert status.submission_date < status.completion_date < status.expiration_date
    page = api.get_analytics_conversations_details_job_results(job, page_size=100)
    found = list(page.conversations)
    assert len(found) == 100
    page = api.get_analytics_conversations_details_job_results(job, cursor=page.cursor)
    found += page.conversations
    assert page.cursor is None
    assert page.data_availability_date == available.data_availability_date
    expected = client.all()[:150]
    assert [x.conversation_id for x in found] == [x["conversationId"] for x in expected]
    assert found[0].participants[0].attributes["customerTier"]
    assert not any("outdated_sdk_version" in read.to_json() for read in found)
    assert api.delete_analytics_conversations_details_job(job) is None
    with pytest.raises(ApiException) as gone:
        api.get_analytics_conversations_details_job(job)
    assert gone.value.status == 404


def test_divisions_are_read(client: Client, api_client: Any) -> None:
    """With their names and the one that is home."""
    api = sdk.AuthorizationApi(api_client)
    listing = api.get_authorization_divisions(page_size=2, page_number=1)
    assert listing.page_count == 2
    first = client.sandbox.world.organization.divisions[0]
    assert (listing.entities[0].name, listing.entities[0].id) == (first.name, first.id)
    assert listing.entities[0].home_division is True


def test_the_token_is_read(client: Client, api_client: Any) -> None:
    """And checked without being read."""
    api = sdk.TokensApi(api_client)
    token = api.get_tokens_me()
    assert token.organization.name == client.sandbox.world.organization.name
    assert token.o_auth_client.id == "sandbox"
    assert api.head_tokens_me() is None


def test_errors_are_understood(api_client: Any) -> None:
    """As the SDK's own exception, with the ErrorBody in it."""
    body = query(1)
    body.paging.page_size = 101
    with pytest.raises(ApiException) as refused:
        sdk.AnalyticsApi(api_client).post_analytics_conversations_details_query(body)
    assert refused.value.status == 400
    assert "less than or equal to 100" in refused.value.body


def test_wrong_credentials_are_understood(client: Client) -> None:
    """The login's refusal reaches the SDK's user."""
    login = sdk.ApiClient(host=client.sandbox.login_url)
    with pytest.raises(ApiException) as refused:
        login.get_client_credentials_token("sandbox", "wrong")
    assert refused.value.status == 400


def test_no_answer_has_a_key_that_the_sdk_does_not_know(client: Client) -> None:
    """Compared with its models, at every level."""
    paging = {"pageNumber": 1, "pageSize": 100}
    name = client.page(1, 1)["conversations"][0]["conversationId"]
    details = "/api/v2/analytics/conversations/details"
    answers = [
        (client.query(paging=paging), models.AnalyticsConversationQueryResponse),
        (
            client.ask("GET", details, params={"id": name}),
            models.AnalyticsConversationWithoutAttributesMultiGetResponse,
        ),
        (
            client.ask("GET", f"/api/v2/analytics/conversations/{name}/details"),
            models.AnalyticsConversationWithoutAttributes,
        ),
        (client.ask("GET", "/api/v2/tokens/me"), models.TokenInfo),
        (client.query(interval="x"), models.ErrorBody),
        (client.query(fault="too-many-requests"), models.ErrorBody),
        (client.ask("GET", "/nowhere"), models.ErrorBody),
        (
            client.ask("GET", "/api/v2/authorization/divisions"),
            models.AuthzDivisionEntityListing,
        ),
        *job_answers(client),
    ]
    for answer, model in answers:
        assert not unknown_keys(answer.json(), model)


def job_answers(client: Client) -> Iterator[tuple[requests.Response, type]]:
    """Each answer about a job, with the model that it should be of."""
    jobs = "/api/v2/analytics/conversations/details/jobs"
    available = client.ask("GET", f"{jobs}/availability")
    yield available, models.DataAvailabilityResponse
    for fault in (None, "job-failed"):
        submitted = client.ask("POST", jobs, fault=fault, json={"interval": DAY})
        yield submitted, models.AsyncQueryResponse
        job = f"{jobs}/{submitted.json()['jobId']}"
        status = client.ask("GET", job)
        yield status, models.AsyncQueryStatus
        while status.status_code == 202:
            time.sleep(0.05)
            status = client.ask("GET", job)
        yield status, models.AsyncQueryStatus
    results = client.ask("GET", f"{job}/results")
    yield results, models.ErrorBody
    results = client.ask("GET", f"{jobs}/{client.sandbox.jobs.open[-2]}/results")
    yield results, models.AnalyticsConversationAsyncQueryResponse
