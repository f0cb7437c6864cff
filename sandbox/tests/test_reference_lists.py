"""The reference lists: whole in pages of every size, each paged its own way."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import pytest

from genesys_cloud_sandbox.api import paging
from genesys_cloud_sandbox.api.reference_lists import LISTS
from tests.conftest import NOON, Client
from tests.listing import EVERYTHING, ROOT, followed, ids, keys_of, path_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("size", [1, 7, 100, 1_000])
@pytest.mark.parametrize(
    "listed",
    [x for x in LISTS if x.paging not in (paging.array, paging.single)],
    ids=lambda listed: listed.path,
)
def test_every_list_is_read_once_and_whole(
    client: Client, listed: Any, size: int
) -> None:
    """By its links, whatever the page size; unpaged lists come at once."""
    path = path_of(client, listed.path)
    query = EVERYTHING.get(listed.path, {})
    pages = list(followed(client, path, pageSize=size, **query))
    found = [entity for page in pages for entity in page["entities"]]
    keys = keys_of(client, listed.path)
    expected = client.sandbox.references.entities(listed.path, *keys)
    if listed.path == "presence/definitions":
        expected = [x for x in expected if not x["deactivated"]]
    assert expected
    assert [x["id"] for x in found] == [x["id"] for x in expected]
    paged = "pageSize" in pages[0] and listed.paging is not paging.whole_as_page
    if paged or listed.paging is paging.cursors:
        effective = min(size, listed.max_page_size)
        assert len(pages) == max(1, -(-len(expected) // effective))
        assert all(len(page["entities"]) <= effective for page in pages)
    else:
        assert len(pages) == 1
    if paged:
        assert {page["pageSize"] for page in pages} == {effective}


@pytest.mark.parametrize("size", [1, 7, 100, 1_000])
def test_numbered_pages_are_counted(client: Client, size: int) -> None:
    """Up to pageCount, each entity comes once; past it, none does."""
    for listed in LISTS:
        if listed.paging is not paging.pages:
            continue
        path, query = path_of(client, listed.path), EVERYTHING.get(listed.path, {})
        found: list[str] = []
        for number in count(1):
            asked = {**query, "pageSize": size, "pageNumber": number}
            page = client.ask("GET", path, params=asked).json()
            found += [entity["id"] for entity in page["entities"]]
            assert ("nextUri" in page) == (number < page["pageCount"])
            if number >= page["pageCount"]:
                break
        assert len(found) == len(set(found)) == page["total"]
        asked = {**query, "pageSize": size, "pageNumber": number + 1}
        past = client.ask("GET", path, params=asked).json()
        assert past["entities"] == []
        assert past["total"] == page["total"]
        assert "nextUri" not in past


def test_page_sizes_have_each_their_own_limit(start: Callable[..., Client]) -> None:
    """Beyond it the answer's page size is smaller, and only that tells."""
    client = start(members_per_queue=700)
    most = {}
    for path in ("users", "routing/queues", "routing/skills", "stations"):
        page = client.ask("GET", ROOT + path, params={"pageSize": 1_000}).json()
        most[path] = page["pageSize"]
    assert most == {
        "users": 500,
        "routing/queues": 500,
        "routing/skills": 100,
        "stations": 100,
    }
    assert client.ask("GET", f"{ROOT}users").json()["pageSize"] == 25
    users = client.ask("GET", f"{ROOT}users", params={"pageSize": 1_000}).json()
    assert len(users["entities"]) == 500
    assert users["pageCount"] == 2


def test_queue_members_have_no_count(start: Callable[..., Client]) -> None:
    """Only the next link tells that there are more; a queue may have very many."""
    client = start(members_per_queue=250)
    queue = client.sandbox.world.organization.queues[3]
    path = f"{ROOT}routing/queues/{queue.id}/members"
    pages = list(followed(client, path, pageSize=1_000))
    assert [len(page["entities"]) for page in pages] == [100, 100, 50]
    assert not any({"total", "pageCount", "lastUri"} & page.keys() for page in pages)
    assert pages[0]["nextUri"] == f"{path}?pageSize=100&pageNumber=2"
    members = {member["id"] for page in pages for member in page["entities"]}
    assert {agent.id for agent in queue.agents} <= members
    assert members <= set(ids(client, f"{ROOT}users", pageSize=500))
    listed = client.ask("GET", f"{ROOT}routing/queues").json()["entities"]
    assert {x["memberCount"] for x in listed if x["id"] == queue.id} == {250}


def test_links_keep_what_was_asked_for(client: Client) -> None:
    """The state goes with every link."""
    query = {"state": "any", "pageSize": 50}
    page = client.ask("GET", f"{ROOT}users", params=query).json()
    assert page["nextUri"] == f"{ROOT}users?pageSize=50&pageNumber=2&state=any"
    assert page["total"] == len(client.sandbox.references.entities("users"))


def test_users_are_active_unless_others_are_asked_for(client: Client) -> None:
    """Each state by itself, all of them by `any`; an unknown one is refused."""
    found = {
        state: ids(client, f"{ROOT}users", state=state, pageSize=500)
        for state in ("active", "inactive", "deleted", "any")
    }
    assert all(found.values())
    assert ids(client, f"{ROOT}users", pageSize=500) == found["active"]
    assert sorted(found.pop("any")) == sorted(chain(*found.values()))
    assert client.ask("GET", f"{ROOT}users?state=gone").status_code == 400


def test_deleted_flows_are_included_when_asked_for(client: Client) -> None:
    """One is there then that is not otherwise."""
    shown, every = (
        client.ask("GET", f"{ROOT}flows", params=query).json()["entities"]
        for query in ({}, {"deleted": "true"})
    )
    assert [x for x in every if not x["deleted"]] == shown
    assert len(every) == len(shown) + 1
    assert client.ask("GET", f"{ROOT}flows?deleted=maybe").status_code == 400


def test_deactivated_presences_are_a_list_of_their_own(client: Client) -> None:
    """Either those in use or those no longer."""
    path = f"{ROOT}presence/definitions"
    used, former = (
        client.ask("GET", path, params={"deactivated": flag}).json()
        for flag in ("FALSE", "TRUE")
    )
    assert client.ask("GET", path).json() == used
    assert {x["deactivated"] for x in used["entities"]} == {False}
    assert {x["deactivated"] for x in former["entities"]} == {True}
    assert former["total"] == 1


def test_users_show_more_when_expanded(client: Client) -> None:
    """Skills and teams are not there unless they are asked for."""
    plain = client.ask("GET", f"{ROOT}users").json()["entities"][0]
    assert not {"skills", "team"} & plain.keys()
    fields = ["skills", "team"]
    full, again = (
        client.ask("GET", f"{ROOT}users", params=query).json()["entities"][0]
        for query in ({"expand": "skills,team"}, {"expand": fields})
    )
    assert full == again
    assert len(full["skills"]) == 2
    assert full["team"]["id"] in ids(client, f"{ROOT}teams")
    assert full == plain | {"skills": full["skills"], "team": full["team"]}


def test_cursors_lead_both_ways(client: Client) -> None:
    """What is before the second page is the first one; a strange cursor is refused."""
    path = f"{ROOT}teams"
    first = client.ask("GET", path, params={"pageSize": 2}).json()
    assert not {"total", "pageCount", "pageNumber", "previousUri"} & first.keys()
    assert first["selfUri"] == f"{path}?pageSize=2"
    second = client.ask("GET", first["nextUri"]).json()
    back = client.ask("GET", second["previousUri"]).json()
    assert back["entities"] == first["entities"]
    assert client.ask("GET", path, params={"after": "x"}).status_code == 400


def test_some_lists_come_whole(client: Client) -> None:
    """Each in its own form."""
    presences = client.ask("GET", f"{ROOT}presence/definitions?pageSize=1").json()
    assert presences.keys() == {"entities", "total", "selfUri"}
    assert presences["total"] == len(presences["entities"]) > 1
    systems = client.ask("GET", f"{ROOT}systempresences").json()
    assert len(systems) == 10
    units = f"{ROOT}workforcemanagement/businessunits"
    assert client.ask("GET", units).json().keys() == {"entities"}
    one = client.ask("GET", f"{ROOT}organizations/me").json()
    assert one["id"] == client.sandbox.world.organization.id


def test_schedules_are_those_that_reach_into_a_week(client: Client) -> None:
    """A week in the middle of a schedule finds it; no week that is none is taken."""
    unit = ids(client, f"{ROOT}workforcemanagement/businessunits")[0]
    weeks = f"{ROOT}workforcemanagement/businessunits/{unit}/weeks"
    recent = client.ask("GET", f"{weeks}/recent/schedules").json()["entities"]
    assert len({x["id"] for x in recent}) == len(recent) > 14
    starts = [date.fromisoformat(x["weekDate"]) for x in recent]
    assert all(abs(x - NOON.date()) <= timedelta(weeks=28) for x in starts)
    second = starts[0] + timedelta(weeks=1)
    spanning = client.ask("GET", f"{weeks}/{second}/schedules").json()["entities"]
    assert spanning == recent[:1]
    assert client.ask("GET", f"{weeks}/soon/schedules").status_code == 400
    assert [x["published"] for x in recent][-1] is False


@pytest.mark.parametrize(
    "path",
    [
        "routing/queues/x/members",
        "workforcemanagement/businessunits/x/activitycodes",
        "workforcemanagement/businessunits/x/managementunits",
        "workforcemanagement/businessunits/x/weeks/recent/schedules",
    ],
)
def test_what_nobody_owns_is_not_found(client: Client, path: str) -> None:
    """404 for the list of an owner that there is not."""
    assert client.ask("GET", ROOT + path).status_code == 404


def test_activity_codes_share_their_ids(client: Client) -> None:
    """They are unique in a business unit only."""
    units = ids(client, f"{ROOT}workforcemanagement/businessunits")
    first, second = (
        ids(client, f"{ROOT}workforcemanagement/businessunits/{unit}/activitycodes")
        for unit in units
    )
    assert first == second
    assert len(set(first)) == len(first)
