"""What speech and text analytics listens for: topics, programs, categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    Directory,
    created,
    link,
    modified,
)

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

_SUBJECTS = (
    "Cancellation", "Competitor", "Complaint", "Delay", "Delivery", "Discount",
    "Fraud", "Invoice", "Politeness", "Réclamation", "Refund", "Upselling", "解約",
)  # fmt: skip
_WHO = ("External", "Internal", "All")
_PROGRAMS = ("Compliance", "Kundenbindung", "Sales opportunities")
_MOMENTS = ("at the beginning", "later on", "at the end")
TOPICS = tuple(f"{subject}: {who.lower()}" for subject in _SUBJECTS for who in _WHO)


def topics(directory: Directory, _now: int) -> list[Document]:
    """What is said, by whom."""
    return [
        {
            "id": topic.id,
            "name": topic.name,
            "description": "",
            "published": True,
            "strictness": "72",
            "matchingType": "Lexical",
            "programsCount": 1,
            "tags": ["reviewed"],
            "dialect": "en-US",
            "participants": _WHO[place % len(_WHO)],
            "phrasesCount": 20 + place,
            "modifiedBy": link(USERS, directory.supervisor.id),
            "dateModified": modified(topic.id),
        }
        for place, topic in enumerate(directory.named("topic", *TOPICS))
    ]


def programs(directory: Directory, _now: int) -> list[Document]:
    """Topics put together for a purpose."""
    return [
        {
            "id": program.id,
            "name": program.name,
            "description": "",
            "published": True,
            "topicsCount": len(TOPICS) // len(_PROGRAMS),
            "tags": [],
            "modifiedBy": link(USERS, directory.supervisor.id),
            "dateModified": modified(program.id),
        }
        for program in directory.named("program", *_PROGRAMS)
    ]


def categories(directory: Directory, _now: int) -> list[Document]:
    """Interactions in which a topic comes up at some moment."""
    names = {f"{topic}, {when}": topic for topic in TOPICS for when in _MOMENTS}
    return [
        {
            "id": category.id,
            "name": category.name,
            "description": "",
            "interactionType": "All",
            "criteria": {
                "type": "Topic",
                "occurrence": 1,
                "inverted": False,
                "topicId": directory.identifier("topic", names[category.name]),
            },
            "createdBy": link(USERS, directory.supervisor.id),
            "dateCreated": created(category.id),
            "modifiedBy": link(USERS, directory.supervisor.id),
            "dateModified": modified(category.id),
        }
        for category in directory.named("category", *names)
    ]
