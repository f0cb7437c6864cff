"""The mix of conversations, and how each one is written."""

from __future__ import annotations

from bisect import bisect
from copy import deepcopy
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world import digital, voice
from genesys_cloud_sandbox.world.conversation_builder import Builder
from genesys_cloud_sandbox.world.conversation_details import (
    CORRECTION_DELAY,
    LONGEST_DURATION,
    Conversation,
    Correction,
)
from genesys_cloud_sandbox.world.evaluations import add_evaluations
from genesys_cloud_sandbox.world.rare_fields import (
    add_malformed_text,
    add_rare_fields,
    add_unknown_fields,
)
from genesys_cloud_sandbox.world.timeline import metric
from genesys_cloud_sandbox.world.times import DAY, HOUR, stamp

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Organization

_CORRECTED = 0.01
#: Weight, media type, longest duration, and what builds such a conversation.
_KINDS = (
    (440, "voice", 12 * HOUR, voice.inbound),
    (90, "voice", 12 * HOUR, voice.outbound),
    (50, "voice", 12 * HOUR, voice.campaign),
    (40, "callback", 4 * DAY, voice.callback),
    (80, "chat", 12 * HOUR, digital.chat),
    (150, "message", 2 * DAY, digital.message),
    (110, "email", LONGEST_DURATION, digital.email),
    (15, "internalmessage", 12 * HOUR, digital.internal_message),
    (8, "video", 12 * HOUR, digital.visual),
    (6, "cobrowse", 12 * HOUR, digital.visual),
    (5, "screenshare", 12 * HOUR, digital.visual),
    (4, "screenmonitoring", 12 * HOUR, digital.visual),
    (2, "unknown", 12 * HOUR, digital.visual),
)
_BOUNDS = tuple(accumulate(weight for weight, _media, _longest, _build in _KINDS))


def longest_duration(seed: int) -> int:
    """Return how long the conversation of a seed can last; its first draw decides."""
    return _KINDS[_kind(Random(seed))][2]


def write(  # noqa: PLR0913 (too-many-arguments: what a conversation depends on)
    organization: Organization,
    identifier: str,
    seed: int,
    start: int,
    *,
    dirty_text: float = 0,
    extra_fields: float = 0,
) -> Conversation:
    """Return a conversation; `seed` is its own, `start` in milliseconds UTC."""
    rng = Random(seed)
    _weight, media, _longest, build = _KINDS[_kind(rng)]
    builder = Builder(rng, organization, start, media)
    builder.document = {
        "conversationId": identifier,
        "conversationStart": stamp(start),
        "participants": builder.participants,
    }
    build(builder)
    builder.document["originatingDirection"] = builder.direction
    builder.document["divisionIds"] = _divisions(builder)
    add_rare_fields(builder)
    add_evaluations(builder)
    if dirty_text:
        add_malformed_text(builder, dirty_text)
    if extra_fields:
        add_unknown_fields(builder, extra_fields)
    correction = _correct(builder)
    return Conversation(builder.document, builder.latest, correction)


def _correct(builder: Builder) -> Correction | None:
    """Change about one settled conversation in a hundred, days after its start."""
    if not builder.chance(_CORRECTED):
        return None
    at = builder.happens_at(builder.start + CORRECTION_DELAY)
    before = deepcopy(builder.document)
    session = builder.participants[-1]["sessions"][-1]
    for segment in session["segments"]:
        if "wrapUpCode" in segment:
            code = builder.rng.choice(builder.organization.wrap_up_codes)
            segment["wrapUpCode"] = code.id
    session.setdefault("metrics", []).append(metric("nStateTransitionError", 1, at))
    return Correction(stamp(at), before)


def _kind(rng: Random) -> int:
    return bisect(_BOUNDS, rng.random() * _BOUNDS[-1])


def _divisions(builder: Builder) -> list[str]:
    divisions = {queue.division_id: None for _agent, queue in builder.answered}
    divisions |= {agent.division_id: None for agent, _queue in builder.answered}
    return list(divisions) or [builder.organization.divisions[0].id]
