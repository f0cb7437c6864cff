"""Evaluation and survey forms; topics, programs and categories of speech analytics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, link
from genesys_cloud_sandbox.world.organization import Named

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.organization import Form
    from genesys_cloud_sandbox.world.timeline import Document

_QUESTIONS = {
    "Greeting": ("Was the customer greeted by name?",),
    "Solution": ("Was the problem solved?", "War die Lösung verständlich?"),
}
_ANSWERS = {"Yes": 10, "Partly": 5, "No": 0}
_SUBJECTS = (
    "Cancellation", "Competitor", "Complaint", "Delay", "Delivery", "Discount",
    "Fraud", "Invoice", "Politeness", "Réclamation", "Refund", "Upselling", "解約",
)  # fmt: skip
_PARTICIPANTS = ("External", "Internal", "All")
_PROGRAMS = ("Compliance", "Kundenbindung", "Sales opportunities")
_MOMENTS = ("at the beginning", "later on", "at the end")
_TOPICS = {f"{x}: {who.lower()}": who for x in _SUBJECTS for who in _PARTICIPANTS}


def evaluation_forms(directory: Directory, _now: int) -> list[Document]:
    """Return the forms that supervisors fill in."""
    return [
        directory.entity(
            "EvaluationFormResponse",
            form,
            contextId=form.context_id,
            questionGroups=_question_groups(directory, form, "Evaluation"),
        )
        for form in directory.organization.evaluation_forms
    ]


def survey_forms(directory: Directory, _now: int) -> list[Document]:
    """Return the forms that customers fill in."""
    return [
        directory.entity(
            "SurveyForm",
            form,
            contextId=form.context_id,
            questionGroups=_question_groups(directory, form, "Survey"),
        )
        for form in directory.organization.survey_forms
    ]


def _question_groups(directory: Directory, form: Form, kind: str) -> list[Document]:
    def part(model: str, *names: str, **given: object) -> Document:
        context_id = directory.identifier(form.context_id, *names)
        named = Named(directory.identifier(form.id, *names), names[-1])
        return directory.entity(model, named, contextId=context_id, **given)

    return [
        part(
            f"{kind}QuestionGroup",
            group,
            type="questionGroup",
            questions=[
                part(
                    f"{kind}Question",
                    group,
                    text,
                    text=text,
                    type="multipleChoiceQuestion",
                    answerOptions=[
                        part("AnswerOption", group, text, answer, text=answer, value=x)
                        for answer, x in _ANSWERS.items()
                    ],
                )
                for text in texts
            ],
        )
        for group, texts in _QUESTIONS.items()
    ]


def topics(directory: Directory, _now: int) -> list[Document]:
    """Return what is said, by whom."""
    return [
        directory.entity(
            "ListedTopic",
            topic,
            programsCount=1,
            participants=_TOPICS[topic.name],
            phrasesCount=20 + place,
        )
        for place, topic in enumerate(directory.named("topic", *_TOPICS))
    ]


def programs(directory: Directory, _now: int) -> list[Document]:
    """Return topics put together for a purpose."""
    return [
        directory.entity(
            "ListedProgram",
            program,
            topicsCount=len(_TOPICS) // len(_PROGRAMS),
            tags=[],
        )
        for program in directory.named("program", *_PROGRAMS)
    ]


def categories(directory: Directory, _now: int) -> list[Document]:
    """Return the categories: a topic comes up at some moment of an interaction."""
    topics = {f"{topic}, {moment}": topic for topic in _TOPICS for moment in _MOMENTS}
    return [
        directory.entity(
            "StaCategory",
            category,
            criteria={
                "type": "Topic",
                "occurrence": 1,
                "inverted": False,
                "topicId": directory.identifier("topic", topics[category.name]),
            },
            createdBy=link(USERS, directory.supervisor.id),
        )
        for category in directory.named("category", *topics)
    ]
