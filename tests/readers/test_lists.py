"""Lists: every entity of every page, also of one list for each owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_genesys_analytics.api.errors import ApiError
from tap_genesys_analytics.api.get_pages import Paging
from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.intervals.completeness import RecordCount
from tap_genesys_analytics.readers.lists import (
    ListReader,
    ReferenceList,
    list_for_each,
    list_from_settings,
    reference_table,
)
from tests.conftest import Reply, ScriptedGenesys
from tests.readers.reading import asked

if TYPE_CHECKING:
    from tap_genesys_analytics.api.client import GenesysClient

QUEUES = ReferenceList(reference_table("queues", "Queue", "Queues."), "/queues")
USERS = ReferenceList(
    reference_table("users", "User", "Users."),
    "/users",
    variants=({"state": "active"}, {"state": "deleted"}),
)
MEMBERS = list_for_each(
    QUEUES,
    "queueId",
    "members",
    "QueueMember",
    "Members of queues.",
    path="/queues/{id}/members",
    permissions=(),
)


def page(*ids: str, **more: Any) -> Reply:
    """Return a page with entities of these ids."""
    return Reply({"entities": [{"id": each} for each in ids], **more})


def read(client: GenesysClient, given: ReferenceList) -> tuple[list[Any], RecordCount]:
    """Return what a list holds, and what Genesys counts."""
    count = RecordCount()
    return list(ListReader(client, given).documents(count)), count


def test_a_list_is_read_page_by_page_and_its_total_noted(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """As many pages as the list says that it has."""
    genesys.replies(
        page("a", "b", pageCount=2, total=3), page("c", pageCount=2, total=3)
    )
    found, count = read(client, QUEUES)
    assert found == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert count.expected == 3
    assert asked(genesys) == [
        "GET /queues?pageSize=100&pageNumber=1",
        "GET /queues?pageSize=100&pageNumber=2",
    ]


def test_a_list_with_variants_holds_what_all_of_them_list(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The total is the sum of the totals, as no entity is in two of them."""
    genesys.replies(page("a", pageCount=1, total=1), page("b", pageCount=1, total=5))
    found, count = read(client, USERS)
    assert found == [{"id": "a"}, {"id": "b"}]
    assert count.expected == 6
    assert [each.partition("&")[0] for each in asked(genesys)] == [
        "GET /users?state=active",
        "GET /users?state=deleted",
    ]


def test_a_list_for_each_owner_carries_the_id_of_its_owner(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The owners are listed first, then the list of each of them in turn."""
    genesys.replies(page("1", "2", pageCount=1), page("a"), page("a", "b"))
    found, count = read(client, MEMBERS)
    assert found == [
        {"id": "a", "queueId": "1"},
        {"id": "a", "queueId": "2"},
        {"id": "b", "queueId": "2"},
    ]
    assert count.totals == []
    assert [each.partition("?")[0] for each in asked(genesys)] == [
        "GET /queues",
        "GET /queues/1/members",
        "GET /queues/2/members",
    ]


def test_an_owner_that_has_gone_meanwhile_has_no_entities(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It was deleted after it was listed: the lists of the others are read."""
    gone = Reply({"code": "not.found", "message": "Gone."}, 404)
    genesys.replies(page("1", "2", pageCount=1), gone, page("a"))
    found, _ = read(client, MEMBERS)
    assert found == [{"id": "a", "queueId": "2"}]


def test_a_list_that_is_not_found_itself_is_an_error(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """Only the list of an owner may have gone."""
    genesys.replies(Reply({"code": "not.found", "message": "Gone."}, 404))
    for given in (QUEUES, MEMBERS):
        with pytest.raises(ApiError):
            read(client, given)


def test_an_owner_s_list_that_is_refused_is_an_error(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """What may not be read is not taken for empty."""
    genesys.replies(page("1", pageCount=1), Reply({"code": "missing.permissions"}, 403))
    with pytest.raises(ApiError) as caught:
        read(client, MEMBERS)
    assert caught.value.status == 403


def test_an_owner_without_an_id_is_an_error_that_names_no_value(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """The list of such an owner cannot be requested."""
    genesys.replies(Reply({"entities": [{"key": "Jane Doe"}], "pageCount": 1}))
    with pytest.raises(GenesysError, match="has no id; it has key") as caught:
        read(client, MEMBERS)
    assert "Jane" not in str(caught.value)


def test_an_entity_of_a_list_from_the_settings_needs_its_key(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It would be lost, or overwrite another; the error names none of its values."""
    codes = list_from_settings({"name": "codes", "path": "/codes"})
    genesys.replies(Reply({"entities": [{"name": "Jane Doe"}], "pageCount": 1}))
    told = "codes: a record has no id, which is part of the key"
    with pytest.raises(GenesysError, match=told) as caught:
        read(client, codes)
    assert "Jane" not in str(caught.value)


def test_parameters_of_a_list_from_the_settings_may_name_the_owner(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """An owner's id is put in wherever {id} stands, and added to each entity."""
    given = {
        "name": "calibrations",
        "path": "/calibrations",
        "params": {"calibratorId": "{id}"},
        "for_each": "/users",
        "paging": "none",
    }
    genesys.replies(page("1", pageCount=1), page("a"))
    found, _ = read(client, list_from_settings(given))
    assert found == [{"id": "a", "ownerId": "1"}]
    assert asked(genesys)[-1] == "GET /calibrations?calibratorId=1"


def test_a_list_without_pages_is_one_request(
    genesys: ScriptedGenesys, client: GenesysClient
) -> None:
    """It takes no page size, and may be answered as a bare list."""
    whole = ReferenceList(QUEUES.table, "/queues", paging=Paging.NONE)
    genesys.replies(Reply([{"id": "a"}, {"id": "b"}]))
    found, count = read(client, whole)
    assert found == [{"id": "a"}, {"id": "b"}]
    assert count.expected == 2
    assert asked(genesys) == ["GET /queues"]


@pytest.mark.parametrize(
    ("given", "replies", "requests"),
    [
        (QUEUES, [page("a", pageCount=9)], ["GET /queues?pageSize=1&pageNumber=1"]),
        (
            MEMBERS,
            [page("1", pageCount=9), page("a", pageCount=9)],
            [
                "GET /queues?pageSize=1&pageNumber=1",
                "GET /queues/1/members?pageSize=1&pageNumber=1",
            ],
        ),
        (MEMBERS, [page(pageCount=0)], ["GET /queues?pageSize=1&pageNumber=1"]),
    ],
    ids=["a list", "a list for each owner", "no owners"],
)
def test_the_probe_requests_one_entity(
    genesys: ScriptedGenesys,
    client: GenesysClient,
    given: ReferenceList,
    replies: list[Reply],
    requests: list[str],
) -> None:
    """Of the first owner only, if there are owners at all."""
    genesys.replies(*replies)
    ListReader(client, given).probe()
    assert asked(genesys) == requests
