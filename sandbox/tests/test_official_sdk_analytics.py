"""The official SDK reads agent status, aggregates and observations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
from PureCloudPlatformClientV2 import models

from genesys_cloud_sandbox.api.aggregate_query import family_lists, family_names
from tests.sdk_answers import check, logged_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Client

FOURTH = "2026-03-04T00:00:00.000Z/2026-03-05T00:00:00.000Z"
USERS = "/api/v2/analytics/users/details"
OBSERVED = {
    "queues": (
        "queueId",
        ["oActiveUsers", "oAlerting", "oInteracting", "oMemberUsers", "oOffQueueUsers",
         "oOnQueueUsers", "oUserPresences", "oUserRoutingStatuses", "oWaiting"],
    ),
    "users": ("userId", ["oActiveQueues", "oMemberQueues"]),
    "flows": ("flowId", ["oFlow"]),
}  # fmt: skip


@pytest.fixture
def api(client: Client) -> Any:
    """The SDK's Analytics API."""
    return sdk.AnalyticsApi(logged_in(client))


def user_query(page: int, size: int = 100) -> Any:
    """The SDK's own form of a query: presences and routing statuses of some users."""
    body = sdk.UserDetailsQuery()
    body.interval, body.order = FOURTH, "asc"
    body.paging = sdk.PagingSpec()
    body.paging.page_size, body.paging.page_number = size, page
    predicate = sdk.UserDetailQueryPredicate()
    predicate.type, predicate.dimension = "dimension", "userId"
    predicate.operator = "exists"
    wanted = sdk.UserDetailQueryFilter()
    wanted.type, wanted.predicates = "or", [predicate]
    body.user_filters = [wanted]
    return body


def test_user_details_are_read_to_their_end(client: Client, api: Any) -> None:
    """Page by page; every value of an enumeration is known."""
    periods = 0
    for page in range(1, 100):
        read = api.post_analytics_users_details_query(user_query(page))
        if read.user_details is None:
            break
        body = sdk.ApiClient().sanitize_for_serialization(user_query(page))
        sent = client.ask("POST", f"{USERS}/query", json=body).json()
        check(read, sent, models.AnalyticsUserDetailsQueryResponse)
        for user in read.user_details:
            periods += len(user.primary_presence or ())
            periods += len(user.routing_status or ())
    assert periods == read_total(api)


def read_total(api: Any) -> int:
    """What the query says there are of a day."""
    total: int = api.post_analytics_users_details_query(user_query(1)).total_hits
    return total


def test_a_job_of_users_goes_its_way(client: Client, api: Any) -> None:
    """Submitted, polled, read by cursor, deleted."""
    available = api.get_analytics_users_details_jobs_availability()
    body = sdk.AsyncUserDetailsQuery()
    body.interval, body.order, body.limit = FOURTH, "asc", 150
    job = api.post_analytics_users_details_jobs(body).job_id
    status = api.get_analytics_users_details_job(job)
    while status.state in ("QUEUED", "PENDING"):
        time.sleep(0.05)
        status = api.get_analytics_users_details_job(job)
    assert status.state == "FULFILLED"
    results = f"{USERS}/jobs/{job}/results"
    page = api.get_analytics_users_details_job_results(job, page_size=100)
    sent = client.ask("GET", results, params={"pageSize": 100}).json()
    check(page, sent, models.AnalyticsUserDetailsAsyncQueryResponse)
    assert page.data_availability_date == available.data_availability_date
    last = api.get_analytics_users_details_job_results(job, cursor=page.cursor)
    assert last.cursor is None
    assert last.user_details
    assert api.delete_analytics_users_details_job(job) is None


@pytest.mark.parametrize("family", family_names())
def test_aggregates_are_read(client: Client, api: Any, family: str) -> None:
    """Of every family, in the SDK's own form, with groups, a filter and a view."""
    lists = family_lists(family)
    body = getattr(sdk, f"{lists.model}AggregationQuery")()
    body.interval, body.granularity, body.time_zone = FOURTH, "PT6H", "Europe/Berlin"
    body.metrics, body.group_by = list(lists.metrics), list(lists.dimensions[:6])
    predicate = getattr(sdk, f"{lists.model}AggregateQueryPredicate")()
    predicate.type, predicate.dimension = "dimension", lists.dimensions[0]
    predicate.operator = "notExists"
    other = getattr(sdk, f"{lists.model}AggregateQueryPredicate")()
    other.type, other.dimension, other.operator = (
        "dimension",
        lists.dimensions[0],
        "exists",
    )
    body.filter = getattr(sdk, f"{lists.model}AggregateQueryFilter")()
    body.filter.type, body.filter.predicates = "or", [predicate, other]
    view = getattr(sdk, f"{lists.model}AggregationView")()
    view.name, view.target, view.function = "seen", lists.metrics[-1], "rangeBound"
    view.range = sdk.AggregationRange()
    view.range.gte, view.range.lt = 0, 10**12
    body.views = [view]
    read = getattr(api, f"post_analytics_{family}_aggregates_query")(body)
    path = f"/api/v2/analytics/{family}/aggregates/query"
    plain = sdk.ApiClient().sanitize_for_serialization(body)
    sent = client.ask("POST", path, json=plain).json()
    model = getattr(models, f"{lists.model}AggregateQueryResponse")
    check(read, sent, model)
    assert any(data.views for result in read.results for data in result.data)


@pytest.mark.parametrize("family", sorted({*family_names()} - {"ratelimits"}))
def test_a_job_of_aggregates_goes_its_way(
    client: Client, api: Any, family: str
) -> None:
    """Of every family but one, page by page, to the same groups as the query's."""
    lists = family_lists(family)
    body = getattr(sdk, f"{lists.model}AsyncAggregationQuery")()
    body.interval, body.metrics = FOURTH, list(lists.metrics)
    body.group_by, body.page_size = list(lists.dimensions[:2]), 1
    job = getattr(api, f"post_analytics_{family}_aggregates_jobs")(body).job_id
    get_status = getattr(api, f"get_analytics_{family}_aggregates_job")
    while get_status(job).state in ("QUEUED", "PENDING"):
        time.sleep(0.05)
    assert get_status(job).state == "FULFILLED"
    get_page = getattr(api, f"get_analytics_{family}_aggregates_job_results")
    found, page = [], get_page(job)
    path = f"/api/v2/analytics/{family}/aggregates/jobs/{job}/results"
    model = getattr(models, f"{lists.model}AsyncAggregateQueryResponse")
    check(page, client.ask("GET", path).json(), model)
    while page.cursor:
        found += page.results
        page = get_page(job, cursor=page.cursor)
    found += page.results
    query = getattr(sdk, f"{lists.model}AggregationQuery")()
    query.interval, query.metrics = body.interval, body.metrics
    query.group_by = body.group_by
    whole = getattr(api, f"post_analytics_{family}_aggregates_query")(query)
    assert [each.to_dict() for each in found] == [
        each.to_dict() for each in whole.results
    ]
    assert getattr(api, f"delete_analytics_{family}_aggregates_job")(job) is None


@pytest.mark.parametrize("area", OBSERVED)
def test_observations_are_read(start: Callable[..., Client], area: str) -> None:
    """Of each kind of thing, with their details."""
    client = start(conversations_per_day=2_000)
    api = sdk.AnalyticsApi(logged_in(client))
    dimension, metrics = OBSERVED[area]
    model = f"{area[:-1].capitalize()}Observation"
    body = getattr(sdk, f"{model}Query")()
    body.metrics = body.detail_metrics = metrics
    predicate = getattr(sdk, f"{model}QueryPredicate")()
    predicate.type, predicate.dimension = "dimension", dimension
    predicate.operator = "exists"
    body.filter = getattr(sdk, f"{model}QueryFilter")()
    body.filter.type, body.filter.predicates = "and", [predicate]
    read = getattr(api, f"post_analytics_{area}_observations_query")(body)
    path = f"/api/v2/analytics/{area}/observations/query"
    plain = sdk.ApiClient().sanitize_for_serialization(body)
    sent = client.ask("POST", path, json=plain).json()
    check(read, sent, getattr(models, f"{model}QueryResponse"))
