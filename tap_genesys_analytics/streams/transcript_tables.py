"""The tables of transcripts, and the documents in a transcript file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_genesys_analytics.intervals.timestamps import from_milliseconds
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


def with_file(transcript: Document, file: Document) -> Document:
    """Return a transcript with the contents of its file, in the fields of its tables.

    A communication has a transcript per language. In the file, times are milliseconds
    since 1970, in UTC. Members that no table has stay where they are, so that they are
    kept in ``extra``. Source: the schema on the page of the transcript URL, and files
    that users have published.
    """
    parts: Document = {name: [] for name in _LEVELS}
    transcripts = []
    for each in file.get("transcripts") or ():
        rest = dict(each)
        analytics = dict(rest.pop("analytics", None) or {})
        # Both names occur.
        acoustics = analytics.pop("acoustics", None) or analytics.pop("acoustic", None)
        events = {
            "phrases": rest.pop("phrases", None),
            "sentiments": analytics.pop("sentiment", None),
            "topics": analytics.pop("topics", None),
            "acoustics": acoustics,
        }
        shared = {name: rest.get(name) for name in ("transcriptId", "language")}
        for name, found in events.items():
            parts[name] += [{**shared, **_with_times(event)} for event in found or ()]
        transcripts.append({**rest, **({"analytics": analytics} if analytics else {})})
    parts["participants"] = [
        _with_times(each) for each in file.get("participants") or ()
    ]
    own = _with_times({**file, "transcripts": transcripts})
    if "durationMs" in own:
        own["duration"] = own.pop("durationMs")
    return {**own, **transcript, **parts}


def _with_times(event: Document) -> Document:
    """Return an item with its times as timestamps and its lengths as milliseconds."""
    event = dict(event)
    for name in ("startTime", "endTime", "conversationStartTime"):
        milliseconds = event.pop(f"{name}Ms", event.get(name))
        if isinstance(milliseconds, int):
            event[name] = from_milliseconds(milliseconds)
    for name in ("duration", "offset"):
        length = event.get(name)
        if isinstance(length, dict) and length.keys() == {"milliseconds"}:
            event[f"{name}Ms"] = event.pop(name)["milliseconds"]
    return event
