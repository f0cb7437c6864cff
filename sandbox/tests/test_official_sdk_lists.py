"""The official SDK reads every reference list."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 (its name is long)
import pytest
from PureCloudPlatformClientV2 import models

from genesys_cloud_sandbox.api.reference_lists import LISTS
from tests.listing import keys_of, path_of
from tests.sdk_answers import check, logged_in

if TYPE_CHECKING:
    from tests.conftest import Client

METHODS = {
    "users": (sdk.UsersApi, "get_users"),
    "groups": (sdk.GroupsApi, "get_groups"),
    "teams": (sdk.TeamsApi, "get_teams"),
    "teams/{teamId}/members": (sdk.TeamsApi, "get_team_members"),
    "locations": (sdk.LocationsApi, "get_locations"),
    "organizations/me": (sdk.OrganizationApi, "get_organizations_me"),
    "authorization/divisions": (
        sdk.AuthorizationApi,
        "get_authorization_divisions",
    ),
    "authorization/roles": (sdk.AuthorizationApi, "get_authorization_roles"),
    "presence/definitions": (sdk.PresenceApi, "get_presence_definitions"),
    "systempresences": (sdk.PresenceApi, "get_systempresences"),
    "routing/queues": (sdk.RoutingApi, "get_routing_queues"),
    "routing/queues/{queueId}/members": (sdk.RoutingApi, "get_routing_queue_members"),
    "routing/queues/{queueId}/wrapupcodes": (
        sdk.RoutingApi,
        "get_routing_queue_wrapupcodes",
    ),
    "analytics/reporting/settings/dashboards/query": (
        sdk.AnalyticsApi,
        "get_analytics_reporting_settings_dashboards_query",
    ),
    "workforcemanagement/managementunits/{managementUnitId}/users": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_managementunit_users",
    ),
    "routing/wrapupcodes": (sdk.RoutingApi, "get_routing_wrapupcodes"),
    "routing/skills": (sdk.RoutingApi, "get_routing_skills"),
    "routing/skillgroups": (sdk.RoutingApi, "get_routing_skillgroups"),
    "routing/languages": (sdk.RoutingApi, "get_routing_languages"),
    "flows": (sdk.ArchitectApi, "get_flows"),
    "flows/outcomes": (sdk.ArchitectApi, "get_flows_outcomes"),
    "flows/milestones": (sdk.ArchitectApi, "get_flows_milestones"),
    "scripts": (sdk.ScriptsApi, "get_scripts"),
    "quality/forms/evaluations": (sdk.QualityApi, "get_quality_forms_evaluations"),
    "quality/forms/surveys": (sdk.QualityApi, "get_quality_forms_surveys"),
    "knowledge/knowledgebases": (sdk.KnowledgeApi, "get_knowledge_knowledgebases"),
    "outbound/campaigns": (sdk.OutboundApi, "get_outbound_campaigns"),
    "outbound/messagingcampaigns": (
        sdk.OutboundApi,
        "get_outbound_messagingcampaigns",
    ),
    "outbound/contactlists": (sdk.OutboundApi, "get_outbound_contactlists"),
    **{
        f"telephony/providers/edges{part and '/' + part}": (
            sdk.TelephonyProvidersEdgeApi,
            f"get_telephony_providers_edges{part and '_' + part}",
        )
        for part in (
            *("", "sites", "trunks", "phones", "lines"),
            *("dids", "didpools", "extensions"),
        )
    },
    "stations": (sdk.StationsApi, "get_stations"),
    "workforcemanagement/businessunits": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_businessunits",
    ),
    "workforcemanagement/managementunits": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_managementunits",
    ),
    "workforcemanagement/businessunits/{businessUnitId}/managementunits": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_businessunit_managementunits",
    ),
    "workforcemanagement/businessunits/{businessUnitId}/activitycodes": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_businessunit_activitycodes",
    ),
    "workforcemanagement/businessunits/{businessUnitId}/weeks/{weekId}/schedules": (
        sdk.WorkforceManagementApi,
        "get_workforcemanagement_businessunit_week_schedules",
    ),
    "speechandtextanalytics/topics": (
        sdk.SpeechTextAnalyticsApi,
        "get_speechandtextanalytics_topics",
    ),
    "speechandtextanalytics/programs": (
        sdk.SpeechTextAnalyticsApi,
        "get_speechandtextanalytics_programs",
    ),
    "speechandtextanalytics/categories": (
        sdk.SpeechTextAnalyticsApi,
        "get_speechandtextanalytics_categories",
    ),
}
ASKED: dict[str, Any] = {
    "analytics/reporting/settings/dashboards/query": {
        "dashboard_type": "All",
        "dashboard_access_filter": "OwnedByAnyone",
    },
    "users": {
        "expand": [
            *("employerInfo", "groups", "languages", "locations"),
            *("profileSkills", "skills", "team", "dateLastLogin"),
        ]
    },
}


@pytest.fixture(scope="module")
def api_client(shared: Client) -> Any:
    """The SDK's client."""
    return logged_in(shared)


def test_every_list_has_a_method() -> None:
    """The table here has the lists that the sandbox has."""
    assert METHODS.keys() == {listed.path for listed in LISTS}


@pytest.mark.parametrize("path", METHODS)
def test_the_sdk_reads_a_list(client: Client, api_client: Any, path: str) -> None:
    """Every entity and every value of it, with no key that its model does not have."""
    api, name = METHODS[path]
    method = getattr(api(api_client), name)
    read = method(*keys_of(client, path), **ASKED.get(path, {}))
    query = {
        re.sub("_(.)", lambda found: found[1].upper(), key): (
            value if isinstance(value, str) else ",".join(value)
        )
        for key, value in ASKED.get(path, {}).items()
    }
    sent = client.ask("GET", path_of(client, path), params=query).json()
    returned = str(inspect.signature(method).return_annotation)
    model = getattr(models, re.findall(r"\w+", returned)[-1])
    several = isinstance(sent, list)
    for one, other in zip(read, sent, strict=True) if several else [(read, sent)]:
        check(one, other, model)
