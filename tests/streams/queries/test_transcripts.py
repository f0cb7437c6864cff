"""Transcripts: what was said, from a file per communication."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions
from genesys_cloud_sandbox.world.times import milliseconds
from genesys_cloud_sandbox.world.transcripts import transcript_file, transcripts

from tap_genesys_analytics.intervals.timestamps import format_timestamp, parse_timestamp
from tap_genesys_analytics.records.column_types import as_dict
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.transcript_tables import TABLES, with_file
from tests import singer
from tests.clocks import Clock
from tests.conftest import Reply, ScriptedGenesys
from tests.spans import MIDNIGHT, SPAN, START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = [table.name for table in TABLES]
KEYS = {table.name: [column.name for column in table.keys] for table in TABLES}
URLS = "/api/v2/speechandtextanalytics/conversations/*/transcripturl"


@pytest.fixture(scope="module")
def few() -> Iterator[Sandbox]:
    """Serve a Genesys Cloud with few conversations: each costs requests."""
    options = SandboxOptions(conversations_per_day=15, requests_per_minute=0)
    with Sandbox(options) as sandbox:
        yield sandbox


def read(
    sandbox: Sandbox, folder: Path, *streams: str, exit_code: int = 0, **more: Any
) -> singer.Run:
    """Read some streams."""
    config = singer.settings(sandbox, **SPAN, **more)
    run = singer.run(folder, config, catalog=singer.selecting(*streams))
    assert run.exit_code == exit_code, run.errors
    return run


def files(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return the files of all transcripts of the span, as they are."""
    now = milliseconds(sandbox.options.clock())
    begun, ended = milliseconds(START), milliseconds(MIDNIGHT)
    found = transcripts(sandbox.world, begun, ended - 1, now)
    return [transcript_file(sandbox.world.organization.id, each) for each in found]


def test_every_phrase_of_every_transcript_is_a_row(
    few: Sandbox, tmp_path: Path
) -> None:
    """Under unique keys, and in the order in which they were said."""
    run = read(few, tmp_path, *NAMES)
    records = run.messages.records
    said = {
        (file["conversationId"], file["communicationId"]): [
            (phrase["startTimeMs"], phrase["text"], phrase["participantPurpose"])
            for transcript in file["transcripts"]
            for phrase in transcript["phrases"]
        ]
        for file in files(few)
    }
    assert sum(map(len, said.values())) > 100
    found: dict[tuple[str, str], list[Any]] = {key: [] for key in said}
    for row in sorted(
        records["speech_transcript_phrases"], key=lambda row: row["phrase_number"]
    ):
        key = row["conversation_id"], row["communication_id"]
        found[key].append((row["text"], row["participant_purpose"]))
    assert found == {key: [each[1:] for each in sorted(said[key])] for key in said}
    for name in NAMES:
        keys = [tuple(row[column] for column in KEYS[name]) for row in records[name]]
        assert keys, name
        assert max(Counter(keys).values()) == 1, name
        assert {key[:2] for key in keys} <= said.keys()
        assert all(row["extra"] is None for row in records[name]) or (
            name == "speech_transcripts"
        )
    phrase = records["speech_transcript_phrases"][0]
    assert "words" not in phrase
    assert phrase["duration_ms"] > 0
    assert phrase["offset_ms"] >= 0
    assert phrase["start_time"].endswith("Z")


def test_transcripts_of_what_lasts_for_days_are_read(tmp_path: Path) -> None:
    """A mail is transcribed when it has ended, under the day on which it began."""
    clock = Clock(MIDNIGHT - timedelta(days=9))
    options = SandboxOptions(
        conversations_per_day=60, requests_per_minute=0, clock=clock
    )
    start = clock.now - timedelta(days=5)
    found: set[Any] = set()
    lasted = timedelta()
    state = None
    with Sandbox(options) as sandbox:
        config = singer.settings(sandbox, start_date=format_timestamp(start))
        catalog = singer.selecting("speech_transcripts")
        for _ in range(4):
            run = singer.run(
                tmp_path,
                config,
                state=state,
                catalog=catalog,
                module="tests.hasty_tap",
                environ={"HASTY_NOW": format_timestamp(clock.now)},
            )
            assert run.exit_code == 0, run.errors
            state = run.messages.states[-1]
            for row in run.messages.records["speech_transcripts"]:
                found.add((row["conversation_id"], row["communication_id"]))
                end = parse_timestamp(row["end_time"])
                lasted = max(lasted, end - parse_timestamp(row["start_time"]))
            clock.advance(days=2)
        clock.advance(days=-2)
        span = milliseconds(start), milliseconds(clock.now - timedelta(hours=1))
        made = transcripts(sandbox.world, *span, milliseconds(clock.now))
        expected = [
            transcript_file(sandbox.world.organization.id, each) for each in made
        ]
    assert lasted > timedelta(days=2)
    assert {(x["conversationId"], x["communicationId"]) for x in expected} <= found


def test_what_is_in_transcripts_costs_nothing_where_it_is_not_selected(
    few: Sandbox, tmp_path: Path
) -> None:
    """Which there are is known from the search alone."""
    few.requests.clear()
    run = read(few, tmp_path, "speech_transcripts")
    count = len(run.messages.records["speech_transcripts"])
    assert count == len(files(few))
    assert not [each for each in few.requests if "transcripturl" in each.path]
    few.requests.clear()
    run = read(few, tmp_path, "speech_transcript_topics")
    assert set(run.messages.schemas) == {"speech_transcript_topics"}
    asked = [each for each in few.requests if "transcripturl" in each.path]
    assert len(asked) == count


@pytest.mark.parametrize("connections", [1, 8])
def test_rows_are_the_same_however_many_are_asked_for_at_once(
    few: Sandbox, tmp_path: Path, connections: int
) -> None:
    """And in the same order."""
    run = read(few, tmp_path, "speech_transcript_phrases", max_connections=connections)
    keys = [
        tuple(row[name] for name in KEYS["speech_transcript_phrases"])
        for row in run.messages.records["speech_transcript_phrases"]
    ]
    begun = {
        (file["conversationId"], file["communicationId"]): file["startTime"]
        for file in files(few)
    }
    assert [begun[key[:2]] for key in keys] == sorted(begun[key[:2]] for key in keys)


def test_the_analytics_of_a_conversation_are_asked_for_once(
    few: Sandbox, tmp_path: Path
) -> None:
    """However many of its communications were transcribed."""
    few.requests.clear()
    run = read(few, tmp_path, "speech_analytics")
    records = run.messages.records["speech_analytics"]
    conversations = {file["conversationId"] for file in files(few)}
    assert {row["conversation_id"] for row in records} == conversations
    path = "/api/v2/speechandtextanalytics/conversations/"
    asked = Counter(each.path for each in few.requests if each.path.startswith(path))
    # A conversation with communications on two days is read with each.
    assert sum(asked.values()) == len(records)
    assert len(asked) == len(conversations)
    for row in records:
        assert -1 <= row["sentiment_score"] <= 1
        assert row["participant_metrics_agent_duration_percentage"] > 0
        assert row["extra"] is None


def test_a_client_that_may_not_listen_is_told_which_permission_it_lacks(
    tmp_path: Path,
) -> None:
    """With what it may read before: which transcripts there are."""
    options = SandboxOptions(
        conversations_per_day=15, requests_per_minute=0, forbidden=(URLS,)
    )
    with Sandbox(options) as sandbox:
        names = ("speech_transcript_phrases", "speech_transcripts")
        run = read(sandbox, tmp_path, *names, exit_code=1)
    assert "recording:recording:view" in run.log


@pytest.mark.parametrize(
    ("stream", "forbidden"),
    [
        ("speech_transcript_phrases", URLS),
        ("speech_analytics", "/api/v2/speechandtextanalytics/conversations/*"),
    ],
)
def test_the_connection_test_finds_out_about_a_permission_that_only_parts_need(
    tmp_path: Path, stream: str, forbidden: str
) -> None:
    """Nothing is read for it: what is not there is asked for."""
    for paths, exit_code in [((), 0), ((forbidden,), 1)]:
        options = SandboxOptions(conversations_per_day=15, forbidden=paths)
        with Sandbox(options) as sandbox:
            config = singer.settings(sandbox, **SPAN)
            testing = singer.start(
                tmp_path, config, catalog=singer.selecting(stream), options=["--test"]
            )
            assert testing.wait(timeout=60) == exit_code
            assert len(sandbox.requests) < 10
        said = (tmp_path / "out").read_text("utf-8")
        assert ("recording:recording:view" in said) == bool(paths), said


def test_a_url_that_leads_nowhere_is_asked_for_once_more_and_then_an_error(
    tmp_path: Path,
) -> None:
    """A signed URL leads to its file for some minutes only."""
    options = SandboxOptions(
        conversations_per_day=15, requests_per_minute=0, results_lifetime=0
    )
    with Sandbox(options) as sandbox:
        name, one = "speech_transcript_phrases", {"max_connections": 1}
        run = read(sandbox, tmp_path, name, exit_code=1, **one)
        asked = [each.path for each in sandbox.requests if "transcripturl" in each.path]
    assert "speech_transcripts, interval" in run.log
    assert "the download was answered 403" in run.log
    assert len(asked) == 2
    assert len(set(asked)) == 1
    assert not run.messages.bookmarks


def test_a_transcript_without_a_file_leaves_the_others_as_they_are(
    genesys: ScriptedGenesys, tmp_path: Path
) -> None:
    """It was deleted since it was found, as by a retention policy."""
    found = [
        {
            "conversationId": conversation,
            "communicationId": "s",
            "startTime": f"{START:%Y-%m-%d}T10:00:00.000Z",
        }
        for conversation in ("gone", "kept")
    ]
    said = {"phrases": [{"startTimeMs": 0, "text": "hello"}], "transcriptId": "t"}
    genesys.replies(
        Reply({"results": found, "total": 2, "pageCount": 1}),
        Reply({"message": "none", "code": "not.found", "status": 404}, status=404),
        Reply({"url": f"{genesys.url}/file"}),
        Reply({"transcripts": [said]}),
        Reply({"results": [], "total": 0, "pageCount": 0}),
    )
    config = genesys.settings(**SPAN, max_connections=1)
    run = singer.run(tmp_path, config, catalog=singer.selecting(*NAMES[:2]))
    assert run.exit_code == 0, run.errors
    records = run.messages.records
    assert [row["conversation_id"] for row in records["speech_transcripts"]] == [
        *("gone", "kept")
    ]
    (phrase,) = records["speech_transcript_phrases"]
    assert phrase["conversation_id"] == "kept"
    assert phrase["start_time"] == "1970-01-01T00:00:00.000Z"
    assert "gone" not in run.log
    assert "has no file any more" in run.log
    # Who may read a file is in its URL: no token goes there.
    (file,) = [each for each in genesys.requests if each.path == "/file"]
    assert "Authorization" not in file.headers


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ({}, {}),
        ({"transcripts": None}, {}),
        ({"transcripts": [{"phrases": None, "analytics": None}]}, {}),
        (
            {
                "transcripts": [
                    {
                        "transcriptId": "t",
                        "language": "en-us",
                        "phrases": [
                            {"startTimeMs": 1618594874451, "duration": {"seconds": 1}}
                        ],
                        "analytics": {"acoustic": [{"durationMs": 5, "brandNew": 1}]},
                    }
                ]
            },
            {
                "phrases": [
                    {
                        "transcriptId": "t",
                        "language": "en-us",
                        "startTime": "2021-04-16T17:41:14.451Z",
                        "duration": {"seconds": 1},
                    }
                ],
                "acoustics": [
                    {
                        "transcriptId": "t",
                        "language": "en-us",
                        "durationMs": 5,
                        "brandNew": 1,
                    }
                ],
            },
        ),
    ],
)
def test_a_file_becomes_lists_of_what_is_in_it(
    file: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Empty members become empty lists; unknown members stay as they are."""
    document = with_file({}, file)
    lists = {table.path for table in TABLES if table.parent}
    assert {name: document[name] for name in lists if document[name]} == expected


#: A file as users have published one, with values of our own.
FILE: dict[str, Any] = {
    "organizationId": "o",
    "conversationId": "c",
    "communicationId": "m",
    "mediaType": "call",
    "conversationStartTime": 1618594870000,
    "startTime": 1618594874451,
    "duration": {"milliseconds": 9000},
    "uri": "a/b",
    "participants": [
        {
            "participantPurpose": "acd",
            "queueId": "q",
            "flowId": "f",
            "divisionId": "d",
            "initialDirection": "inbound",
            "ani": "tel:+1",
            "dnis": "tel:+2",
            "startTimeMs": 1618594874451,
            "endTimeMs": 1618594875451,
        },
        {"participantPurpose": "agent", "userId": "u", "startTimeMs": 1618594875451},
    ],
    "transcripts": [
        {
            "transcriptId": "t",
            "language": "en-us",
            "programId": "p",
            "phrases": [{"text": "hello", "startTimeMs": 1618594874451}],
            "analytics": {"sentiment": [], "topics": [], "acoustics": []},
        }
    ],
}


def records_of(file: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the records of all tables that a file is in, by table."""
    wanted = {table.name: {each.name for each in table.columns} for table in TABLES}
    builder = DocumentRecords(TABLES, wanted)
    found = {"conversationId": "c", "communicationId": "m"}
    documents = [builder.decode(with_file(found, file))]
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table, some in builder.records(documents, "2026-01-01T00:00:00.000Z"):
        records[table] += map(as_dict, some)
    return records


def test_a_real_file_is_in_the_tables_as_a_whole() -> None:
    """With its participants, its program, its organisation and its place."""
    records = records_of(FILE)
    (transcript,) = records["speech_transcripts"]
    assert transcript["extra"] is None
    assert transcript["organization_id"] == "o"
    assert transcript["uri"] == "a/b"
    assert transcript["conversation_start_time"] == "2021-04-16T17:41:10.000Z"
    assert transcript["start_time"] == "2021-04-16T17:41:14.451Z"
    assert transcript["duration"] == 9000
    assert transcript["transcripts"] == [
        {"transcriptId": "t", "language": "en-us", "programId": "p"}
    ]
    queue, agent = records["speech_transcript_participants"]
    assert (queue["participant_number"], agent["participant_number"]) == (1, 2)
    assert (queue["queue_id"], queue["flow_id"], queue["division_id"]) == (
        "q",
        "f",
        "d",
    )
    assert (queue["ani"], queue["dnis"]) == ("tel:+1", "tel:+2")
    assert queue["initial_direction"] == "inbound"
    assert queue["end_time"] == "2021-04-16T17:41:15.451Z"
    assert (agent["user_id"], agent["participant_purpose"]) == ("u", "agent")
    assert agent["end_time"] is None


def objects_of(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object in a document, with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, member in value.items():
            yield from objects_of(member, f"{path}.{name}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects_of(item, f"{path}[{number}]")


@pytest.mark.parametrize("path", [path for path, _ in objects_of(FILE)])
def test_a_member_that_genesys_adds_to_a_file_is_not_lost(path: str) -> None:
    """Wherever in the file it is added."""
    file = json.loads(json.dumps(FILE))
    dict(objects_of(file))[path]["invented"] = "brand new"
    assert '"invented": "brand new"' in json.dumps(records_of(file))


def test_a_time_outside_of_all_years_stays_as_it_is() -> None:
    """Nothing is made of it, and it is kept."""
    phrase = {"startTimeMs": 10**18, "text": "Hello"}
    file = {"transcripts": [{"phrases": [phrase]}]}
    (found,) = with_file({}, file)["phrases"]
    assert found["startTimeMs"] == 10**18
    assert "startTime" not in found
