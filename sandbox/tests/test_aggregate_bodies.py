"""What may be asked of aggregates, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genesys_cloud_sandbox.api.aggregate_query import family_lists, family_names
from tests.counted import ask, cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Client


@pytest.mark.parametrize("family", family_names())
def test_every_family_answers(client: Client, family: str) -> None:
    """The same again and again; with values for some of its dimensions."""
    lists = family_lists(family)
    body = {"metrics": lists.metrics, "interval": "2026-03-02T00:00Z/2026-03-04T00:00Z"}
    found = cells(client, family, **body)
    assert found
    assert found == cells(client, family, **body)
    if family not in ("conversations", "flows", "surveys", "evaluations"):
        assert {key[2] for key in found} == set(lists.metrics)
    grouped = cells(client, family, groupBy=lists.dimensions[:30], **body)
    assert any(key[0] for key in grouped)


@pytest.mark.parametrize(
    ("form", "body"), [("empty-object", {}), ("empty-list", {"results": []})]
)
def test_nothing_is_an_empty_answer(
    start: Callable[..., Client], form: str, body: dict[str, Any]
) -> None:
    """In one form or the other; also of the future."""
    client = start(empty_aggregates=form)
    interval = "2027-01-01T00:00:00Z/2027-01-02T00:00:00Z"
    for family in ("conversations", "users", "journeys"):
        metrics = family_lists(family).metrics[:3]
        answer = ask(client, family, metrics=metrics, interval=interval)
        assert answer.json() == body


def test_too_many_results_are_refused(start: Callable[..., Client]) -> None:
    """Half the interval may have few enough."""
    client = start(aggregate_result_limit=100)
    body: dict[str, Any] = {"metrics": ["tSystemPresence"], "groupBy": ["userId"]}
    refused = ask(client, "users", granularity="PT1H", **body)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad.request")
    limit = "Result set is larger than result limit of 100 results"
    assert limit in refused.json()["message"]
    hour = "2026-03-04T02:00:00Z/2026-03-04T02:01:00Z"
    assert ask(client, "users", interval=hour, **body).status_code == 200


def test_an_unknown_family_is_not_found(client: Client) -> None:
    """There are no aggregates of queues, as such."""
    assert ask(client, "queues", metrics=["tTalk"]).status_code == 404
