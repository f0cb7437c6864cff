"""The lists that reference tables are read from. Declarations, no I/O.

Source: the list operations and listing models of the API definition. Page sizes above
100 are those known to work; what a list lowers, it says in its answer.
"""

from __future__ import annotations

from tap_genesys_analytics.api.get_pages import Paging
from tap_genesys_analytics.streams.list_definitions import (
    Listing,
    list_of_each,
    table_of,
)
from tap_genesys_analytics.streams.workforce_lists import WORKFORCE

_LARGE_PAGE = 500

#: What a list of users has only where it is asked for.
_EXPANDED = (
    "employerInfo",
    "groups",
    "languages",
    "locations",
    "profileSkills",
    "skills",
    "team",
)
#: What says of a user how things stand this moment: see the observations.
_OF_THE_MOMENT = (
    "conversationSummary",
    "geolocation",
    "integrationPresence",
    "outOfOffice",
    "presence",
    "routingStatus",
    "station",
)


QUEUES = Listing(
    table_of("queues", "Queue", "Queues, with their settings."),
    "/api/v2/routing/queues",
    ("routing:queue:view",),
    page_size=_LARGE_PAGE,
)

TEAMS = Listing(
    table_of("teams", "Team", "Teams of users."),
    "/api/v2/teams",
    ("groups:team:view",),
    paging=Paging.LINKS,
)

_DIRECTORY = (
    Listing(
        table_of(
            "users",
            "User",
            "Users, including inactive and deleted ones.",
            split_off=_OF_THE_MOMENT,
        ),
        "/api/v2/users",
        variants=({"state": "any", "expand": ",".join(_EXPANDED)},),
    ),
    Listing(table_of("groups", "Group", "Groups of users."), "/api/v2/groups"),
    TEAMS,
    list_of_each(
        TEAMS,
        "teamId",
        "team_members",
        "UserReferenceWithName",
        "Which users belong to which teams.",
        path="/api/v2/teams/{id}/members",
        permissions=("groups:team:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        table_of("locations", "LocationDefinition", "Locations of the organisation."),
        "/api/v2/locations",
    ),
    Listing(
        table_of(
            "divisions",
            "AuthzDivision",
            "Divisions: permissions are granted per division.",
        ),
        "/api/v2/authorization/divisions",
    ),
    Listing(
        table_of("roles", "DomainOrganizationRole", "Roles and their permissions."),
        "/api/v2/authorization/roles",
        ("authorization:role:view",),
    ),
    Listing(
        table_of(
            "presence_definitions",
            "OrganizationPresenceDefinition",
            "The organisation's presences, primary and secondary.",
        ),
        "/api/v2/presence/definitions",
        ("presence:presenceDefinition:view",),
        paging=Paging.NONE,
        variants=({"deactivated": "FALSE"}, {"deactivated": "TRUE"}),
    ),
    Listing(
        table_of("system_presences", "SystemPresence", "Genesys' own presences."),
        "/api/v2/systempresences",
        paging=Paging.NONE,
    ),
)

_ROUTING = (
    QUEUES,
    list_of_each(
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
    list_of_each(
        QUEUES,
        "queueId",
        "queue_wrapup_codes",
        "WrapupCode",
        "Which wrap-up codes can be chosen in which queues.",
        path="/api/v2/routing/queues/{id}/wrapupcodes",
        permissions=("routing:queue:view",),
    ),
    Listing(
        table_of("wrapup_codes", "WrapupCode", "Codes that agents choose at wrap-up."),
        "/api/v2/routing/wrapupcodes",
        ("routing:wrapupCode:view",),
        page_size=_LARGE_PAGE,
    ),
    Listing(
        table_of("skills", "RoutingSkill", "Skills that routing asks for."),
        "/api/v2/routing/skills",
        ("routing:skill:view",),
    ),
    Listing(
        table_of("skill_groups", "SkillGroupDefinition", "Groups of users by skill."),
        "/api/v2/routing/skillgroups",
        ("routing:skillGroup:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        table_of("languages", "Language", "Languages that routing asks for."),
        "/api/v2/routing/languages",
    ),
    Listing(
        table_of("flows", "Flow", "Architect flows: menus, bots, in-queue flows."),
        "/api/v2/flows",
        ("architect:flow:view",),
        variants=({"deleted": "true"},),
    ),
    Listing(
        table_of("flow_outcomes", "FlowOutcome", "Outcomes that flows can have."),
        "/api/v2/flows/outcomes",
        ("architect:flowOutcome:view",),
    ),
    Listing(
        table_of("flow_milestones", "FlowMilestone", "Milestones in flows."),
        "/api/v2/flows/milestones",
        ("architect:flowMilestone:view",),
    ),
    Listing(
        table_of("scripts", "Script", "Scripts that agents follow.", default=False),
        "/api/v2/scripts",
        ("scripter:script:view",),
    ),
)

_OUTBOUND_AND_QUALITY = (
    Listing(
        table_of("campaigns", "Campaign", "Voice campaigns."),
        "/api/v2/outbound/campaigns",
        ("outbound:campaign:view",),
    ),
    Listing(
        table_of("messaging_campaigns", "MessagingCampaign", "Messaging campaigns."),
        "/api/v2/outbound/messagingcampaigns",
        (
            "outbound:messagingCampaign:view",
            "outbound:emailCampaign:view",
            "outbound:whatsAppCampaign:view",
        ),
    ),
    Listing(
        table_of(
            "contact_lists", "ContactList", "Contact lists, without the contacts."
        ),
        "/api/v2/outbound/contactlists",
        ("outbound:contactList:view",),
    ),
    Listing(
        table_of("evaluation_forms", "EvaluationFormResponse", "Evaluation forms."),
        "/api/v2/quality/forms/evaluations",
        ("quality:evaluationForm:view",),
    ),
    Listing(
        table_of("survey_forms", "SurveyForm", "Survey forms."),
        "/api/v2/quality/forms/surveys",
        ("quality:surveyForm:view",),
    ),
    Listing(
        table_of("knowledge_bases", "KnowledgeBase", "Knowledge bases.", default=False),
        "/api/v2/knowledge/knowledgebases",
        ("knowledge:knowledgebase:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        table_of("speech_topics", "ListedTopic", "Speech topics.", default=False),
        "/api/v2/speechandtextanalytics/topics",
        ("speechAndTextAnalytics:topic:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        table_of(
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


def _telephony(name: str, model: str, path: str, description: str) -> Listing:
    return Listing(
        table_of(name, model, description, default=False),
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
    Listing(
        table_of("sites", "Site", "Telephony sites.", default=False),
        "/api/v2/telephony/providers/edges/sites",
    ),
    Listing(
        table_of("stations", "Station", "Stations: phones of users.", default=False),
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
