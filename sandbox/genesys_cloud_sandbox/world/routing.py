"""Queues, their members, wrap-up codes, skills, languages, and outbound campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import temporary_weeks
from genesys_cloud_sandbox.world.entities import USERS, link, reference, version
from genesys_cloud_sandbox.world.organization import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_ALERT_SECONDS = {"call": 8, "callback": 30, "chat": 30, "email": 300, "message": 30}
_SKILL_GROUPS = ("Bilingual billing", "Field service", "Weekend cover")
_CONTACT_LISTS = "/api/v2/outbound/contactlists"
_MESSAGING_CAMPAIGNS = ("Delivery news", "Rückruf angeboten")


def queues(directory: Directory, now: int) -> Iterator[Document]:
    """Yield the queues: those that conversations go to, and a temporary one."""
    flow = reference("/api/v2/flows", directory.organization.flows["INQUEUECALL"][0])
    for queue in directory.organization.queues:
        level = {"serviceLevel": {"durationMs": queue.service_target}}
        yield directory.entity(
            "Queue",
            queue,
            queue.division_id,
            **_member_counts(directory.member_count(queue)),
            mediaSettings={
                media: {"alertingTimeoutSeconds": seconds, **level}
                for media, seconds in _ALERT_SECONDS.items()
            },
            queueFlow=flow,
            callingPartyName=queue.name,
            defaultScripts={"CALL": link("/api/v2/scripts", queue.script_id)},
        )
    for week in temporary_weeks(now, over=False):
        yield directory.entity(
            "Queue",
            Named(directory.identifier("promotion", week.number), week.name),
            dateCreated=week.since,
            dateModified=week.since,
            **_member_counts(1),
        )


def _member_counts(members: int) -> dict[str, int]:
    names = ("memberCount", "userMemberCount", "joinedMemberCount")
    return dict.fromkeys(names, members)


def members(directory: Directory, now: int, queue_id: str) -> Iterator[Document]:
    """Yield the members of a queue, by name."""
    people: list[Named] = [directory.temporary_users(now)[-1]]
    for queue in directory.organization.queues:
        if queue.id == queue_id:
            people = directory.members(queue)
    for person in people:
        yield directory.entity("QueueMember", person, user=reference(USERS, person))


def wrap_up_codes(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the wrap-up codes; ININ-… codes are not among them."""
    for code in directory.organization.wrap_up_codes:
        yield directory.entity("WrapupCode", code)


def wrap_up_codes_of(directory: Directory, now: int, queue_id: str) -> list[Document]:
    """Return the wrap-up codes of a queue: all but one."""
    codes = [*wrap_up_codes(directory, now)]
    del codes[sum(queue_id.encode()) % len(codes)]
    return codes


def skills(directory: Directory, now: int) -> Iterator[Document]:
    """Yield the skills that queues ask for, and a temporary one."""
    for skill in directory.organization.skills:
        yield directory.entity("RoutingSkill", skill)
    for week in temporary_weeks(now, over=False):
        identifier = directory.identifier("skill", week.number)
        yield directory.entity("RoutingSkill", Named(identifier, week.name))


def skill_groups(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield groups that users belong to by their skills."""
    for group in directory.named("skill group", *_SKILL_GROUPS):
        yield directory.entity("SkillGroupDefinition", group)


def languages(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the languages that users speak."""
    for language in directory.organization.languages:
        yield directory.entity("Language", language)


def campaigns(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the campaigns that dial."""
    for campaign in directory.organization.campaigns:
        yield directory.entity(
            "Campaign",
            campaign,
            campaign.queue.division_id,
            contactList=link(_CONTACT_LISTS, campaign.contact_list_id),
            queue=reference("/api/v2/routing/queues", campaign.queue),
            script=link("/api/v2/scripts", campaign.queue.script_id),
        )


def messaging_campaigns(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the campaigns that write."""
    for campaign in directory.named("messaging campaign", *_MESSAGING_CAMPAIGNS):
        contacts = directory.identifier("contact list", campaign.name)
        yield directory.entity(
            "MessagingCampaign", campaign, contactList=link(_CONTACT_LISTS, contacts)
        )


def contact_lists(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the contact list of each campaign."""
    lists = [
        (Named(campaign.contact_list_id, campaign.name), campaign.queue.division_id)
        for campaign in directory.organization.campaigns
    ]
    lists += [(x, "") for x in directory.named("contact list", *_MESSAGING_CAMPAIGNS)]
    for contacts, division_id in lists:
        yield directory.entity(
            "ContactList",
            Named(contacts.id, f"Contacts of {contacts.name}"),
            division_id,
            size=100 * version(contacts.id),
        )
