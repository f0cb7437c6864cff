"""What of their entities lists show, as the query string asks for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.api.errors import bad_request, invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genesys_cloud_sandbox.world.timeline import Document

    Shown = Callable[[list[Document], Mapping[str, str]], list[Document]]

_EXPANDABLE = (
    "dateLastLogin", "employerInfo", "groups", "languages", "locations",
    "profileSkills", "skills", "team",
)  # fmt: skip
_STATES = ("active", "inactive", "deleted", "any")
_FLAGS = ("false", "true")
_TYPES = ("All", "Public", "Private", "Shared", "Favorites")
_OWNERS = ("OwnedByMe", "OwnedByAnyone", "NotOwnedByMe")


def users_shown(users: list[Document], query: Mapping[str, str]) -> list[Document]:
    """The users of a state, `active` if none is named, as far as they are expanded."""
    state = query.get("state", _STATES[0])
    if state not in _STATES:
        raise invalid_value(state, "state", _STATES)
    expanded = query.get("expand", "").split(",")
    hidden = [name for name in _EXPANDABLE if name not in expanded]
    return [
        {name: value for name, value in user.items() if name not in hidden}
        for user in users
        if state in ("any", user["state"])
    ]


def flows_shown(flows: list[Document], query: Mapping[str, str]) -> list[Document]:
    """All flows but those that were deleted; `deleted=true` includes them."""
    deleted = _flag(query, "deleted")
    return [flow for flow in flows if deleted or not flow["deleted"]]


def presences_shown(
    definitions: list[Document], query: Mapping[str, str]
) -> list[Document]:
    """The definitions in use, or with `deactivated=TRUE` those no longer in use."""
    deactivated = _flag(query, "deactivated")
    return [x for x in definitions if x["deactivated"] is deactivated]


def dashboards_shown(
    dashboards: list[Document], query: Mapping[str, str]
) -> list[Document]:
    """The dashboards of a type and of an owner, both of which are required."""
    for name, known in (("dashboardType", _TYPES), ("dashboardAccessFilter", _OWNERS)):
        if name not in query:
            message = f"{name} is required."
            raise bad_request(message)
        if query[name] not in known:
            raise invalid_value(query[name], name, known)
    public = {"All": (True, False), "Public": (True,), "Private": (False,)}
    wanted = public.get(query["dashboardType"], ())
    if query["dashboardAccessFilter"] == "OwnedByMe":
        # A client has none.
        return []
    return [each for each in dashboards if each["publicDashboard"] in wanted]


def _flag(query: Mapping[str, str], name: str) -> bool:
    value = query.get(name, _FLAGS[0]).lower()
    if value not in _FLAGS:
        raise invalid_value(value, name, _FLAGS)
    return value == _FLAGS[1]
