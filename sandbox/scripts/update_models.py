"""Write the fields of entities, and the families of aggregates, of the sandbox.

The official SDK is generated from the API's own definition: its models settle which
fields an entity has, of which type, and with which values. Run after an update of it:

    python scripts/update_models.py
"""

from __future__ import annotations

import importlib.metadata
import inspect
import json
import re
from pathlib import Path
from typing import Any

import PureCloudPlatformClientV2

#: Models of entities, and of what is nested in them and has no meaning of its own.
MODELS = (
    *("AcwSettings", "AgentOwnedRouting", "AnswerOption", "AuthzDivision"),
    *("BuScheduleListItem", "BusinessUnitActivityCode", "BusinessUnitListItem"),
    *("CallbackMediaSettings", "Campaign", "ContactList", "DID", "DIDPool"),
    *("DashboardConfiguration", "DiagnosticsSettings", "DomainOrganizationRole"),
    *("DomainPermissionPolicy", "DynamicContactQueueingSettings", "Edge"),
    *("EmailMediaSettings", "EvaluationFormResponse", "EvaluationQuestion"),
    *("EvaluationQuestionGroup", "EvaluationSettings", "Extension", "Flow"),
    *("FlowMilestone", "FlowOutcome", "FlowVersion", "Group", "KnowledgeBase"),
    *("Language", "Line", "ListedProgram", "ListedTopic", "LocationDefinition"),
    *("ManagementUnit", "MediaSettings", "MessageMediaSettings", "MessagingCampaign"),
    *("Organization", "OrganizationPresenceDefinition", "Phone", "PhoneCapabilities"),
    *("Queue", "QueueMediaSettings", "QueueMember", "RoutingSkill"),
    *("ScheduleGenerationResultSummary", "Script", "ServiceLevel", "Site"),
    *("SkillGroupDefinition", "StaCategory", "Station", "SurveyForm"),
    *("SurveyQuestion", "SurveyQuestionGroup", "SystemPresence", "Team", "Trunk"),
    *("TrunkConnectedStatus", "User", "UserRoutingLanguage", "UserRoutingSkill"),
    *("WfmVersionedEntityMetadata", "Widget", "WrapupCode"),
)

#: Fields that an entity has in some state only, or when more is asked for.
LEFT_OUT = re.compile(
    r"date(CheckedIn|Deleted|Expiration|Published|Saved|\w*Updated)"
    r"|builtInType|automated|retentionDays"
)

#: Values of fields that are the same in every entity: of a model, or of all models.
VALUES: dict[str, Any] = {
    "BusinessUnitActivityCode.secondaryPresences": [],
    "Campaign.callAnalysisLanguage": "en-us",
    "Campaign.campaignStatus": "on",
    "Campaign.dialingMode": "predictive",
    "Campaign.phoneColumns": [{"columnName": "phone", "type": "MOBILE"}],
    "Campaign.ruleSets": [],
    "ContactList.columnNames": ["name", "phone", "text"],
    "ContactList.phoneColumns": [{"columnName": "phone", "type": "MOBILE"}],
    "ContactList.retentionType": "Never",
    "DIDPool.comments": "",
    "DIDPool.provider": "PURE_CLOUD_VOICE",
    "Edge.managed": True,
    "EvaluationQuestion.type": "multipleChoiceQuestion",
    "EvaluationQuestionGroup.type": "questionGroup",
    "FlowVersion.type": "PUBLISH",
    "Group.type": "official",
    "Group.visibility": "public",
    "KnowledgeBase.coreLanguage": "en-US",
    "ListedProgram.tags": [],
    "ListedTopic.programsCount": 1,
    "ListedTopic.tags": ["reviewed"],
    "LocationDefinition.emergencyNumber": {
        "e164": "+13175550911",
        "number": "(317) 555-0911",
        "type": "default",
    },
    "LocationDefinition.notes": "",
    "LocationDefinition.path": [],
    "MessagingCampaign.campaignStatus": "off",
    "MessagingCampaign.smsConfig": {
        "messageColumn": "text",
        "phoneColumn": "phone",
        "senderSmsPhoneNumber": {
            "phoneNumber": "+18005550100",
            "selfUri": "/api/v2/routing/sms/phonenumbers/+18005550100",
        },
    },
    "Organization.domain": "sandbox",
    "Organization.features": {
        "chat": True,
        "contactCenter": True,
        "directory": True,
        "purecloudVoice": True,
    },
    "Organization.thirdPartyOrgName": "sandbox",
    "Phone.standAlone": False,
    "PhoneCapabilities.mediaCodecs": ["audio/opus"],
    "Script.startPageName": "Start",
    "Site.managed": False,
    "Site.mediaModel": "Cloud",
    "Site.mediaRegions": ["us-east-1"],
    "Station.type": "inin_webrtc_softphone",
    "SurveyForm.language": "en-US",
    "SurveyQuestion.type": "multipleChoiceQuestion",
    "SurveyQuestionGroup.type": "questionGroup",
    "User.department": "Customer Care",
    "User.groups": [],
    "User.languages": [],
    "User.locations": [],
    "User.profileSkills": [],
    "User.skills": [],
    "UserRoutingLanguage.proficiency": 5.0,
    "Widget.mediaTypes": ["voice"],
    "Widget.metrics": ["nOffered", "tAnswered"],
    "Widget.type": "METRIC",
    "active": True,
    "apiVersion": "v1",
    "authorized": True,
    "callDrainingState": "NONE",
    "callerAddress": "+18005550100",
    "callerId": "+18005550100",
    "callerName": "Sandbox Ltd",
    "callingPartyNumber": "+18005550100",
    "cdm": True,
    "connected": True,
    "contactListFilters": [],
    "defaultCountryCode": "US",
    "defaultLanguage": "en-US",
    "deleted": False,
    "dialect": "en-US",
    "disabled": False,
    "dncLists": [],
    "edgeDeploymentType": "CDM",
    "enabled": True,
    "failed": False,
    "footer": "Thank you!",
    "header": "How did we do?",
    "helpText": "",
    "inService": True,
    "interactionType": "All",
    "joined": True,
    "make": "Genesys",
    "memberBy": "user",
    "messageCount": 0,
    "model": "Virtual",
    "noAnswerTimeout": 30,
    "offlineConfigCalled": False,
    "onlineStatus": "ONLINE",
    "percentage": 0.8,
    "physicalEdge": False,
    "priority": 5,
    "productPlatform": "GenesysCloud",
    "published": True,
    "ringNumber": 1,
    "shared": False,
    "softwareVersion": "1.0.0.12800",
    "startDayOfWeek": "Monday",
    "state": "active",
    "statusCode": "ACTIVE",
    "supportURI": "https://support.sandbox.example",
    "supportedLanguages": [{"isDefault": True, "language": "en-us"}],
    "system": False,
    "timeZone": "Europe/Berlin",
}

SIMPLE = {
    "bool": "boolean",
    "date": "date",
    "datetime": "date-time",
    "float": "number",
    "int": "integer",
    "str": "string",
}

PACKAGE = Path(__file__).parents[1] / "genesys_cloud_sandbox"
RESOURCE = PACKAGE / "world/models.json"
#: Metrics and dimensions of each family of aggregates.
FAMILIES = PACKAGE / "api/families.json"


def allowed_values(model: type, attribute: str) -> list[str]:
    """Return the values that the SDK lets an attribute have; none: any value."""
    source = inspect.getsource(model.__dict__[attribute].fset)
    listed = re.search(r"allowed_values = (\[.*?\])", source, re.DOTALL)
    values: list[str] = json.loads(listed[1].replace("'", '"')) if listed else []
    return [value for value in values if value.lower() != "unknown"]


def field_type(name: str, declared: str) -> str:
    """Return the type of a field: simple, a model without an id, or a reference."""
    if name in {"createdBy", "modifiedBy", "publishedBy"}:
        return "user-id" if declared == "str" else "user-link"
    if declared in SIMPLE:
        return SIMPLE[declared]
    model = getattr(PureCloudPlatformClientV2, declared, None)
    known = model().attribute_map.values() if model else ()
    if name == "division":
        return "division" if "name" in known else "division-link"
    return declared if declared in MODELS and "id" not in known else "object"


def fields(name: str) -> dict[str, str | list[Any]]:
    """Return a model's fields: the API's name → type, or the values that it can have.

    Only what can be made up is named: other lists, maps, and references to entities
    have to be given.
    """
    model = getattr(PureCloudPlatformClientV2, name)
    instance = model()
    found: dict[str, str | list[Any]] = {}
    for attribute, declared in sorted(instance.swagger_types.items()):
        field = instance.attribute_map[attribute]
        kind = field_type(field, declared)
        values = allowed_values(model, attribute) if declared == "str" else []
        fixed = [VALUES[x] for x in (f"{name}.{field}", field) if x in VALUES]
        if fixed and values and fixed[0] not in values:
            message = f"{name}.{field} cannot be {fixed[0]}"
            raise ValueError(message)
        if fixed:
            found[field] = fixed[:1]
        elif kind != "object" and not LEFT_OUT.match(field):
            found[field] = values or kind
    return found


def content() -> dict[str, Any]:
    """Return the whole resource."""
    version = importlib.metadata.version("PureCloudPlatformClientV2")
    return {
        "source": f"PureCloudPlatformClientV2 {version}",
        "models": {name: fields(name) for name in MODELS},
    }


def families() -> dict[str, Any]:
    """Return the families of aggregates, with their metrics and dimensions.

    The SDK checks the values of a view's target and of a predicate's dimension: these
    are the metrics and the dimensions of the family's queries.
    """
    found: dict[str, Any] = {}
    api = PureCloudPlatformClientV2.AnalyticsApi
    for method in dir(api):
        if match := re.fullmatch(r"post_analytics_(\w+)_aggregates_query", method):
            body = inspect.signature(getattr(api, method)).parameters["body"]
            model = str(body.annotation).removesuffix("AggregationQuery")
            view = getattr(PureCloudPlatformClientV2, f"{model}AggregationView")
            predicate = getattr(
                PureCloudPlatformClientV2, f"{model}AggregateQueryPredicate"
            )
            found[match[1]] = {
                "entity": model[0].lower() + model[1:],
                "metrics": sorted(allowed_values(view, "target")),
                "dimensions": sorted(allowed_values(predicate, "dimension")),
            }
    version = importlib.metadata.version("PureCloudPlatformClientV2")
    return {"source": f"PureCloudPlatformClientV2 {version}", "families": found}


def main() -> None:
    """Write the resources: a line for each model, so that changes are easy to see."""
    FAMILIES.write_text(json.dumps(families(), indent=1) + "\n", encoding="utf-8")
    found = content()
    models = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(table)}"
        for name, table in found["models"].items()
    )
    source = json.dumps(found["source"])
    text = f'{{"source": {source}, "models": {{\n{models}\n}}}}\n'
    RESOURCE.write_text(text, encoding="utf-8")
    print(f"{RESOURCE.name}: {len(found['models'])} models from {source}")  # noqa: T201 (a script)


if __name__ == "__main__":
    main()
