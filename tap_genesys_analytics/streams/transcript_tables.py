"""The tables of transcripts, and the documents in a transcript file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tap_genesys_analytics.intervals.timestamps import from_milliseconds
from tap_genesys_analytics.records.shapes import Shape, check_shape
from tap_genesys_analytics.records.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_genesys_analytics.records.raw_documents import Document

#: The child tables of a transcript, by the field that its documents have them in.
_LEVELS = ("phrases", "sentiments", "topics", "acoustics", "participants")

#: The fields that all levels share.
_EVENT_FIELDS = {
    "transcriptId": "string",
    "language": "string",
    "startTime": "date-time",
    "durationMs": "integer",
    "offsetMs": "integer",
    "type": "string",
}

TRANSCRIPTS = Table(
    name="speech_transcripts",
    description="Which communications were transcribed, and where to find them.",
    model={
        "conversationId": "string",
        "communicationId": "string",
        "mediaType": "string",
        "startTime": "date-time",
        "endTime": "date-time",
        "duration": "integer",
        "language": "string",
        "divisionId": "string",
        "transcriptId": "string",
        "conversationStartTime": "date-time",
        "userIds": "[string]",
        "queueIds": "[string]",
        "sentimentScore": "number",
        "sentimentTrend": "number",
        # The next three are in the file, which is read for a child table only.
        "organizationId": "string",
        "uri": "string",
        "transcripts": "[object]",
    },
    key_fields=("conversationId",),
    id_field="communicationId",
    child_fields=_LEVELS,
    inherited=("conversationId",),
    selected_by_default=False,
)


def _table(
    name: str,
    number: str,
    description: str,
    fields: Mapping[str, str],
    optional_json: tuple[str, ...] = (),
) -> Table:
    """Return the table of a level of transcripts."""
    return Table(
        name=f"speech_transcript_{name}",
        description=description,
        model={**_EVENT_FIELDS, **fields},
        parent=TRANSCRIPTS,
        path=name,
        number=number,
        order_by="startTime",
        child_fields=optional_json,
        optional_json=optional_json,
        selected_by_default=False,
    )


TABLES = (
    TRANSCRIPTS,
    _table(
        "phrases",
        "phrase_number",
        "What was said: a row per phrase, with who said it.",
        {
            "phraseIndex": "integer",
            "participantPurpose": "string",
            "text": "string",
            "decoratedText": "string",
            "confidence": "number",
            "stability": "number",
            "words": "[object]",
            "alternatives": "[object]",
        },
        optional_json=("words", "alternatives"),
    ),
    _table(
        "sentiments",
        "sentiment_number",
        "Phrases with a sentiment, from -1 to 1.",
        {
            "phraseIndex": "integer",
            "participant": "string",
            "phrase": "string",
            "sentiment": "number",
        },
    ),
    _table(
        "topics",
        "topic_number",
        "Topics that came up.",
        {
            "participant": "string",
            "topicId": "string",
            "topicName": "string",
            "topicPhrase": "string",
            "transcriptPhrase": "string",
            "confidence": "number",
        },
    ),
    _table(
        "acoustics",
        "acoustic_number",
        "Silence, overtalk and the like.",
        {"participant": "string", "eventType": "string"},
    ),
    Table(
        name="speech_transcript_participants",
        description="Who took part in a transcribed communication, and when.",
        # The names of members other than userId and participantPurpose are guesses by
        # analogy: no definition of the file is public.
        model={
            "participantPurpose": "string",
            "userId": "string",
            "queueId": "string",
            "flowId": "string",
            "flowVersion": "string",
            "divisionId": "string",
            "initialDirection": "string",
            "ani": "string",
            "dnis": "string",
            "startTime": "date-time",
            "endTime": "date-time",
        },
        parent=TRANSCRIPTS,
        path="participants",
        number="participant_number",
        order_by="startTime",
        selected_by_default=False,
    ),
)

SPEECH_ANALYTICS = Table(
    name="speech_analytics",
    description="Sentiment, empathy and shares of speech of a conversation.",
    model="ConversationMetrics",
    extra_fields={"conversationId": "string"},
    id_field="conversationId",
    flattened={"participantMetrics": "ParticipantMetrics"},
    child_fields=("conversation", "participantMetrics"),
    selected_by_default=False,
)


class _Analytics(Shape):
    sentiment: list[dict[str, Any]] | None = None
    topics: list[dict[str, Any]] | None = None
    acoustics: list[dict[str, Any]] | None = None
    acoustic: list[dict[str, Any]] | None = None


class _Transcript(Shape):
    phrases: list[dict[str, Any]] | None = None
    analytics: _Analytics | None = None


class _File(Shape):
    transcripts: list[_Transcript] | None = None
    participants: list[dict[str, Any]] | None = None


def with_file(transcript: Document, file: Document) -> Document:
    """Return a transcript with the items in its file, by level.

    A communication has a transcript per language. Times in the file are milliseconds
    since 1970, UTC. Members without a column stay, so that ``extra`` keeps them.
    Source: the schema on the page of the transcript URL, and files
    that users have published.
    """
    check_shape(file, _File, "The file of a transcript")
    items: Document = {name: [] for name in _LEVELS}
    transcripts = []
    for entry in file.get("transcripts") or ():
        remaining = dict(entry)
        analytics = dict(remaining.pop("analytics", None) or {})
        # Files use either name.
        acoustics = analytics.pop("acoustics", None) or analytics.pop("acoustic", None)
        events = {
            "phrases": remaining.pop("phrases", None),
            "sentiments": analytics.pop("sentiment", None),
            "topics": analytics.pop("topics", None),
            "acoustics": acoustics,
        }
        shared = {name: remaining.get(name) for name in ("transcriptId", "language")}
        for name, level_events in events.items():
            items[name] += [
                {**shared, **_with_times(event)} for event in level_events or ()
            ]
        transcripts.append(
            {**remaining, **({"analytics": analytics} if analytics else {})}
        )
    items["participants"] = [
        _with_times(entry) for entry in file.get("participants") or ()
    ]
    members = _with_times({**file, "transcripts": transcripts})
    if "durationMs" in members:
        members["duration"] = members.pop("durationMs")
    return {**members, **transcript, **items}


def _with_times(event: Document) -> Document:
    """Return an item with its times as timestamps and its lengths as milliseconds."""
    event = dict(event)
    for name in ("startTime", "endTime", "conversationStartTime"):
        given = f"{name}Ms" if f"{name}Ms" in event else name
        if isinstance(event.get(given), int):
            # A moment outside of all years stays as it is: ``extra`` keeps it.
            with suppress(OverflowError):
                event[name] = from_milliseconds(event[given])
                if given != name:
                    del event[given]
    for name in ("duration", "offset"):
        length = event.get(name)
        if isinstance(length, dict) and length.keys() == {"milliseconds"}:
            event[f"{name}Ms"] = event.pop(name)["milliseconds"]
    return event
