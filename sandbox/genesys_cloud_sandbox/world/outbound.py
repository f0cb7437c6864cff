"""Campaigns that dial or write, and the lists of contacts that they go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    Directory,
    created,
    link,
    modified,
    reference,
    version,
)
from genesys_cloud_sandbox.world.organization import Named

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.timeline import Document

_CONTACT_LISTS = "/api/v2/outbound/contactlists"
_MESSAGING = ("Delivery news", "Rückruf angeboten")


def campaigns(directory: Directory, _now: int) -> list[Document]:
    """Dialling campaigns."""
    return [
        {
            "id": campaign.id,
            "name": campaign.name,
            **_saved(campaign.id),
            "contactList": link(_CONTACT_LISTS, campaign.contact_list_id),
            "queue": reference("/api/v2/routing/queues", campaign.queue),
            "dialingMode": "predictive",
            "script": link("/api/v2/scripts", campaign.queue.script_id),
            "campaignStatus": "on",
            "phoneColumns": [{"columnName": "phone", "type": "MOBILE"}],
            "abandonRate": 3.0,
            "dncLists": [],
            "callerName": directory.organization.name,
            "callerAddress": "+18005550100",
            "outboundLineCount": 10,
            "ruleSets": [],
            "skipPreviewDisabled": False,
            "previewTimeOutSeconds": 0,
            "alwaysRunning": True,
            "noAnswerTimeout": 30,
            "callAnalysisLanguage": "en-us",
            "priority": 5,
            "contactListFilters": [],
            "division": directory.division(campaign.queue.division_id),
        }
        for campaign in directory.organization.campaigns
    ]


def messaging_campaigns(directory: Directory, _now: int) -> list[Document]:
    """Campaigns that write."""
    return [
        {
            "id": campaign.id,
            "name": campaign.name,
            **_saved(campaign.id),
            "division": directory.division(),
            "campaignStatus": "off",
            "contactList": link(
                _CONTACT_LISTS, directory.identifier("contact list", campaign.name)
            ),
            "dncLists": [],
            "alwaysRunning": False,
            "messagesPerMinute": 60,
            "contactListFilters": [],
            "smsConfig": {
                "messageColumn": "text",
                "phoneColumn": "phone",
                "senderSmsPhoneNumber": {
                    "phoneNumber": "+18005550100",
                    "selfUri": "/api/v2/routing/sms/phonenumbers/+18005550100",
                },
            },
        }
        for campaign in directory.named("messaging campaign", *_MESSAGING)
    ]


def contact_lists(directory: Directory, _now: int) -> list[Document]:
    """The list of each campaign."""
    calling = [
        (Named(campaign.contact_list_id, campaign.name), campaign.queue.division_id)
        for campaign in directory.organization.campaigns
    ]
    writing = [(named, "") for named in directory.named("contact list", *_MESSAGING)]
    return [
        {
            "id": contacts.id,
            "name": f"Contacts of {contacts.name}",
            **_saved(contacts.id),
            "division": directory.division(division_id),
            "columnNames": ["name", "phone", "text"],
            "phoneColumns": [{"columnName": "phone", "type": "MOBILE"}],
            "size": 100 * version(contacts.id),
            "automaticTimeZoneMapping": False,
            "trimWhitespace": True,
            "retentionType": "Never",
        }
        for contacts, division_id in (*calling, *writing)
    ]


def _saved(identifier: str) -> Document:
    return {
        "dateCreated": created(identifier),
        "dateModified": modified(identifier),
        "version": version(identifier),
    }
