"""The lists that reference tables are read from. Declarations, no I/O.

Source: the list operations and listing models of the API definition. Page sizes above
100 are those known to work; what a list lowers, it says in its answer.
"""

from __future__ import annotations

from typing import Any

from tap_genesys_analytics.listings import Listing
from tap_genesys_analytics.lists import Paging
from tap_genesys_analytics.tables import Table

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


def _table(
    name: str,
    model: str,
    description: str,
    *,
    default: bool = True,
    **more: Any,  # noqa: ANN401 (fields of Table)
) -> Table:
    return Table(
        name=name,
        description=description,
        model=model,
        id_field="id",
        selected_by_default=default,
        **more,
    )


QUEUES = Listing(
    _table("queues", "Queue", "Queues, with their settings."),
    "/api/v2/routing/queues",
    ("routing:queue:view",),
    page_size=_LARGE_PAGE,
)

_DIRECTORY = (
    Listing(
        _table(
            "users",
            "User",
            "Users, also inactive and deleted ones.",
            split_off=_OF_THE_MOMENT,
        ),
        "/api/v2/users",
        variants=({"state": "any", "expand": ",".join(_EXPANDED)},),
    ),
    Listing(_table("groups", "Group", "Groups of users."), "/api/v2/groups"),
    Listing(
        _table("teams", "Team", "Teams, to which users belong."),
        "/api/v2/teams",
        ("groups:team:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        _table("locations", "LocationDefinition", "Locations of the organisation."),
        "/api/v2/locations",
    ),
    Listing(
        _table("divisions", "AuthzDivision", "Divisions, which rights go by."),
        "/api/v2/authorization/divisions",
    ),
    Listing(
        _table("roles", "DomainOrganizationRole", "Roles, and what they permit."),
        "/api/v2/authorization/roles",
        ("authorization:role:view",),
    ),
    Listing(
        _table(
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
        _table("system_presences", "SystemPresence", "The presences of the system."),
        "/api/v2/systempresences",
        paging=Paging.NONE,
    ),
)

_ROUTING = (
    QUEUES,
    Listing(
        _table(
            "queue_members",
            "QueueMember",
            "Which users are members of which queues.",
            added={"queueId": "string"},
            key_fields=("queueId",),
        ),
        "/api/v2/routing/queues/{id}/members",
        ("routing:queue:view", "routing:queueMember:manage"),
        paging=Paging.LINKS,
        of=QUEUES,
        owner_field="queueId",
    ),
    Listing(
        _table("wrapup_codes", "WrapupCode", "Codes that agents wrap up with."),
        "/api/v2/routing/wrapupcodes",
        ("routing:wrapupCode:view",),
        page_size=_LARGE_PAGE,
    ),
    Listing(
        _table("skills", "RoutingSkill", "Skills that conversations ask for."),
        "/api/v2/routing/skills",
        ("routing:skill:view",),
    ),
    Listing(
        _table("skill_groups", "SkillGroupDefinition", "Groups by skill."),
        "/api/v2/routing/skillgroups",
        ("routing:skillGroup:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        _table("languages", "Language", "Languages that conversations ask for."),
        "/api/v2/routing/languages",
    ),
    Listing(
        _table("flows", "Flow", "Architect flows: menus, bots, in-queue flows."),
        "/api/v2/flows",
        ("architect:flow:view",),
        variants=({"deleted": "true"},),
    ),
    Listing(
        _table("flow_outcomes", "FlowOutcome", "What flows can achieve."),
        "/api/v2/flows/outcomes",
        ("architect:flowOutcome:view",),
    ),
    Listing(
        _table("flow_milestones", "FlowMilestone", "Milestones that flows pass."),
        "/api/v2/flows/milestones",
        ("architect:flowMilestone:view",),
    ),
    Listing(
        _table("scripts", "Script", "Scripts of agents.", default=False),
        "/api/v2/scripts",
        ("scripter:script:view",),
    ),
)

_OUTBOUND_AND_QUALITY = (
    Listing(
        _table("campaigns", "Campaign", "Voice campaigns."),
        "/api/v2/outbound/campaigns",
        ("outbound:campaign:view",),
    ),
    Listing(
        _table("messaging_campaigns", "MessagingCampaign", "Campaigns by message."),
        "/api/v2/outbound/messagingcampaigns",
        (
            "outbound:messagingCampaign:view",
            "outbound:emailCampaign:view",
            "outbound:whatsAppCampaign:view",
        ),
    ),
    Listing(
        _table("contact_lists", "ContactList", "Lists of contacts, not the contacts."),
        "/api/v2/outbound/contactlists",
        ("outbound:contactList:view",),
    ),
    Listing(
        _table("evaluation_forms", "EvaluationFormResponse", "Evaluation forms."),
        "/api/v2/quality/forms/evaluations",
        ("quality:evaluationForm:view",),
    ),
    Listing(
        _table("survey_forms", "SurveyForm", "Survey forms."),
        "/api/v2/quality/forms/surveys",
        ("quality:surveyForm:view",),
    ),
    Listing(
        _table("knowledge_bases", "KnowledgeBase", "Knowledge bases.", default=False),
        "/api/v2/knowledge/knowledgebases",
        ("knowledge:knowledgebase:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        _table("speech_topics", "ListedTopic", "Topics of speech.", default=False),
        "/api/v2/speechandtextanalytics/topics",
        ("speechAndTextAnalytics:topic:view",),
        paging=Paging.LINKS,
    ),
    Listing(
        _table("speech_programs", "ListedProgram", "Sets of topics.", default=False),
        "/api/v2/speechandtextanalytics/programs",
        ("speechAndTextAnalytics:program:view",),
        paging=Paging.LINKS,
    ),
)


def _telephony(name: str, model: str, path: str, description: str) -> Listing:
    return Listing(
        _table(name, model, description, default=False),
        f"/api/v2/telephony/providers/edges{path}",
        ("telephony:plugin:all",),
    )


_TELEPHONY = (
    _telephony("edges", "Edge", "", "Edges, which carry the calls."),
    _telephony("trunks", "Trunk", "/trunks", "Trunks to the telephone network."),
    _telephony("phones", "Phone", "/phones", "Phones."),
    _telephony("lines", "Line", "/lines", "Lines of phones."),
    _telephony("dids", "DID", "/dids", "Numbers that can be dialled from outside."),
    _telephony("did_pools", "DIDPool", "/didpools", "Ranges of such numbers."),
    _telephony("extensions", "Extension", "/extensions", "Numbers inside."),
    Listing(
        _table("sites", "Site", "Sites of telephony.", default=False),
        "/api/v2/telephony/providers/edges/sites",
    ),
    Listing(
        _table("stations", "Station", "Stations that users sit at.", default=False),
        "/api/v2/stations",
    ),
)

BUSINESS_UNITS = Listing(
    _table("business_units", "BusinessUnitListItem", "Business units.", default=False),
    "/api/v2/workforcemanagement/businessunits",
    paging=Paging.NONE,
)

MANAGEMENT_UNITS = Listing(
    _table("management_units", "ManagementUnit", "Their parts.", default=False),
    "/api/v2/workforcemanagement/managementunits",
    paging=Paging.NONE,
)


def _of_business_unit(
    name: str, model: str, path: str, permissions: tuple[str, ...], description: str
) -> Listing:
    return Listing(
        _table(
            name,
            model,
            description,
            default=False,
            added={"businessUnitId": "string"},
            key_fields=("businessUnitId",),
        ),
        f"/api/v2/workforcemanagement/businessunits/{{id}}{path}",
        permissions,
        paging=Paging.NONE,
        of=BUSINESS_UNITS,
        owner_field="businessUnitId",
    )


_WORKFORCE = (
    BUSINESS_UNITS,
    MANAGEMENT_UNITS,
    _of_business_unit(
        "activity_codes",
        "BusinessUnitActivityCode",
        "/activitycodes",
        ("wfm:activityCode:view", "wfm:businessUnit:view"),
        "What agents are scheduled for.",
    ),
    _of_business_unit(
        "schedules",
        "BuScheduleListItem",
        "/weeks/recent/schedules",
        ("wfm:schedule:view", "wfm:publishedSchedule:view"),
        "Schedules of business units, by week.",
    ),
)

LISTS = (
    *_DIRECTORY,
    *_ROUTING,
    *_OUTBOUND_AND_QUALITY,
    *_TELEPHONY,
    *_WORKFORCE,
)
