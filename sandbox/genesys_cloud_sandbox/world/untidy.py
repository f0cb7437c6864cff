"""What real data has and nobody ordered: broken text, and fields nobody announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.draft import Draft
    from genesys_cloud_sandbox.world.timeline import Document

_DIRT = (
    "cut \x00 off",
    "half an emoji \ud83d",
    "\x00",
    "\udc00 low alone \x00 and NUL",
)


def add_dirty_text(draft: Draft, share: float) -> None:
    """Put NUL characters and lone surrogates into a share of the participants."""
    for participant in draft.participants:
        if draft.chance(share):
            participant["participantName"] = draft.rng.choice(_DIRT)
            for segment in participant["sessions"][-1]["segments"]:
                if segment["segmentType"] == "wrapup":
                    segment["wrapUpNote"] = draft.rng.choice(_DIRT)
            participant.setdefault("attributes", {})["remark"] = draft.rng.choice(_DIRT)


def add_extra_fields(draft: Draft, share: float) -> None:
    """Add fields that no model has to a share of the objects of every level."""
    for level, item in _objects(draft.document):
        if draft.chance(share):
            item[f"new{level}Field"] = {"since": "next Monday", "values": [1, None]}


def _objects(document: Document) -> Iterator[tuple[str, Document]]:
    yield "Conversation", document
    for name in ("evaluations", "surveys", "resolutions"):
        for item in document.get(name, ()):
            yield name[:-1].capitalize(), item
    for participant in document["participants"]:
        yield "Participant", participant
        for session in participant["sessions"]:
            yield "Session", session
            if "flow" in session:
                yield "Flow", session["flow"]
                for outcome in session["flow"].get("outcomes", ()):
                    yield "Outcome", outcome
            for level in ("segments", "metrics", "mediaEndpointStats"):
                for item in session.get(level, ()):
                    yield level[:-1].capitalize(), item
