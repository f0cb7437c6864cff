"""Agents' schedules and adherence: what the official SDK reads of the world."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
import requests

from genesys_cloud_sandbox.world.agent_schedules import planned
from genesys_cloud_sandbox.world.workforce import ACTIVITIES, units
from tests.conftest import NOON, Client
from tests.sdk_answers import check, logged_in

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = "/api/v2/workforcemanagement"
BULK = f"{ROOT}/adherence/historical/bulk"
FOURTH = {
    "startDate": "2026-03-04T00:00:00.000Z",
    "endDate": "2026-03-05T00:00:00.000Z",
}
DAY = (NOON - datetime(1970, 1, 1, tzinfo=timezone.utc)).days - 1
Found = dict[str, Any]


def units_of(client: Client) -> list[tuple[str, str]]:
    """The ids of each management unit, after that of its business unit."""
    every = units(client.sandbox.references.directory)
    return [(owner.id, unit.id) for owner, unit in every]


def search(client: Client, unit_id: str, **body: Any) -> requests.Response:
    """Ask for the schedules of a business unit's agents."""
    path = f"{ROOT}/businessunits/{unit_id}/agentschedules/search"
    return client.ask("POST", path, json={**FOURTH, **body})


def bulk(client: Client, fault: str | None = None, **item: Any) -> Found:
    """The job that tells the adherence of the first management unit, when it ended."""
    body: Found = {"items": [{"managementUnitId": units_of(client)[0][1], **FOURTH}]}
    body["items"][0] |= item
    answer = client.ask("POST", BULK, json=body, fault=fault)
    assert answer.status_code == 202, answer.text
    job: Found = answer.json()
    while job["job"]["status"] == "Processing":
        job = client.ask("GET", f"{BULK}/jobs/{job['job']['id']}").json()
    return job


def download(url: str, **headers: str) -> requests.Response:
    """What is behind a signed URL."""
    return requests.get(url, headers=headers, timeout=10)


def adherence(client: Client, **item: Any) -> Found:
    """The adherence of the first management unit."""
    (url,) = bulk(client, **item)["downloadUrls"]
    result: Found = download(url).json()
    return result


def minutes(text: str) -> datetime:
    """A moment, as the API writes it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def test_the_sdk_reads_published_schedules(client: Client) -> None:
    """Every value of them, whether they are in the answer or to be downloaded."""
    api = sdk.WorkforceManagementApi(logged_in(client))
    unit_id = units_of(client)[0][0]
    body = sdk.BuSearchAgentSchedulesRequest()
    body.start_date, body.end_date = NOON - timedelta(days=1), NOON
    read = api.post_workforcemanagement_businessunit_agentschedules_search(
        unit_id, body
    )
    sent = search(
        client,
        unit_id,
        startDate="2026-03-04T12:00:00.000Z",
        endDate="2026-03-05T12:00:00.000Z",
    ).json()
    check(read, sent, sdk.BuAsyncAgentSchedulesSearchResponse)
    forced = api.post_workforcemanagement_businessunit_agentschedules_search(
        unit_id, body, force_download_service=True
    )
    assert forced.result is None
    assert download(forced.download_url).json() == sent["result"]


def test_the_sdk_reads_a_bulk_job(client: Client) -> None:
    """The job that it submits, the one that it asks for, and what it downloads."""
    api = sdk.WorkforceManagementApi(logged_in(client))
    item = sdk.WfmHistoricalAdherenceBulkItem()
    item.management_unit_id = units_of(client)[0][1]
    item.start_date, item.end_date = NOON - timedelta(days=2), NOON
    item.include_exceptions = item.include_actuals = True
    body = sdk.WfmHistoricalAdherenceBulkQuery()
    body.items, body.time_zone = [item], "Europe/Berlin"
    read = api.post_workforcemanagement_adherence_historical_bulk(body)
    assert read.job.status == "Processing"
    while read.job.status == "Processing":
        read = api.get_workforcemanagement_adherence_historical_bulk_job(read.job.id)
    assert read.job.status == "Complete"
    (url,) = read.download_urls
    sent = download(url).json()
    sent.pop("lookupIdToSecondaryPresenceId")
    model = sdk.WfmHistoricalAdherenceBulkResult
    result = logged_in(client)._ApiClient__deserialize(sent, model.__name__)
    check(result, sent, model)
    # From noon to noon, by the clocks of Berlin: parts of three days.
    offsets = {
        day["dayStartOffsetSeconds"]
        for user in sent["userResults"]
        for day in user["dayMetrics"]
    }
    assert offsets == {0, 11 * 3600, 35 * 3600}


def test_shifts_are_those_that_are_planned(client: Client) -> None:
    """Seamless activities, of codes that there are, of agents of the business unit."""
    seed = client.sandbox.options.seed
    agents = client.sandbox.world.organization.agents
    numbers = {agent.id: number for number, agent in enumerate(agents)}
    seen = set()
    for unit_id in dict.fromkeys(owner for owner, _ in units_of(client)):
        for schedule in search(client, unit_id).json()["result"]["agentSchedules"]:
            number = numbers[schedule["user"]["id"]]
            assert schedule["user"]["id"] not in seen
            seen.add(schedule["user"]["id"])
            for shift in schedule["shifts"]:
                at = minutes(shift["startDate"])
                for activity in shift["activities"]:
                    assert minutes(activity["startDate"]) == at
                    assert int(activity["activityCodeId"]) < len(ACTIVITIES)
                    at += timedelta(minutes=activity["lengthMinutes"])
                length = timedelta(minutes=shift["lengthMinutes"])
                assert at - minutes(shift["startDate"]) == length
            on_day = [
                x for x in schedule["shifts"] if x["startDate"][:10] == "2026-03-04"
            ]
            assert bool(on_day) == bool(planned(seed, number, DAY))
            assert not (on_day and schedule["fullDayTimeOffMarkers"])
    due = {x.id for x in agents if planned(seed, numbers[x.id], DAY)}
    assert due
    assert due <= seen


def test_no_schedule_is_found_before_it_is_published(client: Client) -> None:
    """Two weeks ahead at the most; each that is found is in the list of them."""
    unit_id = units_of(client)[0][0]
    later = {"startDate": "2026-03-04T00:00:00Z", "endDate": "2026-05-01T00:00:00Z"}
    result = search(client, unit_id, **later).json()["result"]
    found = {
        shift["schedule"]["id"]
        for schedule in result["agentSchedules"]
        for shift in schedule["shifts"]
    }
    assert found == {each["id"] for each in result["publishedSchedules"]}
    path = f"{ROOT}/businessunits/{unit_id}/weeks/recent/schedules"
    listed = client.ask("GET", path).json()["entities"]
    published = {x["id"]: x["weekDate"] for x in listed if x["published"]}
    assert found <= published.keys()
    assert max(published[each] for each in found) == max(published.values())


def test_schedules_of_some_users_are_those_of_all(client: Client) -> None:
    """Users who are asked for, and no others."""
    unit_id = units_of(client)[0][0]
    every = search(client, unit_id).json()["result"]["agentSchedules"]
    wanted = every[0]["user"]["id"]
    one = search(client, unit_id, userIds=[wanted]).json()["result"]["agentSchedules"]
    assert one == every[:1]


def test_adherence_adds_up(client: Client) -> None:
    """Exceptions last as long as the day says, and what is scheduled, as planned."""
    agents = client.sandbox.world.organization.agents
    numbers = {agent.id: number for number, agent in enumerate(agents)}
    statuses = client.sandbox.statuses(NOON - timedelta(hours=36), NOON)
    result = adherence(client, includeExceptions=True)
    assert result["userResults"]
    for user in result["userResults"]:
        (day,) = user["dayMetrics"]
        lengths = [
            each["endOffsetSeconds"] - each["startOffsetSeconds"]
            for each in user["exceptionInfo"]
        ]
        assert sum(lengths) == day["exceptionDurationSeconds"]
        assert len(lengths) == day["exceptionCount"]
        number = numbers[user["userId"]]
        activities = client.sandbox.adherence.schedules.activities(
            number, DAY * 86_400_000, (DAY + 1) * 86_400_000
        )
        starts = [
            (max(each.start, DAY * 86_400_000), min(each.end, (DAY + 1) * 86_400_000))
            for each in activities
        ]
        scheduled = sum(end - start for start, end in starts) // 1000
        assert day["scheduleLengthSeconds"] == scheduled
        share = 100 * (1 - day["exceptionDurationSeconds"] / scheduled)
        assert day["adherencePercentage"] == pytest.approx(share, abs=0.01)
        presences = [
            each["systemPresence"].title().replace("_", "")
            for each in statuses
            if each["userId"] == user["userId"] and each["kind"] == "primaryPresence"
        ]
        assert {x["systemPresence"] for x in user["exceptionInfo"]} <= set(presences)


def test_adherence_is_the_same_each_time_it_is_asked_for(client: Client) -> None:
    """For past days; without exceptions unless they are asked for."""
    assert adherence(client) == adherence(client)
    assert all("exceptionInfo" not in x for x in adherence(client)["userResults"])


def test_a_signed_url_takes_neither_a_token_nor_another_signature(
    client: Client,
) -> None:
    """As the storage behind such URLs has it."""
    (url,) = bulk(client)["downloadUrls"]
    packed = download(url)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert download(url, Authorization=f"Bearer {client.token}").status_code == 400
    assert download(url[:-1]).status_code == 403
    assert download(f"{url.partition('?')[0]}x").status_code == 403


def test_a_signed_url_expires(start: Callable[..., Client]) -> None:
    """It lives as long as results do."""
    client = start(results_lifetime=0, schedules_inline=0)
    answer = search(client, units_of(client)[0][0]).json()
    assert answer["status"] == "Complete"
    assert download(answer["downloadUrl"]).status_code == 403


def test_a_job_may_fail(client: Client) -> None:
    """Without anything to download."""
    job = bulk(client, fault="job-failed")
    assert job["job"]["status"] == "Error"
    assert "downloadUrls" not in job


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"managementUnitId": "x"}, 404),
        ({"startDate": None}, 400),
        ({"startDate": "yesterday"}, 400),
        ({"includeExceptions": 1}, 400),
        ({"teamIds": []}, 400),
        ({"startDate": "2026-02-01T00:00:00Z"}, 400),
        ({"startDate": "2026-02-20T00:00:00Z", "includeExceptions": True}, 400),
        ({"startDate": "2026-03-06T00:00:00Z", "endDate": "2026-03-07T00:00:00Z"}, 400),
    ],
)
def test_items_are_checked(client: Client, item: Found, status: int) -> None:
    """Unknown units, dates that are none, more days than may be asked for."""
    items = [{"managementUnitId": units_of(client)[0][1], **FOURTH, **item}]
    assert client.ask("POST", BULK, json={"items": items}).status_code == status
    assert client.ask("POST", BULK, json={"items": []}).status_code == 400


def test_what_is_forbidden_names_its_permission(
    start: Callable[..., Client],
) -> None:
    """That of schedules, and that of adherence."""
    client = start(forbidden=("*/agentschedules/search", f"{BULK}*"))
    for path, permission in (
        (f"{ROOT}/businessunits/x/agentschedules/search", "wfm:publishedSchedule:view"),
        (BULK, "wfm:historicalAdherence:view"),
        (f"{BULK}/jobs/x", "wfm:historicalAdherence:view"),
    ):
        refused = client.ask("POST", path, json={})
        assert refused.status_code == 403
        assert permission in refused.json()["messageParams"]["permissions"]
