"""The reference lists know what conversations refer to, and what comes and goes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from genesys_cloud_sandbox.api.reference_lists import LISTS
from tests.conftest import NOON, Client
from tests.listing import EVERYTHING, ROOT, ids

if TYPE_CHECKING:
    from tests.clocks import Clock

LATER = NOON + timedelta(days=2)
REFERENCES = {
    "users": (
        "userId", "evaluatorId", "assigneeId", "assignerId", "selectedAgentId",
        "scoredAgentId", "proposedAgentId", "requestedRoutingUserIds",
        "screenMonitoredUserId",
    ),
    "routing/queues": ("queueId",),
    "routing/wrapupcodes": ("wrapUpCode",),
    "routing/skills": (
        "requestedRoutingSkillIds", "activeSkillIds", "removedSkillIds",
    ),
    "routing/languages": ("requestedLanguageId",),
    "teams": ("teamId",),
    "groups": ("groupId", "agentGroupId"),
    "authorization/divisions": ("divisionIds",),
    "flows": ("flowId",),
    "flows/outcomes": ("flowOutcomeId",),
    "outbound/campaigns": ("outboundCampaignId",),
    "outbound/contactlists": ("outboundContactListId",),
    "telephony/providers/edges": ("edgeId",),
    "quality/forms/evaluations": ("formId",),
    "quality/forms/surveys": ("surveyFormId",),
    "knowledge/knowledgebases": ("knowledgeBaseIds",),
    "scripts": ("scriptId",),
}  # fmt: skip


@pytest.mark.parametrize("path", ["routing/queues", "routing/skills"])
def test_queues_and_skills_come_and_go(client: Client, clock: Clock, path: str) -> None:
    """One is there on Thursday, gone on Saturday, and followed by another on Monday."""
    thursday = ids(client, ROOT + path, pageSize=500)
    clock.now = LATER
    saturday = ids(client, ROOT + path, pageSize=500)
    clock.advance(days=2)
    monday = ids(client, ROOT + path, pageSize=500)
    assert saturday == thursday[:-1] == monday[:-1]
    assert thursday[-1] != monday[-1]


def test_users_who_left_are_deleted(client: Client, clock: Clock) -> None:
    """They leave the list of the active ones, and stay in that of all."""
    before = set(ids(client, f"{ROOT}users", pageSize=500))
    everybody = ids(client, f"{ROOT}users", pageSize=500, state="any")
    clock.now = LATER
    (left,) = before - set(ids(client, f"{ROOT}users", pageSize=500))
    assert left in ids(client, f"{ROOT}users", pageSize=500, state="deleted")
    assert ids(client, f"{ROOT}users", pageSize=500, state="any") == everybody


def test_a_passing_queue_has_its_member(client: Client) -> None:
    """The one who helps out is a user, and active."""
    queue = ids(client, f"{ROOT}routing/queues")[-1]
    (member,) = ids(client, f"{ROOT}routing/queues/{queue}/members")
    assert member in ids(client, f"{ROOT}users", pageSize=500)


def test_what_conversations_refer_to_is_listed(client: Client) -> None:
    """Every id in 2,000 conversations, whatever it is the id of."""
    truth = client.sandbox.truth(date(2026, 2, 26), date(2026, 3, 5))
    used: dict[str, set[str]] = {}
    for document in islice(truth, 2_000):
        collect(document, used)
    for path, names in REFERENCES.items():
        query = EVERYTHING.get(path, {})
        known = set(ids(client, ROOT + path, pageSize=500, **query))
        for name in names:
            assert used[name], name
            assert {x for x in used[name] if not x.startswith("ININ-")} <= known, name


def collect(item: Any, used: dict[str, set[str]]) -> None:
    """Note the texts under each name, at whatever depth."""
    if isinstance(item, list):
        for part in item:
            collect(part, used)
    elif isinstance(item, dict):
        for name, value in item.items():
            texts = value if isinstance(value, list) else [value]
            used.setdefault(name, set()).update(x for x in texts if isinstance(x, str))
            collect(value, used)


def test_entities_refer_to_one_another(client: Client) -> None:
    """Every reference whose link leads into a list has its id in that list."""
    listed = [
        x
        for x in LISTS
        # These do not link to what is under their own path.
        if "{" not in x.path and not x.path.endswith(("organizations/me", "/query"))
    ]
    found = {x.path: client.sandbox.references.entities(x.path) for x in listed}
    known = {
        f"{ROOT}{path}/{entity['id']}"
        for path, entities in found.items()
        for entity in entities
    }
    used: dict[str, set[str]] = {}
    collect(list(found.values()), used)
    bases = tuple(f"{ROOT}{path}" for path in found)
    leading = {x for x in used["selfUri"] if x.rpartition("/")[0] in bases}
    assert leading == known
