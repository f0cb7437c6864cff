"""Architect flows, flow outcomes and milestones, scripts, knowledge bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, modified, reference
from genesys_cloud_sandbox.world.organization import Flow, Named
from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_FLOWS = "/api/v2/flows"
_DELETED_FLOW = "Old menu"
_MILESTONES = ("Identified", "Intent known", "Handed over")
_KNOWLEDGE_BASES = ("Internal procedures", "Réclamations")


def flows(directory: Directory, _now: int) -> list[Document]:
    """Return Architect flows of all types, and one that was deleted."""
    divisions = directory.organization.divisions
    identifier = directory.identifier("flow", _DELETED_FLOW)
    deleted = Flow(identifier, _DELETED_FLOW, "INBOUNDCALL", "9.0")
    known = directory.organization.flows.values()
    return [
        directory.entity(
            "Flow",
            flow,
            divisions[place % len(divisions)].id,
            type=flow.flow_type,
            active=flow is not deleted,
            deleted=flow is deleted,
            **dict.fromkeys(
                ("publishedVersion", "savedVersion", "checkedInVersion"),
                _version(directory, flow),
            ),
            publishedBy=reference(USERS, directory.supervisor),
        )
        for place, flow in enumerate([*(x for each in known for x in each), deleted])
    ]


def _version(directory: Directory, flow: Flow) -> Document:
    return directory.entity(
        "FlowVersion",
        Named(flow.id, flow.version),
        id=flow.version,
        commitVersion=flow.version.partition(".")[0],
        configurationVersion=flow.version,
        type="PUBLISH",
        createdBy=reference(USERS, directory.supervisor),
        dateCreated=unstamp(modified(flow.id)),
        selfUri=f"{_FLOWS}/{flow.id}/versions/{flow.version}",
    )


def flow_outcomes(directory: Directory, _now: int) -> list[Document]:
    """Return what flows can achieve."""
    outcomes = directory.organization.flow_outcomes
    return [directory.entity("FlowOutcome", outcome) for outcome in outcomes]


def flow_milestones(directory: Directory, _now: int) -> list[Document]:
    """Return what flows pass on the way to an outcome."""
    milestones = directory.named("milestone", *_MILESTONES)
    return [directory.entity("FlowMilestone", milestone) for milestone in milestones]


def scripts(directory: Directory, _now: int) -> list[Document]:
    """Return the script of each queue."""
    return [
        directory.entity(
            "Script",
            Named(queue.script_id, f"Script for {queue.name}"),
            queue.division_id,
            versionId=directory.identifier("script version", queue.script_id),
            startPageId=directory.identifier("script page", queue.script_id),
        )
        for queue in directory.organization.queues
    ]


def knowledge_bases(directory: Directory, _now: int) -> list[Document]:
    """Return the knowledge bases of bots and of agents."""
    named = directory.named("knowledge base", *_KNOWLEDGE_BASES)
    bases = (*directory.organization.knowledge_bases, *named)
    return [directory.entity("KnowledgeBase", base, published=True) for base in bases]
