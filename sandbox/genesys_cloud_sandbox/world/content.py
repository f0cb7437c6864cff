"""What conversations go by: flows, scripts, forms of quality, knowledge bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    Directory,
    created,
    modified,
    reference,
)
from genesys_cloud_sandbox.world.organization import Flow
from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Form
    from genesys_cloud_sandbox.world.timeline import Document

FLOWS = "/api/v2/flows"
_FORMER = "Old menu"
_MILESTONES = ("Identified", "Intent known", "Handed over")
_GROUPS = {
    "Greeting": ("Was the customer greeted by name?",),
    "Solution": ("Was the problem solved?", "War die Lösung verständlich?"),
}
_ANSWERS = (("Yes", 10), ("Partly", 5), ("No", 0))


def flows(directory: Directory, _now: int) -> list[Document]:
    """Architect flows of all types, and one that was deleted."""
    divisions = directory.organization.divisions
    former = Flow(directory.identifier("flow", _FORMER), _FORMER, "INBOUNDCALL", "9.0")
    known = directory.organization.flows.values()
    every = [*(flow for flows in known for flow in flows), former]
    return [
        {
            "id": flow.id,
            "name": flow.name,
            "division": directory.division(divisions[place % len(divisions)].id),
            "description": f"{flow.name} ({flow.flow_type})",
            "type": flow.flow_type,
            "active": flow is not former,
            "system": False,
            "deleted": flow is former,
            "publishedVersion": _version(directory, flow),
            "savedVersion": _version(directory, flow),
            "checkedInVersion": _version(directory, flow),
            "publishedBy": reference(USERS, directory.supervisor),
            "supportedLanguages": [{"language": "en-us", "isDefault": True}],
            "virtualAgentEnabled": False,
        }
        for place, flow in enumerate(every)
    ]


def _version(directory: Directory, flow: Flow) -> Document:
    return {
        "id": flow.version,
        "name": flow.version,
        "commitVersion": flow.version.partition(".")[0],
        "configurationVersion": flow.version,
        "type": "PUBLISH",
        "secure": False,
        "debug": False,
        "createdBy": reference(USERS, directory.supervisor),
        "dateCreated": unstamp(modified(flow.id)),
        "selfUri": f"{FLOWS}/{flow.id}/versions/{flow.version}",
    }


def flow_outcomes(directory: Directory, _now: int) -> list[Document]:
    """What flows can achieve."""
    return [
        {
            "id": outcome.id,
            "name": outcome.name,
            "division": directory.division(),
            "description": f"Reached when {outcome.name.lower()}",
        }
        for outcome in directory.organization.flow_outcomes
    ]


def flow_milestones(directory: Directory, _now: int) -> list[Document]:
    """What is on the way there."""
    return [
        {
            "id": milestone.id,
            "name": milestone.name,
            "division": directory.division(),
            "description": f"On the way: {milestone.name.lower()}",
        }
        for milestone in directory.named("milestone", *_MILESTONES)
    ]


def scripts(directory: Directory, _now: int) -> list[Document]:
    """The script of each queue."""
    return [
        {
            "id": queue.script_id,
            "name": f"Script for {queue.name}",
            "division": directory.division(queue.division_id),
            "versionId": directory.identifier("script version", queue.script_id),
            "createdDate": created(queue.script_id),
            "modifiedDate": modified(queue.script_id),
            "publishedDate": modified(queue.script_id),
            "versionDate": modified(queue.script_id),
            "startPageId": directory.identifier("script page", queue.script_id),
            "startPageName": "Start",
        }
        for queue in directory.organization.queues
    ]


def evaluation_forms(directory: Directory, _now: int) -> list[Document]:
    """Forms that supervisors fill in."""
    return [
        {
            **_form(directory, form),
            "questionGroups": [
                {
                    **group,
                    "defaultAnswersToHighest": False,
                    "defaultAnswersToNA": False,
                    "weight": 1.0,
                    "manualWeight": False,
                    "questions": [
                        {
                            **question,
                            "commentsRequired": False,
                            "isKill": False,
                            "isCritical": place == 0,
                        }
                        for place, question in enumerate(group["questions"])
                    ],
                }
                for group in _question_groups(directory, form)
            ],
            "weightMode": "OFF",
            "dialect": "en-US",
        }
        for form in directory.organization.evaluation_forms
    ]


def survey_forms(directory: Directory, _now: int) -> list[Document]:
    """Forms that customers fill in."""
    return [
        {
            **_form(directory, form),
            "disabled": False,
            "language": "en-US",
            "header": "How did we do?",
            "footer": "Thank you!",
            "questionGroups": _question_groups(directory, form),
        }
        for form in directory.organization.survey_forms
    ]


def _form(directory: Directory, form: Form) -> Document:
    return {
        "id": form.id,
        "name": form.name,
        "division": directory.division(),
        "modifiedDate": modified(form.id),
        "published": True,
        "contextId": form.context_id,
    }


def _question_groups(directory: Directory, form: Form) -> list[Document]:
    def ids(*what: str) -> Document:
        return {
            "id": directory.identifier(form.id, *what),
            "contextId": directory.identifier(form.context_id, *what),
        }

    return [
        {
            **ids(group),
            "name": group,
            "type": "questionGroup",
            "naEnabled": False,
            "questions": [
                {
                    **ids(group, text),
                    "text": text,
                    "helpText": "",
                    "type": "multipleChoiceQuestion",
                    "naEnabled": False,
                    "answerOptions": [
                        {**ids(group, text, answer), "text": answer, "value": value}
                        for answer, value in _ANSWERS
                    ],
                }
                for text in texts
            ],
        }
        for group, texts in _GROUPS.items()
    ]


def knowledge_bases(directory: Directory, _now: int) -> list[Document]:
    """Knowledge bases that bots and agents look things up in."""
    named = directory.named("knowledge base", "Internal procedures", "Réclamations")
    return [
        {
            "id": base.id,
            "name": base.name,
            "description": f"All about {base.name.lower()}",
            "coreLanguage": "en-US",
            "dateCreated": created(base.id),
            "dateModified": modified(base.id),
            "dateDocumentLastModified": modified(base.id),
            "faqCount": 0,
            "articleCount": len(base.name),
            "published": True,
            "contentSearchEnabled": True,
        }
        for base in (*directory.organization.knowledge_bases, *named)
    ]
