"""Queues and their members, wrap-up codes, skills, skill groups, languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    Directory,
    created,
    link,
    modified,
    reference,
    version,
)
from genesys_cloud_sandbox.world.organization import Named
from genesys_cloud_sandbox.world.people import helpers
from genesys_cloud_sandbox.world.promotions import current

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Queue
    from genesys_cloud_sandbox.world.timeline import Document

_ALERT_SECONDS = {"call": 8, "callback": 30, "chat": 30, "email": 300, "message": 30}
_SKILL_GROUPS = ("Bilingual billing", "Field service", "Weekend cover")


def queues(directory: Directory, now: int) -> list[Document]:
    """All queues: those that conversations go to, and that of a promotion."""
    lasting = [
        _queue(directory, queue, queue.division_id)
        | _counted(directory.member_count(queue))
        | _settings(directory, queue)
        for queue in directory.organization.queues
    ]
    passing = [
        _queue(directory, _promoted(directory, promotion.number, promotion.name))
        | {"dateCreated": promotion.since, "dateModified": promotion.since}
        | _counted(1)
        for promotion in current(now)
    ]
    return lasting + passing


def members(directory: Directory, now: int, queue_id: str) -> list[Document]:
    """Who answers in a queue, by name."""
    for queue in directory.organization.queues:
        if queue.id == queue_id:
            return [_member(person) for person in directory.members(queue)]
    return [_member(helpers(directory, now)[-1])]


def _promoted(directory: Directory, number: int, name: str) -> Named:
    return Named(directory.identifier("promotion", number), name)


def _queue(directory: Directory, queue: Named, division_id: str = "") -> Document:
    return {
        "id": queue.id,
        "name": queue.name,
        "division": directory.division(division_id),
        "description": f"Everything about {queue.name}",
        **directory.dates(queue.id),
        "scoringMethod": "TimestampAndPriority",
        "lastAgentRoutingMode": "Disabled",
        "skillEvaluationMethod": "BEST",
        "acwSettings": {"wrapupPrompt": "MANDATORY_TIMEOUT", "timeoutMs": 300_000},
        "autoAnswerOnly": True,
        "enableTranscription": True,
        "enableAudioMonitoring": False,
        "enableManualAssignment": False,
        "suppressInQueueCallRecording": True,
    }


def _counted(members: int) -> Document:
    return {
        "memberCount": members,
        "userMemberCount": members,
        "joinedMemberCount": members,
    }


def _settings(directory: Directory, queue: Queue) -> Document:
    """What a queue has that is really used."""
    hold = directory.organization.flows["INQUEUECALL"][0]
    return {
        "mediaSettings": {
            media: {
                "enableAutoAnswer": False,
                "alertingTimeoutSeconds": seconds,
                "serviceLevel": {
                    "percentage": 0.8,
                    "durationMs": queue.service_target,
                },
            }
            for media, seconds in _ALERT_SECONDS.items()
        },
        "queueFlow": reference("/api/v2/flows", hold),
        "callingPartyName": queue.name,
        "callingPartyNumber": "+18005550100",
        "defaultScripts": {"CALL": link("/api/v2/scripts", queue.script_id)},
    }


def _member(person: Named) -> Document:
    return {
        "id": person.id,
        "name": person.name,
        "user": reference(USERS, person),
        "ringNumber": 1,
        "joined": True,
        "memberBy": "user",
    }


def wrap_up_codes(directory: Directory, _now: int) -> list[Document]:
    """What agents wrap up with; ININ-… codes are not among them."""
    return [
        {
            "id": code.id,
            "name": code.name,
            "division": directory.division(),
            "description": "",
            **directory.dates(code.id),
        }
        for code in directory.organization.wrap_up_codes
    ]


def wrap_up_codes_of(directory: Directory, now: int, queue_id: str) -> list[Document]:
    """What agents wrap up with in a queue: all codes but one."""
    codes = wrap_up_codes(directory, now)
    del codes[sum(queue_id.encode()) % len(codes)]
    return codes


def skills(directory: Directory, now: int) -> list[Document]:
    """Skills that queues ask for, and that of a promotion."""
    passing = [
        Named(directory.identifier("skill", promotion.number), promotion.name)
        for promotion in current(now)
    ]
    return [
        {
            "id": skill.id,
            "name": skill.name,
            "division": directory.division(),
            "dateModified": modified(skill.id),
            "state": "active",
            "version": str(version(skill.id)),
        }
        for skill in (*directory.organization.skills, *passing)
    ]


def skill_groups(directory: Directory, _now: int) -> list[Document]:
    """Groups that users belong to by their skills."""
    return [
        {
            "id": group.id,
            "name": group.name,
            "division": directory.division(),
            "description": f"Users for {group.name}",
            "memberCount": 5 + len(group.name),
            "dateCreated": created(group.id),
            "dateModified": modified(group.id),
        }
        for group in directory.named("skill group", *_SKILL_GROUPS)
    ]


def languages(directory: Directory, _now: int) -> list[Document]:
    """Languages that users speak."""
    return [
        {
            "id": language.id,
            "name": language.name,
            "dateModified": modified(language.id),
            "state": "active",
            "version": str(version(language.id)),
        }
        for language in directory.organization.languages
    ]
