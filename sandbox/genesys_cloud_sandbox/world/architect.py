"""Architect flows, flow outcomes and milestones, scripts, knowledge bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world.entities import USERS, modified, reference
from genesys_cloud_sandbox.world.organization import Flow, Named
from genesys_cloud_sandbox.world.times import unstamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.directory import Directory
    from genesys_cloud_sandbox.world.timeline import Document

_FLOWS = "/api/v2/flows"
_DELETED_FLOW = "Old menu"
_MILESTONES = ("Identified", "Intent known", "Handed over")
_KNOWLEDGE_BASES = ("Internal procedures", "Réclamations")


def flows(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield Architect flows of all types, and one that was deleted."""
    divisions = directory.organization.divisions
    identifier = directory.identifier("flow", _DELETED_FLOW)
    deleted = Flow(identifier, _DELETED_FLOW, "INBOUNDCALL", "9.0")
    known = [x for flows in directory.organization.flows.values() for x in flows]
    for place, flow in enumerate([*known, deleted]):
        version = _version(directory, flow)
        yield directory.entity(
            "Flow",
            flow,
            divisions[place % len(divisions)].id,
            type=flow.flow_type,
            active=flow is not deleted,
            deleted=flow is deleted,
            publishedVersion=version,
            savedVersion=version,
            checkedInVersion=version,
            publishedBy=reference(USERS, directory.supervisor),
        )


def _version(directory: Directory, flow: Flow) -> Document:
    return directory.entity(
        "FlowVersion",
        Named(flow.id, flow.version),
        id=flow.version,
        commitVersion=flow.version.partition(".")[0],
        configurationVersion=flow.version,
        createdBy=reference(USERS, directory.supervisor),
        dateCreated=unstamp(modified(flow.id)),
        selfUri=f"{_FLOWS}/{flow.id}/versions/{flow.version}",
    )


def flow_outcomes(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield what flows can achieve."""
    for outcome in directory.organization.flow_outcomes:
        yield directory.entity("FlowOutcome", outcome)


def flow_milestones(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield what flows pass on the way to an outcome."""
    for milestone in directory.named("milestone", *_MILESTONES):
        yield directory.entity("FlowMilestone", milestone)


def scripts(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the script of each queue."""
    for queue in directory.organization.queues:
        yield directory.entity(
            "Script",
            Named(queue.script_id, f"Script for {queue.name}"),
            queue.division_id,
            versionId=directory.identifier("script version", queue.script_id),
            startPageId=directory.identifier("script page", queue.script_id),
        )


def knowledge_bases(directory: Directory, _now: int) -> Iterator[Document]:
    """Yield the knowledge bases of bots and of agents."""
    named = directory.named("knowledge base", *_KNOWLEDGE_BASES)
    for base in (*directory.organization.knowledge_bases, *named):
        yield directory.entity("KnowledgeBase", base)
