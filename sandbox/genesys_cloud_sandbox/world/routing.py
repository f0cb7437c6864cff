"""Queues, their members, wrap-up codes, skills, languages, and outbound campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import temporary_weeks
from genesys_cloud_sandbox.world.entities import USERS, link, reference, version
from genesys_cloud_sandbox.world.organization import SERVICE_NUMBER, Named

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.organization import Queue
    from genesys_cloud_sandbox.world.timeline import Document

_ALERT_SECONDS = {"call": 8, "callback": 30, "chat": 30, "email": 300, "message": 30}
_SKILL_GROUPS = ("Bilingual billing", "Field service", "Weekend cover")
_CONTACT_LISTS = "/api/v2/outbound/contactlists"
_MESSAGING_CAMPAIGNS = ("Delivery news", "Rückruf angeboten")


def queues(directory: Directory, now: int) -> list[Document]:
    """Return the queues: those that conversations go to, and a temporary one."""
    lasting = [_queue(directory, queue) for queue in directory.organization.queues]
    temporary = [
        directory.entity(
            "Queue",
            Named(directory.identifier("promotion", week.number), week.name),
            dateCreated=week.since,
            dateModified=week.since,
            **_member_counts(1),
        )
        for week in temporary_weeks(now, over=False)
    ]
    return lasting + temporary


def _queue(directory: Directory, queue: Queue) -> Document:
    service_level = {"percentage": 0.8, "durationMs": queue.service_target}
    return directory.entity(
        "Queue",
        queue,
        queue.division_id,
        **_member_counts(directory.member_count(queue)),
        mediaSettings={
            media: {"alertingTimeoutSeconds": seconds, "serviceLevel": service_level}
            for media, seconds in _ALERT_SECONDS.items()
        },
        queueFlow=reference(
            "/api/v2/flows", directory.organization.flows["INQUEUECALL"][0]
        ),
        callingPartyName=queue.name,
        callingPartyNumber=SERVICE_NUMBER,
        defaultScripts={"CALL": link("/api/v2/scripts", queue.script_id)},
    )


def _member_counts(members: int) -> dict[str, object]:
    names = ("memberCount", "userMemberCount", "joinedMemberCount")
    return dict.fromkeys(names, members)


def members(directory: Directory, now: int, queue_id: str) -> list[Document]:
    """Return the members of a queue, by name."""
    people: list[Named] = [directory.temporary_users(now)[-1]]
    for queue in directory.organization.queues:
        if queue.id == queue_id:
            people = directory.members(queue)
    return [
        directory.entity("QueueMember", person, user=reference(USERS, person))
        for person in people
    ]


def wrap_up_codes(directory: Directory, _now: int) -> list[Document]:
    """Return the wrap-up codes; ININ-… codes are not among them."""
    codes = directory.organization.wrap_up_codes
    return [directory.entity("WrapupCode", code) for code in codes]


def wrap_up_codes_of(directory: Directory, now: int, queue_id: str) -> list[Document]:
    """Return the wrap-up codes of a queue: all but one."""
    codes = wrap_up_codes(directory, now)
    del codes[sum(queue_id.encode()) % len(codes)]
    return codes


def skills(directory: Directory, now: int) -> list[Document]:
    """Return the skills that queues ask for, and a temporary one."""
    temporary = [
        Named(directory.identifier("skill", week.number), week.name)
        for week in temporary_weeks(now, over=False)
    ]
    every = (*directory.organization.skills, *temporary)
    return [directory.entity("RoutingSkill", skill) for skill in every]


def skill_groups(directory: Directory, _now: int) -> list[Document]:
    """Return groups that users belong to by their skills."""
    groups = directory.named("skill group", *_SKILL_GROUPS)
    return [directory.entity("SkillGroupDefinition", group) for group in groups]


def languages(directory: Directory, _now: int) -> list[Document]:
    """Return the languages that users speak."""
    return [directory.entity("Language", x) for x in directory.organization.languages]


def campaigns(directory: Directory, _now: int) -> list[Document]:
    """Return the campaigns that dial."""
    return [
        directory.entity(
            "Campaign",
            campaign,
            campaign.queue.division_id,
            contactList=link(_CONTACT_LISTS, campaign.contact_list_id),
            queue=reference("/api/v2/routing/queues", campaign.queue),
            script=link("/api/v2/scripts", campaign.queue.script_id),
            callerName=directory.organization.name,
            callerAddress=SERVICE_NUMBER,
        )
        for campaign in directory.organization.campaigns
    ]


def messaging_campaigns(directory: Directory, _now: int) -> list[Document]:
    """Return the campaigns that write."""
    return [
        directory.entity(
            "MessagingCampaign",
            campaign,
            contactList=link(
                _CONTACT_LISTS, directory.identifier("contact list", campaign.name)
            ),
            smsConfig={
                "messageColumn": "text",
                "phoneColumn": "phone",
                "senderSmsPhoneNumber": {
                    "phoneNumber": SERVICE_NUMBER,
                    "selfUri": f"/api/v2/routing/sms/phonenumbers/{SERVICE_NUMBER}",
                },
            },
        )
        for campaign in directory.named("messaging campaign", *_MESSAGING_CAMPAIGNS)
    ]


def contact_lists(directory: Directory, _now: int) -> list[Document]:
    """Return the contact list of each campaign."""
    dialing = [
        (Named(campaign.contact_list_id, campaign.name), campaign.queue.division_id)
        for campaign in directory.organization.campaigns
    ]
    messaging = directory.named("contact list", *_MESSAGING_CAMPAIGNS)
    return [
        directory.entity(
            "ContactList",
            contacts,
            division_id,
            name=f"Contacts of {contacts.name}",
            size=100 * version(contacts.id),
        )
        for contacts, division_id in [*dialing, *((named, "") for named in messaging)]
    ]
