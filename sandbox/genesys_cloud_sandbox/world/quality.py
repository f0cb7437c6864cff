"""Evaluation and survey forms; topics, programs and categories of speech analytics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.organization import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def evaluation_forms(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the forms that supervisors fill in."""
    for form in directory.organization.evaluation_forms:
        yield _form(directory, form, "Evaluation", "EvaluationFormResponse")


def survey_forms(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the forms that customers fill in."""
    for form in directory.organization.survey_forms:
        yield _form(directory, form, "Survey", "SurveyForm")


def _form(directory: Directory, form: Form, kind: str, model: str) -> Document:
    def part(model: str, *names: str, **given: object) -> Document:
        context_id = directory.identifier(form.context_id, *names)
        named = Named(directory.identifier(form.id, *names), names[-1])
        return directory.entity(model, named, contextId=context_id, **given)

    def question(group: str, text: str) -> Document:
        answers = [
            part("AnswerOption", group, text, answer, text=answer, value=value)
            for answer, value in _ANSWERS.items()
        ]
        model = f"{kind}Question"
        return part(model, group, text, text=text, answerOptions=answers)

    groups = [
        part(f"{kind}QuestionGroup", x, questions=[question(x, text) for text in texts])
        for x, texts in _QUESTIONS.items()
    ]
    return directory.entity(
        model, form, contextId=form.context_id, questionGroups=groups
    )


def topics(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the topics of conversations: what is mentioned, by whom."""
    for topic in directory.named("topic", *_TOPICS):
        participants = _TOPICS[topic.name]
        yield directory.entity("ListedTopic", topic, participants=participants)


def programs(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield topics put together for a purpose."""
    for program in directory.named("program", *_PROGRAMS):
        count = len(_TOPICS) // len(_PROGRAMS)
        yield directory.entity("ListedProgram", program, topicsCount=count)


def categories(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the categories: a topic comes up at some moment of an interaction."""
    topics = {f"{topic}, {moment}": topic for topic in _TOPICS for moment in _MOMENTS}
    for category in directory.named("category", *topics):
        topic_id = directory.identifier("topic", topics[category.name])
        criteria = {"type": "Topic", "occurrence": 1, "inverted": False}
        yield directory.entity(
            "StaCategory", category, criteria={**criteria, "topicId": topic_id}
        )
