"""Aggregates: definitions are checked, and answers become rows with whole keys."""

from __future__ import annotations

from typing import Any

import pytest

from tap_genesys_analytics.errors import GenesysError
from tap_genesys_analytics.readers.aggregates import Aggregate
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.aggregates import (
    BUILT_IN,
    declared,
    families,
    unknown_names,
)
from tests import singer_records as records
from tests.settings.test_settings import found

VIEW = {"name": "short", "target": "tHandle", "function": "rangeBound"}
DEFINITION: dict[str, Any] = {
    "name": "calls_by_hour",
    "family": "conversations",
    "metrics": ["nOffered", "tHandle"],
    "group_by": ["queueId"],
    "granularity": "PT1H",
    "time_zone": "Europe/Berlin",
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"family": "conversation"}, "did you mean conversations?"),
        ({"granularity": "PT7M"}, "aggregates.0.granularity: 'PT7M' is no granularity"),
        ({"time_zone": "Mars"}, "aggregates.0.time_zone: 'Mars' is no time zone"),
        ({"group_by": ["queueId", "queueId"]}, "names a dimension twice"),
        ({"group_by": ["metric"]}, "metric has the name of another column"),
        ({"name": "Calls By Hour"}, "aggregates.0.name: must be lower-case"),
        ({"name": "users"}, "there is a stream users already"),
        ({"views": [VIEW, VIEW]}, "a view has the name of another one"),
        ({"views": [{**VIEW, "name": "tHandle"}]}, "or of a metric"),
        ({"metrics": []}, "aggregates.0.metrics: must not be empty"),
        ({"metric": ["nOffered"]}, "there is no such key; did you mean metrics?"),
        ({"lookback_days": -1}, "aggregates.0.lookback_days: must be at least 0"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_by_name(
    changed: dict[str, Any], told: str
) -> None:
    """Before the first request."""
    problems = found(aggregates=[{**DEFINITION, **changed}])
    assert any(told in problem for problem in problems), problems


def test_a_definition_as_in_the_manual_is_taken() -> None:
    """With everything that it can have."""
    whole = {
        **DEFINITION,
        "filter": {
            "type": "and",
            "predicates": [{"dimension": "mediaType", "value": "voice"}],
        },
        "views": [
            {
                "name": "short",
                "target": "tHandle",
                "function": "rangeBound",
                "range": {"lt": 1000},
            }
        ],
        "lookback_days": 3,
    }
    assert found(aggregates=[whole]) == []
    body = declared({"aggregates": [whole]})["calls_by_hour"].body("from/to")
    assert body == {
        "interval": "from/to",
        "granularity": "PT1H",
        "timeZone": "Europe/Berlin",
        "metrics": ["nOffered", "tHandle"],
        "groupBy": ["queueId"],
        "filter": whole["filter"],
        "views": whole["views"],
    }


def test_two_definitions_cannot_have_one_name() -> None:
    """Nor can an aggregate and a query."""
    query = {"name": "calls_by_hour", "path": "/api/v2/x", "records_path": "results"}
    for settings in (
        {"aggregates": [DEFINITION, DEFINITION]},
        {"aggregates": [DEFINITION], "queries": [{**query, "key": ["id"]}]},
    ):
        (problem,) = found(**settings)
        assert "there is a stream calls_by_hour already" in problem


def test_a_definition_replaces_the_built_in_one_of_its_name() -> None:
    """All others stay."""
    name = BUILT_IN[0].name
    all_of_them = declared({"aggregates": [{**DEFINITION, "name": name}]})
    assert all_of_them[name].metrics == ("nOffered", "tHandle")
    assert list(all_of_them) == [aggregate.name for aggregate in BUILT_IN]


def test_what_is_built_in_is_known_to_its_family() -> None:
    """Every metric and every dimension."""
    for aggregate in BUILT_IN:
        assert list(unknown_names(aggregate)) == []
    assert len(families()) >= 17


def test_a_misspelt_metric_is_told_with_the_nearest_name() -> None:
    """It is asked for all the same: the list grows."""
    aggregate = Aggregate("x", "conversations", ("tHandel",), ("queueID",))
    metric, dimension = unknown_names(aggregate)
    assert "no metric tHandel" in metric
    assert "did you mean tHandle?" in metric
    assert "did you mean queueId?" in dimension


def rows_of(aggregate: Aggregate, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that an answer becomes."""
    columns = [column.name for column in aggregate.table.columns]
    made = DocumentRecords([aggregate.table], {aggregate.name: columns})
    documents = aggregate.documents(answer.get("results") or ())
    return [row for each in documents for _, row in records.rows_of(made, each, "now")]


@pytest.mark.parametrize(
    "answer", [{}, {"results": []}, {"results": [{"group": {}, "data": []}]}]
)
def test_no_figures_are_no_rows(answer: dict[str, Any]) -> None:
    """In whichever form Genesys says so."""
    assert rows_of(BUILT_IN[0], answer) == []


def test_what_a_view_is_answered_several_times_is_kept() -> None:
    """Views have no qualifier: those after the first have numbers."""
    seen = [{"name": "long", "stats": {"count": count}} for count in (5, 7)]
    data = {"interval": "2026-11-01T00:00:00Z/2026-11-02T00:00:00Z", "views": seen}
    answer = {"results": [{"group": {}, "data": [data]}]}
    rows = rows_of(BUILT_IN[0], answer)
    found = [(row["metric"], row["qualifier"], row["count"]) for row in rows]
    assert found == [("long", "(none)", 5), ("long", "2", 7)]


def test_a_text_stands_where_a_group_or_a_qualifier_is_missing() -> None:
    """Neither null nor empty: targets that load CSV take both for the same."""
    answer = {
        "results": [
            {
                "group": {"mediaType": "voice"},
                "data": [
                    {
                        "interval": "2026-11-01T00:00:00+01:00/2026-11-01T00:30:00Z",
                        "metrics": [
                            {"metric": "nOffered", "stats": {"count": 3}},
                            {
                                "metric": "tHandle",
                                "qualifier": "q",
                                "stats": {"count": 1, "sum": 2.5, "new": 1},
                            },
                        ],
                        "views": [{"name": "short", "stats": {"count": 7}}],
                    }
                ],
            }
        ]
    }
    rows = rows_of(BUILT_IN[0], answer)
    keys = [column.name for column in BUILT_IN[0].table.keys]
    assert [[row[key] for key in keys] for row in rows] == [
        ["(none)", "voice", "2026-10-31T23:00:00.000Z", "nOffered", "(none)"],
        ["(none)", "voice", "2026-10-31T23:00:00.000Z", "tHandle", "q"],
        ["(none)", "voice", "2026-10-31T23:00:00.000Z", "short", "(none)"],
    ]
    assert [(row["count"], row["sum"], row["extra"]) for row in rows] == [
        (3, None, None),
        (1, 2.5, {"new": 1}),
        (7, None, None),
    ]
    assert rows[0]["interval_end"] == "2026-11-01T00:30:00.000Z"


@pytest.mark.parametrize(
    "interval", [None, "", "soon/later", "2026-02-30T00:00:00.000Z/"]
)
def test_figures_without_an_interval_are_an_error(interval: str | None) -> None:
    """They cannot be told from those of another time."""
    data = {"interval": interval, "metrics": [{"metric": "nOffered"}]}
    answer = {"results": [{"group": {}, "data": [data]}]}
    with pytest.raises(
        GenesysError,
        match=r"no valid intervalStart, which is part of|data\[0\].interval",
    ):
        rows_of(BUILT_IN[0], answer)


def test_a_metric_or_dimension_that_is_a_number_is_a_text_in_the_key() -> None:
    """Rows of one number do not take the place of another's."""
    interval = "2026-11-01T00:00:00.000Z/2026-11-02T00:00:00.000Z"
    metrics = [{"metric": "nOffered", "qualifier": number} for number in (1, 2)]
    data = {"interval": interval, "metrics": metrics}
    answer = {"results": [{"group": {"queueId": 7}, "data": [data]}]}
    rows = rows_of(BUILT_IN[0], answer)
    assert [(row["queue_id"], row["qualifier"]) for row in rows] == [
        ("7", "1"),
        ("7", "2"),
    ]


def test_a_dimension_with_several_values_is_one_part_of_the_key() -> None:
    """Without being taken apart."""
    aggregate = Aggregate("x", "conversations", ("nOffered",), ("requestedRouting",))
    (row,) = rows_of(
        aggregate,
        {
            "results": [
                {
                    "group": {"requestedRouting": ["Bullseye", "Preferred"]},
                    "data": [
                        {
                            "interval": "2026-11-01T00:00Z/2026-11-02T00:00Z",
                            "metrics": [{"metric": "nOffered"}],
                        }
                    ],
                }
            ]
        },
    )
    assert row["requested_routing"] == '["Bullseye", "Preferred"]'
