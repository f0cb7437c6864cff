"""The lists that the API answers: what is in each, how it is paged, who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.listings import (
    DEFAULT_PAGE_SIZE,
    array,
    cursors,
    next_pages,
    pages,
    pages_without_count,
    single,
    whole,
    whole_as_page,
    whole_with_total,
)
from genesys_cloud_sandbox.api.permissions import (
    NONE,
    Permissions,
    all_of,
    any_of,
)
from genesys_cloud_sandbox.api.shown import (
    dashboards_shown,
    flows_shown,
    presences_shown,
    users_shown,
)
from genesys_cloud_sandbox.world import (
    administration,
    architect,
    people,
    quality,
    routing,
    telephony,
    workforce,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from genesys_cloud_sandbox.api.listings import Paging
    from genesys_cloud_sandbox.api.shown import Shown
    from genesys_cloud_sandbox.world.timeline import Document

_EDGES = "telephony/providers/edges"
_UNITS = "workforcemanagement/businessunits"


@dataclass(frozen=True)
class Listed:
    """A list: its path under `/api/v2/`, and the function that makes its entities.

    It is called with the directory, the time, and the ids in the path.
    """

    path: str
    entities: Callable[..., Iterable[Document]]
    permissions: Permissions = NONE
    paging: Paging = pages
    most: int = 100
    """Page sizes above it are lowered, without a word."""
    size: int = DEFAULT_PAGE_SIZE
    """The page size that is not asked for."""
    shown: Shown | None = None
    """What of the entities the query string asks for."""

    @property
    def owner(self) -> str:
        """The path of the list that the first id in the path is from."""
        return self.path.partition("/{")[0]


LISTS = (
    Listed("users", people.users, most=500, shown=users_shown),
    Listed("groups", people.groups),
    Listed("teams", people.teams, any_of("groups:team:view"), cursors),
    Listed(
        "teams/{teamId}/members",
        people.team_members,
        any_of("groups:team:view"),
        cursors,
    ),
    Listed("locations", people.locations),
    Listed("organizations/me", administration.organization, paging=single),
    Listed(
        "authorization/divisions",
        administration.divisions,
        any_of("authorization:division:view"),
    ),
    Listed(
        "authorization/roles", administration.roles, any_of("authorization:role:view")
    ),
    Listed(
        "presence/definitions",
        administration.definitions,
        all_of("presence:presenceDefinition:view"),
        whole_with_total,
        shown=presences_shown,
    ),
    Listed("systempresences", administration.system_presences, paging=array),
    Listed("routing/queues", routing.queues, any_of("routing:queue:view"), most=500),
    Listed(
        "routing/queues/{queueId}/members",
        routing.members,
        any_of(
            "routing:queue:view",
            "routing:queue:edit",
            "routing:queue:readonly",
            "routing:queueMember:manage",
        ),
        pages_without_count,
    ),
    Listed(
        "routing/queues/{queueId}/wrapupcodes",
        routing.wrap_up_codes_of,
        all_of("routing:queue:view"),
    ),
    Listed(
        "routing/wrapupcodes",
        routing.wrap_up_codes,
        all_of("routing:wrapupCode:view"),
        most=500,
    ),
    Listed("routing/skills", routing.skills, any_of("routing:skill:view")),
    Listed(
        "routing/skillgroups",
        routing.skill_groups,
        any_of("routing:skillGroup:view"),
        cursors,
    ),
    Listed("routing/languages", routing.languages),
    Listed(
        "analytics/reporting/settings/dashboards/query",
        administration.dashboards,
        all_of("analytics:dashboardConfigurations:view"),
        size=9,
        shown=dashboards_shown,
    ),
    Listed("flows", architect.flows, any_of("architect:flow:view"), shown=flows_shown),
    Listed(
        "flows/outcomes", architect.flow_outcomes, all_of("architect:flowOutcome:view")
    ),
    Listed(
        "flows/milestones",
        architect.flow_milestones,
        all_of("architect:flowMilestone:view"),
    ),
    Listed("scripts", architect.scripts, any_of("scripter:script:view")),
    Listed(
        "quality/forms/evaluations",
        quality.evaluation_forms,
        any_of("quality:evaluationForm:view"),
    ),
    Listed(
        "quality/forms/surveys",
        quality.survey_forms,
        all_of("quality:surveyForm:view"),
    ),
    Listed(
        "knowledge/knowledgebases",
        architect.knowledge_bases,
        all_of("knowledge:knowledgebase:view"),
        cursors,
    ),
    Listed("outbound/campaigns", routing.campaigns, any_of("outbound:campaign:view")),
    Listed(
        "outbound/messagingcampaigns",
        routing.messaging_campaigns,
        any_of(
            "outbound:messagingCampaign:view",
            "outbound:emailCampaign:view",
            "outbound:whatsAppCampaign:view",
        ),
    ),
    Listed(
        "outbound/contactlists",
        routing.contact_lists,
        any_of("outbound:contactList:view"),
    ),
    Listed(_EDGES, telephony.edges, any_of("telephony:plugin:all")),
    Listed(f"{_EDGES}/sites", telephony.sites),
    Listed(f"{_EDGES}/trunks", telephony.trunks, any_of("telephony:plugin:all")),
    Listed(f"{_EDGES}/phones", telephony.phones, any_of("telephony:plugin:all")),
    Listed(f"{_EDGES}/lines", telephony.lines, any_of("telephony:plugin:all")),
    Listed(f"{_EDGES}/dids", telephony.dids, any_of("telephony:plugin:all")),
    Listed(
        f"{_EDGES}/didpools",
        telephony.did_pools,
        any_of("telephony:plugin:all"),
    ),
    Listed(
        f"{_EDGES}/extensions",
        telephony.extensions,
        any_of("telephony:plugin:all"),
    ),
    Listed("stations", telephony.stations),
    Listed(_UNITS, workforce.business_units, paging=whole),
    Listed(
        "workforcemanagement/managementunits",
        workforce.management_units,
        paging=whole_as_page,
    ),
    Listed(
        "workforcemanagement/managementunits/{managementUnitId}/users",
        workforce.users_of,
        any_of(
            "wfm:agent:view",
            "wfm:historicalAdherence:view",
            "wfm:publishedSchedule:view",
            "wfm:realtimeAdherence:view",
            "wfm:schedule:view",
            "wfm:timeOffRequest:view",
            "wfm:workPlan:view",
            "wfm:workPlanRotation:view",
        ),
        whole,
    ),
    Listed(
        f"{_UNITS}/{{businessUnitId}}/managementunits",
        workforce.management_units_of,
        paging=whole_as_page,
    ),
    Listed(
        f"{_UNITS}/{{businessUnitId}}/activitycodes",
        workforce.activity_codes,
        any_of("wfm:activityCode:view", "wfm:schedule:view"),
        whole,
    ),
    Listed(
        f"{_UNITS}/{{businessUnitId}}/weeks/{{weekId}}/schedules",
        workforce.schedules,
        any_of("wfm:schedule:view", "wfm:publishedSchedule:view"),
        whole,
    ),
    Listed(
        "speechandtextanalytics/topics",
        quality.topics,
        all_of("speechAndTextAnalytics:topic:view"),
        next_pages,
        most=500,
        size=20,
    ),
    Listed(
        "speechandtextanalytics/programs",
        quality.programs,
        all_of("speechAndTextAnalytics:program:view"),
        next_pages,
        size=20,
    ),
    Listed(
        "speechandtextanalytics/categories",
        quality.categories,
        all_of("speechAndTextAnalytics:category:view"),
        most=25,
    ),
)
