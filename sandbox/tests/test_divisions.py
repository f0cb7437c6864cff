"""A client that sees some divisions only, and what it is told about its rights."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
import requests
from PureCloudPlatformClientV2 import models

from genesys_cloud_sandbox.api.permissions import (
    needed_permissions,
    permissions_by_path,
)
from genesys_cloud_sandbox.api.reference_lists import LISTS
from genesys_cloud_sandbox.api.searches import SEARCHES
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from tests.clocks import Clock
from tests.conftest import NOON, Client
from tests.sdk_answers import check, logged_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = "/api/v2/"
JOBS = "/api/v2/analytics/conversations/details/jobs"
PERMITTED = "/api/v2/authorization/divisionspermitted/paged/me"
SUBJECT = "/api/v2/authorization/subjects/me"
DAY = date(2026, 3, 4)
INTERVAL = "2026-03-04T00:00:00Z/2026-03-05T00:00:00Z"
VOICE = [{"type": "or", "predicates": [{"dimension": "mediaType", "value": "voice"}]}]
DIVIDED = (
    "users", "teams", "routing/queues", "flows", "scripts", "outbound/campaigns",
    "outbound/contactlists",
)  # fmt: skip
UNDIVIDED = ("authorization/divisions", "routing/languages", "groups", "locations")


@pytest.fixture(scope="module")
def begin() -> Iterator[Callable[..., Client]]:
    """Starts sandboxes that stay for all tests here, at noon of 5 March 2026."""
    with ExitStack() as stack:

        def started(**options: Any) -> Client:
            settings = SandboxOptions(
                clock=Clock(NOON),
                requests_per_minute=0,
                conversations_per_day=60,
                **options,
            )
            sandbox = stack.enter_context(Sandbox(settings))
            return Client(sandbox, stack.enter_context(requests.Session()))

        yield started


@pytest.fixture(scope="module")
def clients(begin: Callable[..., Client]) -> tuple[Client, Client]:
    """One that sees the home division only, and one that sees all, of one world."""
    return begin(visible_divisions=1), begin()


@pytest.fixture(scope="module")
def nobody(begin: Callable[..., Client]) -> Client:
    """A client that may do nothing."""
    return begin(forbidden=("*",))


def visible(client: Client) -> set[str]:
    """The id of the home division."""
    return {client.sandbox.world.organization.divisions[0].id}


def ids(documents: Any) -> list[str]:
    """The ids of conversations."""
    return [document["conversationId"] for document in documents]


def test_conversations_of_other_divisions_are_left_out(
    clients: tuple[Client, Client],
) -> None:
    """By the query, with filters and without, by jobs, by id, and in the truth."""
    some, every = clients
    seen = visible(every)
    truth = list(every.sandbox.truth(DAY, date(2026, 3, 5)))
    expected = [x for x in truth if seen & set(x["divisionIds"])]
    hidden = [x for x in truth if not seen & set(x["divisionIds"])]
    assert hidden
    assert any(set(x["divisionIds"]) - seen for x in expected)
    assert some.all() == expected == list(some.sandbox.truth(DAY, date(2026, 3, 5)))
    assert some.page(1, 1)["totalHits"] == len(expected)
    calls = some.all(segmentFilters=VOICE)
    assert calls == [x for x in every.all(segmentFilters=VOICE) if x in expected]
    by_end = some.all(orderBy="conversationEnd")
    assert sorted(ids(by_end)) == sorted(ids(expected))
    assert of_job(some) == ids(expected)
    assert len(of_job(every)) == len(truth)
    path = f"{ROOT}analytics/conversations/details"
    asked = {"id": ",".join(ids(truth)[:100])}
    several = some.ask("GET", path, params=asked).json()["conversations"]
    assert several == expected
    for client, status in ((some, 404), (every, 200)):
        one = f"{ROOT}analytics/conversations/{ids(hidden)[0]}/details"
        assert client.ask("GET", one).status_code == status


def of_job(client: Client) -> list[str]:
    """The ids that a job of the day finds."""
    body = {"interval": INTERVAL, "startOfDayIntervalMatching": True}
    job = client.ask("POST", JOBS, json=body).json()["jobId"]
    while client.ask("GET", f"{JOBS}/{job}").json()["state"] != "FULFILLED":
        time.sleep(0.02)
    results = client.ask("GET", f"{JOBS}/{job}/results").json()
    return ids(results["conversations"])


def test_a_day_may_have_nothing_to_see(start: Callable[..., Client]) -> None:
    """Which is an empty day and nothing else."""
    client = start(visible_divisions=1, conversations_per_day=1)
    days = [
        day for day in range(20_000, 20_020) if not client.sandbox.world.day(day).starts
    ]
    assert days
    day = date.fromordinal(days[0] + date(1970, 1, 1).toordinal())
    interval = f"{day}T00:00Z/{day}T23:59Z"
    assert client.query(interval=interval, segmentFilters=VOICE).json() == {}
    assert client.query(interval=interval).json() == {}


@pytest.mark.parametrize("path", DIVIDED)
def test_lists_leave_out_other_divisions(
    clients: tuple[Client, Client], path: str
) -> None:
    """And keep all of those that are seen."""
    some, every = clients
    listed = every.ask("GET", f"{ROOT}{path}?pageSize=100").json()["entities"]
    seen = some.ask("GET", f"{ROOT}{path}?pageSize=100").json()["entities"]
    expected = [x for x in listed if x["division"]["id"] in visible(every)]
    assert len(expected) < len(listed)
    assert seen == expected


@pytest.mark.parametrize("path", UNDIVIDED)
def test_what_has_no_division_is_always_listed(
    clients: tuple[Client, Client], path: str
) -> None:
    """The divisions themselves too."""
    some, every = (client.ask("GET", ROOT + path).json() for client in clients)
    assert some == every


def test_a_queue_of_another_division_has_no_members(
    clients: tuple[Client, Client],
) -> None:
    """It is not there."""
    some, every = clients
    other = next(
        queue
        for queue in every.sandbox.world.organization.queues
        if queue.division_id not in visible(every)
    )
    path = f"{ROOT}routing/queues/{other.id}/members"
    assert every.ask("GET", path).status_code == 200
    assert some.ask("GET", path).status_code == 404


def test_searches_find_what_is_seen(clients: tuple[Client, Client]) -> None:
    """Users and transcripts of the others are not."""
    some, every = clients
    seen = visible(every)
    for path, body in (
        ("users/search", {}),
        ("speechandtextanalytics/transcripts/search", {"types": ["transcripts"]}),
    ):
        totals = [
            client.ask("POST", ROOT + path, json=body).json()["total"]
            for client in clients
        ]
        assert 0 < totals[0] < totals[1]
    users = some.ask("POST", f"{ROOT}users/search", json={"pageSize": 100}).json()
    assert {user["division"]["id"] for user in users["results"]} == seen


def test_permitted_divisions_are_those_seen(clients: tuple[Client, Client]) -> None:
    """In pages, for a permission that must be named."""
    some, every = clients
    query = {"permission": "routing:queue:view", "pageSize": 2}
    page = some.ask("GET", PERMITTED, params=query).json()
    assert [x["id"] for x in page["entities"]] == list(visible(every))
    assert (page["total"], page["allDivsPermitted"]) == (1, False)
    page = every.ask("GET", PERMITTED, params=query).json()
    assert (page["total"], page["pageCount"], page["allDivsPermitted"]) == (3, 2, True)
    assert page["nextUri"] == (
        f"{PERMITTED}?pageSize=2&pageNumber=2&permission=routing%3Aqueue%3Aview"
    )
    assert len(every.ask("GET", page["nextUri"]).json()["entities"]) == 1
    refused = every.ask("GET", PERMITTED)
    assert (refused.status_code, refused.json()["code"]) == (
        400,
        "constraint.validation",
    )


def test_nothing_is_permitted_in_any_division_without_the_permission(
    start: Callable[..., Client],
) -> None:
    """Neither listed nor granted, where all that takes it is forbidden."""
    client = start(forbidden=("/api/v2/routing/wrapupcodes",))
    for permission, total in (
        ("routing:wrapupCode:view", 0),
        ("routing:skill:view", 3),
    ):
        page = client.ask("GET", PERMITTED, params={"permission": permission}).json()
        assert page["total"] == total
    (first, *_others) = client.ask("GET", SUBJECT).json()["grants"]
    policies = {
        (policy["domain"], policy["entityName"]): policy["actions"]
        for policy in first["role"]["policies"]
    }
    assert policies["routing", "skill"] == ["view"]
    assert ("routing", "wrapupCode") not in policies


def test_the_sdk_reads_rights(clients: tuple[Client, Client]) -> None:
    """The permitted divisions, and the grants in each of them."""
    some, every = clients
    for client, number in ((some, 1), (every, 3)):
        api = sdk.AuthorizationApi(logged_in(client))
        name = "analytics:conversationDetail:view"
        read = api.get_authorization_divisionspermitted_paged_me(name)
        query = {"permission": name}
        sent = client.ask("GET", PERMITTED, params=query).json()
        check(read, sent, models.DivsPermittedEntityListing)
        subject = api.get_authorization_subjects_me()
        check(subject, client.ask("GET", SUBJECT).json(), models.AuthzSubject)
        assert len(subject.grants) == len(read.entities) == number


@pytest.mark.parametrize(
    ("path", "code", "named"),
    [
        ("users", "not.authorized", None),
        ("routing/wrapupcodes", "missing.permissions", "routing:wrapupCode:view"),
        ("flows/outcomes", "missing.permissions", "architect:flowOutcome:view"),
        ("flows", "missing.any.permissions", "architect:flow:view"),
        (
            "routing/queues/1/members",
            "missing.any.permissions",
            (
                "routing:queue:view, routing:queue:edit, routing:queue:readonly, "
                "routing:queueMember:manage"
            ),
        ),
        (
            "telephony/providers/edges/lines",
            "missing.any.permissions",
            "telephony:plugin:all",
        ),
        (
            "workforcemanagement/businessunits/1/weeks/recent/schedules",
            "missing.any.permissions",
            "wfm:schedule:view, wfm:publishedSchedule:view",
        ),
        ("audits/query/realtime", "missing.permissions", "audits:audit:view"),
        (
            "analytics/flows/aggregates/query",
            "missing.any.permissions",
            "analytics:flowAggregate:view",
        ),
        (
            "analytics/conversations/aggregates/jobs/1/results",
            "missing.any.permissions",
            "analytics:conversationAggregate:view",
        ),
        (
            "analytics/routing/activity/query",
            "missing.any.permissions",
            "analytics:queueObservation:view",
        ),
        (
            "analytics/users/observations/query",
            "missing.any.permissions",
            "analytics:userObservation:view",
        ),
        (
            "analytics/users/details/query",
            "missing.any.permissions",
            "analytics:userDetail:view",
        ),
        (
            "analytics/agents/status/query",
            "missing.any.permissions",
            "analytics:agentState:view",
        ),
        (
            "coaching/appointments",
            "missing.any.permissions",
            "coaching:appointment:view",
        ),
    ],
)
def test_what_is_forbidden_tells_what_it_takes(
    nobody: Client, path: str, code: str, named: str | None
) -> None:
    """One permission or each, or that nothing would help."""
    refused = nobody.ask("POST", ROOT + path, json={})
    error = refused.json()
    assert (refused.status_code, error["code"]) == (403, code)
    assert error.get("messageParams", {}).get("permissions") == named
    assert named is None or f"[{named}]" in error["message"]


def test_every_endpoint_has_its_declared_permission() -> None:
    """No path of one list is taken for that of another."""
    for declared in (*LISTS, *SEARCHES):
        path = declared.path
        for name in ("queueId", "businessUnitId", "weekId"):
            path = path.replace(f"{{{name}}}", "0b5e1f9a")
        declared_permissions = permissions_by_path()[declared.path]
        assert needed_permissions(ROOT + path) == declared_permissions
