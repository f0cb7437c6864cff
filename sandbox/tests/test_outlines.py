"""Filters that divide a day are answered from outlines, as if from whole documents."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_cloud_sandbox.api.conversation_query import read_query
from genesys_cloud_sandbox.api.matching import Arrivals
from genesys_cloud_sandbox.api.outlines import Outlines, outlined
from genesys_cloud_sandbox.options import SandboxOptions
from genesys_cloud_sandbox.world.conversation_details import as_of
from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.times import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Client

_WORLD = World(seed=3, conversations_per_day=150)
_DAY = 20_517  # 5 March 2026
_INTERVAL = "2026-03-05T00:00:00Z/2026-03-06T00:00:00Z"


def _predicates(dimension: str, values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    matches = st.fixed_dictionaries(
        {"dimension": st.just(dimension), "value": st.sampled_from(values)}
    )
    exists = st.fixed_dictionaries(
        {
            "type": st.just("dimension"),
            "dimension": st.just(dimension),
            "operator": st.sampled_from(("exists", "notExists")),
        }
    )
    return matches | exists


def _groups(*predicates: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(st.one_of(predicates), min_size=1, max_size=3)
    kind = st.sampled_from(("and", "or"))
    clause = st.fixed_dictionaries({"type": kind, "predicates": several})
    return st.lists(
        st.fixed_dictionaries(
            {"type": kind, "predicates": several},
            optional={"clauses": st.lists(clause, max_size=2)},
        ),
        min_size=1,
        max_size=2,
    )


_FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "conversationFilters": _groups(
            _predicates("originatingDirection", ("inbound", "OUTBOUND", "none")),
            _predicates(
                "divisionId", tuple(x.id for x in _WORLD.organization.divisions)
            ),
        ),
        "segmentFilters": _groups(
            _predicates("mediaType", ("voice", "callback", "email", "video")),
            _predicates("direction", ("inbound", "outbound")),
        ),
    },
)


@pytest.fixture(scope="module")
def outlines() -> Outlines:
    """Outlines of a small world, kept for all examples."""
    return Outlines(_WORLD, Arrivals(3), lambda: None)


@settings(max_examples=60, deadline=None)
@given(filters=_FILTERS, minute=st.integers(0, 3 * 24 * 60))
def test_outlines_and_documents_agree(
    outlines: Outlines, filters: dict[str, Any], minute: int
) -> None:
    """At any moment of the day, and of the days after."""
    query = read_query({"interval": _INTERVAL, **filters}, SandboxOptions())
    assert outlined(query.filters)
    day, now = _WORLD.day(_DAY), _DAY * DAY + minute * MINUTE
    documents = (
        as_of(_WORLD.conversation(_DAY, day.indexes[position]), now)
        for position in range(day.started(now))
    )
    expected = [
        position
        for position, document in enumerate(documents)
        if document is not None and query.matches(document)
    ]
    assert list(outlines.matching(query, day, now)) == expected
    assert list(outlines.matching(query, day, now)) == expected


@pytest.mark.parametrize(
    ("family", "predicate"),
    [
        ("conversationFilters", {"dimension": "conversationEnd", "operator": "exists"}),
        ("conversationFilters", {"metric": "tTalk", "range": {"gt": 1}}),
        ("segmentFilters", {"dimension": "queueId", "value": "x"}),
        ("segmentFilters", {"property": "mediaType", "value": "voice"}),
        (
            "segmentFilters",
            {
                "type": "property",
                "property": "x",
                "dimension": "mediaType",
                "value": "voice",
            },
        ),
        ("surveyFilters", {"dimension": "userId", "value": "x"}),
    ],
)
def test_other_filters_need_documents(family: str, predicate: dict[str, Any]) -> None:
    """Also where they stand in a clause beside what outlines have."""
    alone = {family: [{"type": "and", "predicates": [predicate]}]}
    assert not outlined(msgspec.json.encode(alone))
    clause = {"type": "or", "predicates": [predicate]}
    media = {"dimension": "mediaType", "value": "voice"}
    mixed = {
        "segmentFilters": [{"type": "and", "predicates": [media]}],
        family: [{"type": "and", "predicates": [predicate], "clauses": [clause]}],
    }
    assert not outlined(msgspec.json.encode(mixed))


def test_a_day_is_gone_through_once(
    start: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks, for whatever divides it, at the same time or later."""
    client = start(conversations_per_day=500)
    told: list[int] = []
    write = World.conversation

    def count(world: World, day: int, index: int) -> Any:
        told.append(index)
        return write(world, day, index)

    monkeypatch.setattr(World, "conversation", count)
    client.token = client.login().json()["access_token"]

    def ask(dimension: str, value: str) -> None:
        family = "segment" if dimension == "mediaType" else "conversation"
        predicate = {"dimension": dimension, "value": value}
        filters = [{"type": "and", "predicates": [predicate]}]
        body: dict[str, Any] = {f"{family}Filters": filters}
        client.query(paging={"pageSize": 1, "pageNumber": 50}, **body)

    threads = [
        threading.Thread(target=ask, args=asked)
        for asked in [
            ("originatingDirection", "inbound"),
            ("originatingDirection", "outbound"),
            ("mediaType", "voice"),
            ("mediaType", "chat"),
        ]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) <= 500 + 4
    ask("divisionId", client.sandbox.world.organization.divisions[1].id)
    assert len(told) <= 500 + 5
