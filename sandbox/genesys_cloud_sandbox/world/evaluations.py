"""Evaluations, surveys and resolutions, hours to weeks after a conversation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.conversation_details import LONGEST_DURATION
from genesys_cloud_sandbox.world.entities import USERS, link
from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.conversation_builder import Builder
    from genesys_cloud_sandbox.world.conversations import World
    from genesys_cloud_sandbox.world.timeline import Document

_EVALUATED, _SURVEYED, _RESOLVED = 0.04, 0.08, 0.05
_LATEST_EVALUATION = LONGEST_DURATION + 49 * DAY
_DAYS_KEPT = 100
_MEDIA = {"voice": "CALL", "internalmessage": "MESSAGE"}


def add_evaluations(builder: Builder) -> None:
    """Add some to conversations that an agent answered."""
    if not builder.answered:
        return
    if builder.chance(_EVALUATED):
        builder.document["evaluations"] = [_evaluation(builder)]
        if builder.chance(0.1):
            builder.document["evaluations"].append(_evaluation(builder))
    if builder.chance(_SURVEYED):
        builder.document["surveys"] = [_survey(builder)]
    if builder.chance(_RESOLVED):
        builder.document["resolutions"] = [_resolution(builder)]


def _later(builder: Builder, least: int, mean: int) -> int:
    return builder.happens_at(builder.at + least + builder.duration(mean))


def _evaluation(builder: Builder) -> Document:
    rng = builder.rng
    agent, queue = rng.choice(builder.answered)
    form = rng.choice(builder.organization.evaluation_forms)
    evaluator = rng.choice(builder.organization.agents)
    score = rng.randint(40, 100)
    evaluation: Document = {
        "evaluationId": uuid(rng),
        "evaluationStatus": "Finished",
        "eventTime": stamp(_later(builder, HOUR, 4 * DAY)),
        "evaluatorId": evaluator.id,
        "userId": agent.id,
        "queueId": queue.id,
        "formId": form.id,
        "formName": form.name,
        "contextId": form.context_id,
        "released": True,
        "rescored": builder.chance(0.1),
        "deleted": builder.chance(0.02),
        "oTotalScore": score,
        "oTotalCriticalScore": min(100, score + rng.randint(0, 10)),
    }
    if builder.chance(0.2):
        evaluation |= {
            "assigneeId": evaluator.id,
            "assigneeApplicable": True,
            "calibrationId": uuid(rng),
            "systemSubmitted": False,
        }
    return evaluation


def _survey(builder: Builder) -> Document:
    rng = builder.rng
    agent, queue = rng.choice(builder.answered)
    form = rng.choice(builder.organization.survey_forms)
    sent = _later(builder, MINUTE, HOUR)
    survey: Document = {
        "surveyId": uuid(rng),
        "surveyStatus": "Sent",
        "surveyType": "Voice" if builder.media == "voice" else "Web",
        "eventTime": stamp(sent),
        "userId": agent.id,
        "queueId": queue.id,
        "surveyFormId": form.id,
        "surveyFormName": form.name,
        "surveyFormContextId": form.context_id,
    }
    if builder.chance(0.6):
        done = builder.happens_at(sent + builder.duration(2 * DAY))
        survey |= {
            "surveyStatus": "Finished",
            "surveyCompletedDate": stamp(done),
            "surveyPartialResponse": builder.chance(0.1),
            "surveyPromoterScore": rng.randint(0, 10),
            "oSurveyTotalScore": rng.randint(20, 100),
        }
    return survey


def _resolution(builder: Builder) -> Document:
    agent, queue = builder.rng.choice(builder.answered)
    return {
        "eventTime": stamp(_later(builder, DAY, 2 * DAY)),
        "userId": agent.id,
        "queueId": queue.id,
        "nNextContactAvoided": builder.rng.randint(0, 1),
    }


def evaluations(world: World, first: int, last: int, now: int) -> list[Document]:
    """Return the evaluations finished between two instants, and before now."""
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
        _record(document, evaluation)
        for document in world.documents(day)
        for evaluation in document.get("evaluations", ())
        if not evaluation["deleted"]
    )


def _record(document: Document, evaluation: Document) -> Document:
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
