"""What conversations leave behind: transcripts of what was said, and evaluations."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversations import LONGEST_LIFE
from genesys_cloud_sandbox.world.entities import USERS, link
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.times import DAY, MINUTE, stamp, unstamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.days import World
    from genesys_cloud_sandbox.world.timeline import Document

TRANSCRIPTS_SEARCHABLE = 60 * DAY
_LATEST_EVALUATION = LONGEST_LIFE + 49 * DAY
_DAYS_KEPT = 100
_TRANSCRIBED = {"voice": "call", "chat": "chat", "message": "message", "email": "email"}
"""Media types of conversations, and what they are called in transcripts."""
_TRANSCRIBING = 2 * MINUTE
_LANGUAGES = ("en-us", "de-de", "es-us", "ja-jp")
_MEDIA = {"voice": "CALL", "internalmessage": "MESSAGE"}


def transcripts(world: World, first: int, last: int, now: int) -> list[Document]:
    """The transcripts of sessions that began between two instants, as far as made."""
    made, begun, ended = stamp(now - _TRANSCRIBING), stamp(first), stamp(last)
    return [
        transcript
        for day in range((first - LONGEST_LIFE) // DAY, min(last, now) // DAY + 1)
        for transcript in _transcripts(world, day)
        if begun <= transcript["startTime"] <= ended and transcript["endTime"] <= made
    ]


def transcripts_of(document: Document, now: int) -> list[Document]:
    """The transcripts of a conversation, as far as made."""
    made = stamp(now - _TRANSCRIBING)
    return [each for each in _all_of(document) if each["endTime"] <= made]


@lru_cache(maxsize=_DAYS_KEPT)
def _transcripts(world: World, day: int) -> tuple[Document, ...]:
    return tuple(
        transcript
        for document in _documents(world, day)
        for transcript in _all_of(document)
    )


def _all_of(document: Document) -> Iterator[Document]:
    """The transcripts of a conversation, once it has ended."""
    for participant in document["participants"]:
        if participant["purpose"] == "agent":
            for session in participant["sessions"]:
                if transcript := _transcript(document, participant, session):
                    yield transcript


def _transcript(
    document: Document, participant: Document, session: Document
) -> Document | None:
    """The transcript of an agent's session, if it was recorded and anything said."""
    media = _TRANSCRIBED.get(session["mediaType"])
    said = [x for x in session["segments"] if x["segmentType"] == "interact"]
    if media is None or not said or session.get("recording") is False:
        return None
    rng = Random(f"transcript {session['sessionId']}")
    begun, ended = said[0]["segmentStart"], said[-1]["segmentEnd"]
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
        "queueIds": sorted({x["queueId"] for x in said if "queueId" in x}),
        "userIds": [participant["userId"]],
        "sentimentScore": rng.randint(-100, 100),
        "sentimentTrend": rng.randint(-100, 100),
    }


def evaluations(world: World, first: int, last: int, now: int) -> list[Document]:
    """The evaluations that were finished between two instants, and before now."""
    begun, ended = stamp(first), stamp(min(last, now))
    return [
        evaluation
        for day in range((first - _LATEST_EVALUATION) // DAY, min(last, now) // DAY + 1)
        for evaluation in _evaluations(world, day)
        if begun <= evaluation["submittedDate"] <= ended
    ]


@lru_cache(maxsize=_DAYS_KEPT)
def _evaluations(world: World, day: int) -> tuple[Document, ...]:
    return tuple(
        _evaluation(document, evaluation)
        for document in _documents(world, day)
        for evaluation in document.get("evaluations", ())
        if not evaluation["deleted"]
    )


def _evaluation(document: Document, evaluation: Document) -> Document:
    identifier, at = evaluation["evaluationId"], evaluation["eventTime"]
    conversation, form = document["conversationId"], evaluation["formId"]
    media = document["participants"][-1]["sessions"][0]["mediaType"]
    assigned: Document = {}
    if "assigneeId" in evaluation:
        calibration = evaluation["calibrationId"]
        assigned = {
            "assignee": link(USERS, evaluation["assigneeId"]),
            "calibration": link("/api/v2/quality/calibrations", calibration),
        }
    return {
        "id": identifier,
        "conversation": link("/api/v2/conversations", conversation),
        "evaluationForm": {
            "contextId": evaluation["contextId"],
            "published": True,
            "latestVersionFormName": evaluation["formName"],
            **link("/api/v2/quality/forms/evaluations", form),
        },
        "evaluator": link(USERS, evaluation["evaluatorId"]),
        "agent": link(USERS, evaluation["userId"]),
        **assigned,
        "assigneeApplicable": "assignee" in assigned,
        "status": "FINISHED",
        "answers": {
            "totalScore": float(evaluation["oTotalScore"]),
            "totalCriticalScore": float(evaluation["oTotalCriticalScore"]),
            "anyFailedKillQuestions": False,
        },
        "agentHasRead": False,
        "createdDate": document["conversationEnd"],
        "assignedDate": document["conversationEnd"],
        "changedDate": at,
        "submittedDate": at,
        "releaseDate": at,
        "queue": link("/api/v2/routing/queues", evaluation["queueId"]),
        "mediaType": [_MEDIA.get(media, media.upper())],
        "divisionIds": document["divisionIds"],
        "rescore": evaluation["rescored"],
        "conversationDate": document["conversationStart"],
        "conversationEndDate": document["conversationEnd"],
        "neverRelease": False,
        "redacted": False,
        "disputeCount": 0,
        "declinedReview": False,
        "selfUri": f"/api/v2/quality/conversations/{conversation}/evaluations"
        f"/{identifier}",
    }


def _documents(world: World, number: int) -> Iterator[Document]:
    """A day's conversations as they will be in the end."""
    day = world.day(number)
    return (world.life(number, index).document for index in day.indexes)
