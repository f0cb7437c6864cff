"""Mutations change one place, and replays answer what was recorded but for it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.fuzz.exchanges import Answer, Recording, Replay, Request, Spot
from tests.fuzz.mutations import INVENTED, MARK, Mutation, draw, kinds_at
from tests.fuzz.places import at, pattern, places

DOCUMENT: dict[str, Any] = {
    "entities": [{"id": "a", "size": 1, "tags": ["x", "y"]}],
    "attributes": {"any name": "b"},
    "cursor": "two",
    "total": None,
}


def test_patterns_leave_out_positions_and_names_that_are_data() -> None:
    """All items of a list are one place, and so are all members of a map."""
    assert {pattern(path) for path, _ in places(DOCUMENT)} == {
        "$",
        "$.entities",
        "$.entities[]",
        "$.entities[].id",
        "$.entities[].size",
        "$.entities[].tags",
        "$.entities[].tags[]",
        "$.attributes",
        "$.attributes.*",
        "$.cursor",
        "$.total",
    }


@pytest.mark.parametrize(
    ("mutation", "place", "expected"),
    [
        (Mutation("null", ("cursor",)), ("cursor",), None),
        (Mutation("missing", ("entities", 0)), ("entities",), []),
        (Mutation("nested", ("cursor",), ["two"]), ("cursor",), ["two"]),
        (Mutation("envelope", (), "x"), (), "x"),
        (Mutation("invented member", ("attributes",)), ("attributes", INVENTED), MARK),
        (Mutation("stuck", (), value=True), ("entities",), []),
        (Mutation("stuck", (), value=False), (), DOCUMENT),
    ],
)
def test_a_mutation_changes_one_place(
    mutation: Mutation, place: tuple[str | int, ...], expected: Any
) -> None:
    """And not the document that it is given."""
    before = json.dumps(DOCUMENT)
    assert at(mutation.apply(DOCUMENT), place) == expected
    assert json.dumps(DOCUMENT) == before


def test_every_kind_comes_up_and_changes_something() -> None:
    """Whatever chance says; a member that is null cannot become null."""
    chance = random.Random(1)
    seen = set()
    for _ in range(3000):
        path = chance.choice([path for path, _ in places(DOCUMENT)])
        mutation = draw(chance, DOCUMENT, path, "one")
        seen.add(mutation.kind)
        if mutation.kind != "stuck":
            assert mutation.content(DOCUMENT) != json.dumps(DOCUMENT).encode()
    assert seen == {
        kind for path, _ in places(DOCUMENT) for kind in kinds_at(DOCUMENT, path)
    }
    assert "null" not in kinds_at(DOCUMENT, ("total",))


def test_a_number_beyond_a_double_is_written_as_one() -> None:
    """As JSON allows it."""
    mutations = [
        draw(random.Random(seed), DOCUMENT, ("entities", 0, "size"))
        for seed in range(300)
    ]
    contents = [each.content(DOCUMENT) for each in mutations]
    assert any(b'"size": 1e400' in content for content in contents)


def test_a_replay_changes_one_answer() -> None:
    """A request that it does not know is none of its business."""
    lists, other = Request("GET", "/lists?page=1", b""), Request("GET", "/other", b"")
    recording = Recording()
    recording.add(lists, Answer(200, b"[1]"))
    recording.add(other, Answer(200, b"[2]"))
    replay = Replay(recording, Spot(lists), b"[]")
    assert [replay.answer(each) for each in (lists, other, lists)] == [
        Answer(200, b"[]"),
        Answer(200, b"[2]"),
        Answer(200, b"[]"),
    ]
    unknown = Request("GET", "/lists?page=2", b"")
    assert replay.answer(unknown) is None
    stuck = Replay(recording, Spot(lists), b"[]", stuck=True)
    assert stuck.answer(unknown) == Answer(200, b"[]")


def test_an_endpoint_has_no_ids() -> None:
    """So that all its answers are one place to choose."""
    path = "/api/v2/queues/0aedb5ae-cacc-4f28-aab0-1f1f1f1f1f1f/members?pageSize=4"
    assert Request("GET", path, b"").endpoint == "GET /api/v2/queues/{id}/members"
    assert Request("GET", "/api/v2/speechandtextanalytics/topics", b"").endpoint == (
        "GET /api/v2/speechandtextanalytics/topics"
    )
