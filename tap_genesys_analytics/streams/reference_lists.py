"""Reference lists: the names behind the ids, read as a whole in each run.

To add one, add its list here and run ``make generate``. Source: the list operations and
listing models of the API definition.
"""

from __future__ import annotations

from tap_genesys_analytics.api.get_pages import Paging
from tap_genesys_analytics.readers.lists import (
    ReferenceList,
    list_for_each,
    reference_table,
)
from tap_genesys_analytics.streams.list_streams import list_streams
from tap_genesys_analytics.streams.workforce_lists import WORKFORCE

#: A page size that some lists accept.
_LARGE_PAGE = 500

#: Fields of users that the API returns only on request.
_EXPANDED = (
    "employerInfo",
    "groups",
    "languages",
    "locations",
    "profileSkills",
    "skills",
    "team",
)
#: Fields of users that change by the minute, left out: see the observations.
_OF_THE_MOMENT = (
    "conversationSummary",
    "geolocation",
    "integrationPresence",
    "outOfOffice",
    "presence",
    "routingStatus",
    "station",
)


QUEUES = ReferenceList(
    reference_table("queues", "Queue", "Queues, with their settings."),
    "/api/v2/routing/queues",
    ("routing:queue:view",),
    page_size=_LARGE_PAGE,
)

TEAMS = ReferenceList(
    reference_table("teams", "Team", "Teams of users."),
    "/api/v2/teams",
    ("groups:team:view",),
    paging=Paging.LINKS,
)

_DIRECTORY = (
    ReferenceList(
        reference_table(
            "users",
            "User",
            "Users, including inactive and deleted ones.",
            child_fields=_OF_THE_MOMENT,
        ),
        "/api/v2/users",
        variants=({"state": "any", "expand": ",".join(_EXPANDED)},),
    ),
    ReferenceList(
        reference_table("groups", "Group", "Groups of users."), "/api/v2/groups"
    ),
    TEAMS,
    list_for_each(
        TEAMS,
        "teamId",
        "team_members",
        "UserReferenceWithName",
        "Which users belong to which teams.",
        path="/api/v2/teams/{id}/members",
        permissions=("groups:team:view",),
        paging=Paging.LINKS,
    ),
    ReferenceList(
        reference_table(
            "locations", "LocationDefinition", "Locations of the organisation."
        ),
        "/api/v2/locations",
    ),
    ReferenceList(
        reference_table(
            "divisions",
            "AuthzDivision",
            "Divisions: permissions are granted per division.",
        ),
        "/api/v2/authorization/divisions",
    ),
    ReferenceList(
        reference_table(
            "roles", "DomainOrganizationRole", "Roles and their permissions."
        ),
        "/api/v2/authorization/roles",
        ("authorization:role:view",),
    ),
    ReferenceList(
        reference_table(
            "presence_definitions",
            "OrganizationPresenceDefinition",
            "The organisation's presences, primary and secondary.",
        ),
        "/api/v2/presence/definitions",
        ("presence:presenceDefinition:view",),
        paging=Paging.NONE,
        variants=({"deactivated": "FALSE"}, {"deactivated": "TRUE"}),
    ),
    ReferenceList(
        reference_table(
            "system_presences", "SystemPresence", "Genesys' own presences."
        ),
        "/api/v2/systempresences",
        paging=Paging.NONE,
    ),
)

_ROUTING = (
    QUEUES,
    list_for_each(
        QUEUES,
        "queueId",
        "queue_members",
        "QueueMember",
        "Which users are members of which queues.",
        path="/api/v2/routing/queues/{id}/members",
        permissions=("routing:queue:view",),
        paging=Paging.LINKS,
        default=True,
    ),
    list_for_each(
        QUEUES,
        "queueId",
        "queue_wrapup_codes",
        "WrapupCode",
        "Which wrap-up codes can be chosen in which queues.",
        path="/api/v2/routing/queues/{id}/wrapupcodes",
        permissions=("routing:queue:view",),
    ),
    ReferenceList(
        reference_table(
            "wrapup_codes", "WrapupCode", "Codes that agents choose at wrap-up."
        ),
        "/api/v2/routing/wrapupcodes",
        ("routing:wrapupCode:view",),
        page_size=_LARGE_PAGE,
    ),
    ReferenceList(
        reference_table("skills", "RoutingSkill", "Skills that routing asks for."),
        "/api/v2/routing/skills",
        ("routing:skill:view",),
    ),
    ReferenceList(
        reference_table(
            "skill_groups", "SkillGroupDefinition", "Groups of users by skill."
        ),
        "/api/v2/routing/skillgroups",
        ("routing:skillGroup:view",),
        paging=Paging.LINKS,
    ),
    ReferenceList(
        reference_table("languages", "Language", "Languages that routing asks for."),
        "/api/v2/routing/languages",
    ),
    ReferenceList(
        reference_table(
            "flows", "Flow", "Architect flows: menus, bots, in-queue flows."
        ),
        "/api/v2/flows",
        ("architect:flow:view",),
        variants=({"deleted": "true"},),
    ),
    ReferenceList(
        reference_table(
            "flow_outcomes", "FlowOutcome", "Outcomes that flows can have."
        ),
        "/api/v2/flows/outcomes",
        ("architect:flowOutcome:view",),
    ),
    ReferenceList(
        reference_table("flow_milestones", "FlowMilestone", "Milestones in flows."),
        "/api/v2/flows/milestones",
        ("architect:flowMilestone:view",),
    ),
    ReferenceList(
        reference_table(
            "scripts", "Script", "Scripts that agents follow.", default=False
        ),
        "/api/v2/scripts",
        ("scripter:script:view",),
    ),
)

_OUTBOUND_AND_QUALITY = (
    ReferenceList(
        reference_table("campaigns", "Campaign", "Voice campaigns."),
        "/api/v2/outbound/campaigns",
        ("outbound:campaign:view",),
    ),
    ReferenceList(
        reference_table(
            "messaging_campaigns", "MessagingCampaign", "Messaging campaigns."
        ),
        "/api/v2/outbound/messagingcampaigns",
        (
            "outbound:messagingCampaign:view",
            "outbound:emailCampaign:view",
            "outbound:whatsAppCampaign:view",
        ),
    ),
    ReferenceList(
        reference_table(
            "contact_lists", "ContactList", "Contact lists, without the contacts."
        ),
        "/api/v2/outbound/contactlists",
        ("outbound:contactList:view",),
    ),
    ReferenceList(
        reference_table(
            "evaluation_forms", "EvaluationFormResponse", "Evaluation forms."
        ),
        "/api/v2/quality/forms/evaluations",
        ("quality:evaluationForm:view",),
    ),
    ReferenceList(
        reference_table("survey_forms", "SurveyForm", "Survey forms."),
        "/api/v2/quality/forms/surveys",
        ("quality:surveyForm:view",),
    ),
    ReferenceList(
        reference_table(
            "knowledge_bases", "KnowledgeBase", "Knowledge bases.", default=False
        ),
        "/api/v2/knowledge/knowledgebases",
        ("knowledge:knowledgebase:view",),
        paging=Paging.LINKS,
    ),
    ReferenceList(
        reference_table(
            "speech_topics", "ListedTopic", "Speech topics.", default=False
        ),
        "/api/v2/speechandtextanalytics/topics",
        ("speechAndTextAnalytics:topic:view",),
        paging=Paging.LINKS,
    ),
    ReferenceList(
        reference_table(
            "speech_programs",
            "ListedProgram",
            "Programs: sets of speech topics.",
            default=False,
        ),
        "/api/v2/speechandtextanalytics/programs",
        ("speechAndTextAnalytics:program:view",),
        paging=Paging.LINKS,
    ),
)


def _telephony(name: str, model: str, path: str, description: str) -> ReferenceList:
    return ReferenceList(
        reference_table(name, model, description, default=False),
        f"/api/v2/telephony/providers/edges{path}",
        ("telephony:plugin:all",),
    )


_TELEPHONY = (
    _telephony("edges", "Edge", "", "Edges: servers that carry calls."),
    _telephony("trunks", "Trunk", "/trunks", "Trunks to the telephone network."),
    _telephony("phones", "Phone", "/phones", "Phones."),
    _telephony("lines", "Line", "/lines", "Lines of phones."),
    _telephony("dids", "DID", "/dids", "Numbers that outside callers dial."),
    _telephony("did_pools", "DIDPool", "/didpools", "Ranges of DID numbers."),
    _telephony("extensions", "Extension", "/extensions", "Internal telephone numbers."),
    ReferenceList(
        reference_table("sites", "Site", "Telephony sites.", default=False),
        "/api/v2/telephony/providers/edges/sites",
    ),
    ReferenceList(
        reference_table(
            "stations", "Station", "Stations: phones of users.", default=False
        ),
        "/api/v2/stations",
    ),
)

LISTS = (
    *_DIRECTORY,
    *_ROUTING,
    *_OUTBOUND_AND_QUALITY,
    *_TELEPHONY,
    *WORKFORCE,
)

STREAMS = list_streams(LISTS)
