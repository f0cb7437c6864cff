"""What happens after a conversation: evaluations, surveys, resolutions, corrections."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

from genesys_cloud_sandbox.world.identity import uuid
from genesys_cloud_sandbox.world.timeline import Document, metric
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.draft import Draft

_EVALUATED, _SURVEYED, _RESOLVED, _CORRECTED = 0.04, 0.08, 0.05, 0.01
PIPELINE_DELAY = 3 * DAY
"""Milliseconds from a conversation's start to its correction by the nightly run."""


class Correction(NamedTuple):
    """The nightly pipeline's second thoughts about a conversation."""

    at: str
    before: Document
    """The document as it was until then."""


def add_aftermath(draft: Draft) -> None:
    """Add what appears hours to weeks later to conversations that an agent answered."""
    if not draft.answered:
        return
    if draft.chance(_EVALUATED):
        draft.document["evaluations"] = [_evaluation(draft)]
        if draft.chance(0.1):
            draft.document["evaluations"].append(_evaluation(draft))
    if draft.chance(_SURVEYED):
        draft.document["surveys"] = [_survey(draft)]
    if draft.chance(_RESOLVED):
        draft.document["resolutions"] = [_resolution(draft)]


def correct(draft: Draft) -> Correction | None:
    """Change about one settled conversation in a hundred, days after its start."""
    if not draft.chance(_CORRECTED):
        return None
    at = draft.reach(draft.start + PIPELINE_DELAY)
    before = deepcopy(draft.document)
    session = draft.participants[-1]["sessions"][-1]
    for segment in session["segments"]:
        if "wrapUpCode" in segment:
            code = draft.rng.choice(draft.organization.wrap_up_codes)
            segment["wrapUpCode"] = code.id
    session.setdefault("metrics", []).append(metric("nStateTransitionError", 1, at))
    return Correction(stamp(at), before)


def _later(draft: Draft, least: int, mean: int) -> int:
    return draft.reach(draft.at + least + draft.around(mean))


def _evaluation(draft: Draft) -> Document:
    rng = draft.rng
    agent, queue = rng.choice(draft.answered)
    form = rng.choice(draft.organization.evaluation_forms)
    evaluator = rng.choice(draft.organization.agents)
    score = rng.randint(40, 100)
    evaluation: Document = {
        "evaluationId": uuid(rng),
        "evaluationStatus": "Finished",
        "eventTime": stamp(_later(draft, HOUR, 4 * DAY)),
        "evaluatorId": evaluator.id,
        "userId": agent.id,
        "queueId": queue.id,
        "formId": form.id,
        "formName": form.name,
        "contextId": form.context_id,
        "released": True,
        "rescored": draft.chance(0.1),
        "deleted": draft.chance(0.02),
        "oTotalScore": score,
        "oTotalCriticalScore": min(100, score + rng.randint(0, 10)),
    }
    if draft.chance(0.2):
        evaluation |= {
            "assigneeId": evaluator.id,
            "assigneeApplicable": True,
            "calibrationId": uuid(rng),
            "systemSubmitted": False,
        }
    return evaluation


def _survey(draft: Draft) -> Document:
    rng = draft.rng
    agent, queue = rng.choice(draft.answered)
    form = rng.choice(draft.organization.survey_forms)
    sent = _later(draft, MINUTE, HOUR)
    survey: Document = {
        "surveyId": uuid(rng),
        "surveyStatus": "Sent",
        "surveyType": "Voice" if draft.media == "voice" else "Web",
        "eventTime": stamp(sent),
        "userId": agent.id,
        "queueId": queue.id,
        "surveyFormId": form.id,
        "surveyFormName": form.name,
        "surveyFormContextId": form.context_id,
    }
    if draft.chance(0.6):
        done = draft.reach(sent + draft.around(2 * DAY))
        survey |= {
            "surveyStatus": "Finished",
            "surveyCompletedDate": stamp(done),
            "surveyPartialResponse": draft.chance(0.1),
            "surveyPromoterScore": rng.randint(0, 10),
            "oSurveyTotalScore": rng.randint(20, 100),
        }
    return survey


def _resolution(draft: Draft) -> Document:
    agent, queue = draft.rng.choice(draft.answered)
    return {
        "eventTime": stamp(_later(draft, DAY, 2 * DAY)),
        "userId": agent.id,
        "queueId": queue.id,
        "nNextContactAvoided": draft.rng.randint(0, 1),
    }
