"""Dashboards that supervisors put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.directory import (
    USERS,
    created,
    link,
    modified,
)

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_DASHBOARDS = "/api/v2/analytics/reporting/settings/dashboards"
_VIEWS = ("Today", "Service level", "Agents at work", "Überblick")


def dashboards(directory: Directory) -> list[Document]:
    """A few for each queue."""
    names = [
        f"{queue.name}: {view}"
        for queue in directory.organization.queues
        for view in _VIEWS
    ]
    return [
        {
            "id": dashboard.id,
            "name": dashboard.name,
            "rows": 2,
            "columns": 2,
            "widgets": [
                {
                    "row": 1,
                    "column": 1,
                    "title": dashboard.name,
                    "type": "METRIC",
                    "metrics": ["nOffered", "tAnswered"],
                    "mediaTypes": ["voice"],
                    "splitFilters": False,
                    "showLongest": False,
                    "sortOrder": "ascending",
                }
            ],
            "favorite": False,
            "publicDashboard": place % 2 == 0,
            "restricted": False,
            "layoutType": "Grid",
            "dateCreated": created(dashboard.id),
            "dateModified": modified(dashboard.id),
            "createdBy": link(USERS, directory.supervisor.id),
            "shared": False,
            "selfUri": f"{_DASHBOARDS}/{dashboard.id}",
        }
        for place, dashboard in enumerate(directory.named("dashboard", *names))
    ]
