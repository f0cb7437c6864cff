"""Which conversations there are, in what mix, and how each one is written."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from genesys_cloud_sandbox.world import digital, voice
from genesys_cloud_sandbox.world.afterwards import add_aftermath, correct
from genesys_cloud_sandbox.world.draft import Draft
from genesys_cloud_sandbox.world.features import add_features
from genesys_cloud_sandbox.world.life import Life
from genesys_cloud_sandbox.world.times import DAY, HOUR, stamp
from genesys_cloud_sandbox.world.untidy import add_dirty_text, add_extra_fields

if TYPE_CHECKING:
    from genesys_cloud_sandbox.world.organization import Organization

LONGEST_LIFE = 11 * DAY
"""Milliseconds that the longest conversation can live; an e-mail, what else."""
_KINDS = (
    (440, "voice", 12 * HOUR, voice.inbound),
    (90, "voice", 12 * HOUR, voice.outbound),
    (50, "voice", 12 * HOUR, voice.campaign),
    (40, "callback", 4 * DAY, voice.callback),
    (80, "chat", 12 * HOUR, digital.chat),
    (150, "message", 2 * DAY, digital.message),
    (110, "email", LONGEST_LIFE, digital.email),
    (15, "internalmessage", 12 * HOUR, digital.internal_message),
    (8, "video", 12 * HOUR, digital.shown),
    (6, "cobrowse", 12 * HOUR, digital.shown),
    (5, "screenshare", 12 * HOUR, digital.shown),
    (4, "screenmonitoring", 12 * HOUR, digital.shown),
    (2, "unknown", 12 * HOUR, digital.shown),
)
_BOUNDS = tuple(accumulate(weight for weight, _media, _longest, _story in _KINDS))


def longest_life(seed: int) -> int:
    """How long the conversation of a seed can live, which its first draw decides."""
    return _KINDS[_kind(Random(seed))][2]


def write(  # noqa: PLR0913 (too-many-arguments: what a conversation depends on)
    organization: Organization,
    identifier: str,
    seed: int,
    start: int,
    *,
    dirty_text: float = 0,
    extra_fields: float = 0,
) -> Life:
    """The life of a conversation; `seed` is its own, `start` in milliseconds UTC."""
    rng = Random(seed)
    _weight, media, _longest, story = _KINDS[_kind(rng)]
    draft = Draft(rng, organization, start, media)
    draft.document = {
        "conversationId": identifier,
        "conversationStart": stamp(start),
        "participants": draft.participants,
    }
    story(draft)
    draft.document["originatingDirection"] = draft.direction
    draft.document["divisionIds"] = _divisions(draft)
    add_features(draft)
    add_aftermath(draft)
    if dirty_text:
        add_dirty_text(draft, dirty_text)
    if extra_fields:
        add_extra_fields(draft, extra_fields)
    correction = correct(draft)
    return Life(draft.document, draft.latest, correction)


def _kind(rng: Random) -> int:
    return bisect(_BOUNDS, rng.random() * _BOUNDS[-1])


def _divisions(draft: Draft) -> list[str]:
    divisions = {queue.division_id: None for _agent, queue in draft.answered}
    divisions |= {agent.division_id: None for agent, _queue in draft.answered}
    return list(divisions) or [draft.organization.divisions[0].id]
