"""The reference lists: what is in each, how it is paged, and their endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.bodies import read_parameter
from genesys_cloud_sandbox.api.paging import (
    DEFAULT_PAGE_SIZE,
    PageRequest,
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
from genesys_cloud_sandbox.api.responses import get_route
from genesys_cloud_sandbox.world import (
    administration,
    architect,
    people,
    quality,
    routing,
    telephony,
    workforce,
)
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.routing import Route

    from genesys_cloud_sandbox.api.paging import Paging
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

    Select = Callable[[list[Document], Mapping[str, str]], list[Document]]

_ROOT = "/api/v2/"
_MAX_PAGE_SIZE = 100
_EXPANDABLE = (
    "dateLastLogin", "employerInfo", "groups", "languages", "locations",
    "profileSkills", "skills", "team",
)  # fmt: skip
_USER_STATES = ("active", "inactive", "deleted", "any")
_FLAGS = ("false", "true")
_DASHBOARD_PARAMETERS = {
    "dashboardType": ("All", "Public", "Private", "Shared", "Favorites"),
    "dashboardAccessFilter": ("OwnedByMe", "OwnedByAnyone", "NotOwnedByMe"),
}


@dataclass(frozen=True)
class ReferenceList:
    """A list: its path under `/api/v2/`, and the function that returns its entities.

    It is called with the directory, the time, and the ids in the path.
    """

    path: str
    entities: Callable[..., Iterable[Document]]
    paging: Paging = pages
    #: Larger page sizes are silently lowered to it.
    max_page_size: int = _MAX_PAGE_SIZE
    page_size: int = DEFAULT_PAGE_SIZE
    #: Selects entities and their fields by the query string.
    select: Select | None = None

    @property
    def parent(self) -> str:
        """The path of the list that the first id in the path is from."""
        return self.path.partition("/{")[0]


def select_users(users: list[Document], query: Mapping[str, str]) -> list[Document]:
    """Return the users of a state, `active` if none is named, as they are expanded."""
    state = query.get("state", _USER_STATES[0])
    if state not in _USER_STATES:
        raise errors.invalid_value(state, "state", _USER_STATES)
    expanded = query.get("expand", "").split(",")
    hidden = [name for name in _EXPANDABLE if name not in expanded]
    return [
        {name: value for name, value in user.items() if name not in hidden}
        for user in users
        if state in ("any", user["state"])
    ]


def _select_flows(flows: list[Document], query: Mapping[str, str]) -> list[Document]:
    """Return all flows but the deleted ones; `deleted=true` includes them."""
    deleted = _flag(query, "deleted")
    return [flow for flow in flows if deleted or not flow["deleted"]]


def _select_presences(
    definitions: list[Document], query: Mapping[str, str]
) -> list[Document]:
    """Return the definitions in use, or with `deactivated=TRUE` the other ones."""
    deactivated = _flag(query, "deactivated")
    return [x for x in definitions if x["deactivated"] is deactivated]


def _select_dashboards(
    found: list[Document], query: Mapping[str, str]
) -> list[Document]:
    """Return the dashboards of a type and of an owner, both of which are required."""
    for name, known in _DASHBOARD_PARAMETERS.items():
        if name not in query:
            message = f"{name} is required."
            raise errors.bad_request(message)
        if query[name] not in known:
            raise errors.invalid_value(query[name], name, known)
    public = {"All": (True, False), "Public": (True,), "Private": (False,)}
    wanted = public.get(query["dashboardType"], ())
    if query["dashboardAccessFilter"] == "OwnedByMe":
        # A client has none.
        return []
    return [each for each in found if each["publicDashboard"] in wanted]


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, _FLAGS[0]).lower()
    if value not in _FLAGS:
        raise errors.invalid_value(value, name, _FLAGS)
    return value == _FLAGS[1]


_EDGES = "telephony/providers/edges"
_WFM = "workforcemanagement"
_UNIT = f"{_WFM}/businessunits/{{businessUnitId}}"
_SPEECH = "speechandtextanalytics"
_DASHBOARDS = "analytics/reporting/settings/dashboards/query"
# fmt: off
LISTS = (
    ReferenceList("users", people.users, max_page_size=500, select=select_users),
    ReferenceList("groups", people.groups),
    ReferenceList("teams", people.teams, cursors),
    ReferenceList("teams/{teamId}/members", people.team_members, cursors),
    ReferenceList("locations", people.locations),
    ReferenceList("organizations/me", administration.organization, single),
    ReferenceList("authorization/divisions", administration.divisions),
    ReferenceList("authorization/roles", administration.roles),
    ReferenceList("presence/definitions", administration.definitions,
                  whole_with_total, select=_select_presences),
    ReferenceList("systempresences", administration.system_presences, array),
    ReferenceList("routing/queues", routing.queues, max_page_size=500),
    ReferenceList("routing/queues/{queueId}/members", routing.members,
                  pages_without_count),
    ReferenceList("routing/queues/{queueId}/wrapupcodes", routing.wrap_up_codes_of),
    ReferenceList("routing/wrapupcodes", routing.wrap_up_codes, max_page_size=500),
    ReferenceList("routing/skills", routing.skills),
    ReferenceList("routing/skillgroups", routing.skill_groups, cursors),
    ReferenceList("routing/languages", routing.languages),
    ReferenceList(_DASHBOARDS, administration.dashboards,
                  page_size=9, select=_select_dashboards),
    ReferenceList("flows", architect.flows, select=_select_flows),
    ReferenceList("flows/outcomes", architect.flow_outcomes),
    ReferenceList("flows/milestones", architect.flow_milestones),
    ReferenceList("scripts", architect.scripts),
    ReferenceList("quality/forms/evaluations", quality.evaluation_forms),
    ReferenceList("quality/forms/surveys", quality.survey_forms),
    ReferenceList("knowledge/knowledgebases", architect.knowledge_bases, cursors),
    ReferenceList("outbound/campaigns", routing.campaigns),
    ReferenceList("outbound/messagingcampaigns", routing.messaging_campaigns),
    ReferenceList("outbound/contactlists", routing.contact_lists),
    ReferenceList(_EDGES, telephony.edges),
    ReferenceList(f"{_EDGES}/sites", telephony.sites),
    ReferenceList(f"{_EDGES}/trunks", telephony.trunks),
    ReferenceList(f"{_EDGES}/phones", telephony.phones),
    ReferenceList(f"{_EDGES}/lines", telephony.lines),
    ReferenceList(f"{_EDGES}/dids", telephony.dids),
    ReferenceList(f"{_EDGES}/didpools", telephony.did_pools),
    ReferenceList(f"{_EDGES}/extensions", telephony.extensions),
    ReferenceList("stations", telephony.stations),
    ReferenceList(f"{_WFM}/businessunits", workforce.business_units, whole),
    ReferenceList(f"{_WFM}/managementunits", workforce.management_units, whole_as_page),
    ReferenceList(f"{_WFM}/managementunits/{{managementUnitId}}/users",
                  workforce.users_of, whole),
    ReferenceList(f"{_UNIT}/managementunits", workforce.management_units_of,
                  whole_as_page),
    ReferenceList(f"{_UNIT}/activitycodes", workforce.activity_codes, whole),
    ReferenceList(f"{_UNIT}/weeks/{{weekId}}/schedules", workforce.schedules, whole),
    ReferenceList(f"{_SPEECH}/topics", quality.topics, next_pages, 500, 20),
    ReferenceList(f"{_SPEECH}/programs", quality.programs, next_pages, page_size=20),
    ReferenceList(f"{_SPEECH}/categories", quality.categories, max_page_size=25),
)
# fmt: on


@dataclass(frozen=True)
class ReferenceLists:
    """The lists of an organization, as a client sees them at the moment.

    What belongs to a division that is not visible is left out of every list.
    """

    directory: Directory
    visible: frozenset[str]
    clock: Callable[[], datetime]

    def routes(self) -> list[Route]:
        """Return a route for each list."""
        return [
            get_route(f"{_ROOT}{each.path}", partial(self._page, each))
            for each in LISTS
        ]

    def entities(self, path: str, *ids: str) -> list[Document]:
        """Return everything in a list, whatever its pages; `ids`: those in the path."""
        found = next(each for each in LISTS if each.path == path)
        if ids and not any(x["id"] == ids[0] for x in self.entities(found.parent)):
            message = f"Nothing in {found.parent} has the id {ids[0]}."
            raise errors.not_found(message)
        try:
            now = milliseconds(self.clock())
            entities = list(found.entities(self.directory, now, *ids))
        except ValueError:
            raise errors.invalid_date() from None
        base = _ROOT + _filled(path, ids)
        return [
            {**entity, "selfUri": entity.get("selfUri", f"{base}/{entity['id']}")}
            for entity in entities
            if _division(entity) in (None, "*", *self.visible)
        ]

    def _page(self, declared: ReferenceList, request: Request) -> object:
        page_request = read_page_request(
            request, declared.page_size, declared.max_page_size
        )
        found = self.entities(declared.path, *request.path_params.values())
        if declared.select:
            found = declared.select(found, page_request.query)
        return declared.paging(page_request, found)


def read_page_request(
    request: Request, size: int = DEFAULT_PAGE_SIZE, max_size: int = _MAX_PAGE_SIZE
) -> PageRequest:
    """Return the page that is requested; repeated parameters are joined by commas."""
    given = request.query_params
    return PageRequest(
        path=request.url.path,
        size=min(read_parameter(request, "pageSize", size), max_size),
        number=read_parameter(request, "pageNumber", 1),
        query={name: ",".join(given.getlist(name)) for name in given},
    )


def _division(entity: Document) -> str | None:
    """Return the division that an entity belongs to, if any."""
    division: str | None = entity.get("division", {}).get("id")
    return division or entity.get("divisionId")


def _filled(path: str, ids: tuple[str, ...]) -> str:
    """Return a path with its ids."""
    parts = iter(ids)
    return "/".join(
        next(parts) if part.startswith("{") else part for part in path.split("/")
    )
