"""Transcripts of conversations, their files, and what is worked out from them."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversation_details import LONGEST_DURATION
from genesys_cloud_sandbox.world.entities import link
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import sessions
from genesys_cloud_sandbox.world.times import DAY, MINUTE, SECOND, stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

TRANSCRIPTS_SEARCHABLE = 60 * DAY
_DAYS_KEPT = 100
#: Media types of conversations, and what they are called in transcripts.
_MEDIA_TYPES = {"voice": "call", "chat": "chat", "message": "message", "email": "email"}
_TRANSCRIBING = 2 * MINUTE
_LANGUAGES = ("en-us", "de-de", "es-us", "ja-jp")
#: What agents say, and what customers do; no word of it is anybody's.
_TEXTS = {
    "internal": (
        "thank you for calling how can i help you",
        "may i have your order number please",
        "let me have a look at that for you",
        "is there anything else i can do for you",
    ),
    "external": (
        "hi i am calling about my invoice",
        "it is seven three one nine",
        "i have been waiting for two weeks now",
        "no that was all thank you very much",
    ),
}
_TOPICS = ("invoice", "delivery", "order number")
_LONGEST_PHRASE = 9 * SECOND
_MOST_PHRASES = 40
#: How often the one speaks before the other has ended.
_OVERTALK = 0.1


def transcripts(world: World, first: int, last: int, now: int) -> list[Document]:
    """Return the transcripts of sessions that began between two instants."""
    made, begun, ended = stamp(now - _TRANSCRIBING), stamp(first), stamp(last)
    return [
        transcript
        for day in range((first - LONGEST_DURATION) // DAY, min(last, now) // DAY + 1)
        for transcript in _transcripts(world, day)
        if begun <= transcript["startTime"] <= ended and transcript["endTime"] <= made
    ]


def transcripts_of(document: Document, now: int) -> list[Document]:
    """Return the transcripts of a conversation that exist by now."""
    made = stamp(now - _TRANSCRIBING)
    return [each for each in _of_conversation(document) if each["endTime"] <= made]


@lru_cache(maxsize=_DAYS_KEPT)
def _transcripts(world: World, day: int) -> tuple[Document, ...]:
    return tuple(
        transcript
        for document in world.documents(day)
        for transcript in _of_conversation(document)
    )


def _of_conversation(document: Document) -> Iterator[Document]:
    """Yield the transcripts of a conversation, once it has ended."""
    for participant, session in sessions(document):
        if transcript := _transcript(document, participant, session):
            yield transcript


def _transcript(
    document: Document, participant: Document, session: Document
) -> Document | None:
    """Return the transcript of an agent's session; None: nothing was recorded."""
    media = _MEDIA_TYPES.get(session["mediaType"])
    interactions = [x for x in session["segments"] if x["segmentType"] == "interact"]
    recorded = session.get("recording", True)
    if participant["purpose"] != "agent" or not (media and interactions and recorded):
        return None
    rng = Random(f"transcript {session['sessionId']}")
    begun, ended = interactions[0]["segmentStart"], interactions[-1]["segmentEnd"]
    return {
        "transcriptId": uuid(rng),
        "conversationId": document["conversationId"],
        "communicationId": session["sessionId"],
        "conversationStartTime": document["conversationStart"],
        "mediaType": media,
        "startTime": begun,
        "endTime": ended,
        "duration": unstamp(ended) - unstamp(begun),
        "language": rng.choice(_LANGUAGES),
        "divisionId": document["divisionIds"][0],
        "queueIds": sorted({x["queueId"] for x in interactions if "queueId" in x}),
        "userIds": [participant["userId"]],
        "sentimentScore": rng.randint(-100, 100),
        "sentimentTrend": rng.randint(-100, 100),
    }


def transcript_file(organization_id: str, transcript: Document) -> Document:
    """Return the file that the signed URL of a transcript leads to."""
    rng = Random(f"said {transcript['transcriptId']}")
    begun, ended = unstamp(transcript["startTime"]), unstamp(transcript["endTime"])
    phrases = list(_phrases(rng, begun, ended))
    times = {"startTime": begun, "duration": {"milliseconds": ended - begun}}
    return {
        "organizationId": organization_id,
        "conversationId": transcript["conversationId"],
        "communicationId": transcript["communicationId"],
        "mediaType": transcript["mediaType"],
        "conversationStartTime": unstamp(transcript["conversationStartTime"]),
        **times,
        "transcripts": [
            {
                "transcriptId": transcript["transcriptId"],
                "language": transcript["language"],
                "programId": uuid(rng),
                "engineId": "r2d2",
                **times,
                "phrases": phrases,
                "analytics": {
                    "sentiment": list(_sentiments(rng, phrases)),
                    "topics": list(_topics(rng, phrases)),
                    "acoustics": list(_acoustics(phrases)),
                },
            }
        ],
        "participants": [
            {"participantPurpose": "internal", "userId": each}
            for each in transcript["userIds"]
        ],
    }


def conversation_metrics(
    conversation_id: str, transcripts: Sequence[Document]
) -> Document | None:
    """Return the metrics of a conversation's transcripts; None without any."""
    if not transcripts:
        return None
    rng = Random(f"metrics {conversation_id}")
    score = sum(each["sentimentScore"] for each in transcripts) / len(transcripts)
    trend = sum(each["sentimentTrend"] for each in transcripts) / len(transcripts)
    agent, customer, silence = (rng.randint(10, 30) for _ in range(3))
    return {
        "conversation": link("/api/v2/conversations", conversation_id),
        "sentimentScore": score / 100,
        "sentimentTrend": trend / 100,
        "sentimentTrendClass": "Improving" if trend > 0 else "Declining",
        "empathyScores": [
            {"userId": user, "score": float(rng.randint(0, 100))}
            for each in transcripts
            for user in each["userIds"]
        ],
        "participantMetrics": {
            "agentDurationPercentage": float(agent),
            "customerDurationPercentage": float(customer),
            "silenceDurationPercentage": float(silence),
            "ivrDurationPercentage": 0.0,
            "acdDurationPercentage": 0.0,
            "overtalkDurationPercentage": 1.5,
            "otherDurationPercentage": 100 - 1.5 - agent - customer - silence,
            "overtalkCount": rng.randint(0, 5),
        },
    }


def _phrases(rng: Random, begun: int, ended: int) -> Iterator[Document]:
    """Yield phrases of agent and customer in turn."""
    at = begun
    for index in range(_MOST_PHRASES):
        length = rng.randint(SECOND, _LONGEST_PHRASE)
        if at + length > ended:
            return
        purpose = ("internal", "external")[index % 2]
        text = rng.choice(_TEXTS[purpose])
        yield {
            "phraseIndex": index,
            "participantPurpose": purpose,
            "text": text,
            "decoratedText": f"{text[0].upper()}{text[1:]}.",
            "stability": 1.0,
            "confidence": round(rng.uniform(0.6, 1), 4),
            "offset": {"milliseconds": at - begun},
            "startTimeMs": at,
            "duration": {"milliseconds": length},
            "words": list(_words(rng, text, at, length)),
            "alternatives": [],
        }
        at += length // 2 if rng.random() < _OVERTALK else length


def _words(rng: Random, text: str, at: int, length: int) -> Iterator[Document]:
    words = text.split()
    each = length // len(words)
    for index, word in enumerate(words):
        yield {
            "word": word,
            "confidence": round(rng.uniform(0.6, 1), 4),
            "startTimeMs": at + index * each,
            "duration": {"milliseconds": each},
        }


def _sentiments(rng: Random, phrases: Sequence[Document]) -> Iterator[Document]:
    for phrase in phrases:
        if phrase["participantPurpose"] == "external":
            yield {
                "participant": "external",
                "phrase": phrase["text"],
                "phraseIndex": phrase["phraseIndex"],
                "sentiment": rng.choice((-1.0, -0.5, 0.5, 1.0)),
                **_times(phrase),
            }


def _topics(rng: Random, phrases: Sequence[Document]) -> Iterator[Document]:
    for phrase in phrases:
        for name in _TOPICS:
            if name in phrase["text"]:
                yield {
                    "participant": phrase["participantPurpose"],
                    "topicId": uuid(Random(f"topic {name}")),
                    "topicName": name.title(),
                    "topicPhrase": name,
                    "transcriptPhrase": phrase["text"],
                    "confidence": round(rng.uniform(0.6, 1), 4),
                    **_times(phrase),
                }


def _times(phrase: Document) -> Document:
    return {name: phrase[name] for name in ("startTimeMs", "duration")}


def _acoustics(phrases: Sequence[Document]) -> Iterator[Document]:
    """Yield where a phrase begins before the previous one has ended."""
    for before, phrase in pairwise(phrases):
        ended = before["startTimeMs"] + before["duration"]["milliseconds"]
        if phrase["startTimeMs"] < ended:
            yield {
                "eventType": "overtalk",
                "startTimeMs": phrase["startTimeMs"],
                "durationMs": ended - phrase["startTimeMs"],
                "participant": phrase["participantPurpose"],
            }
