"""Conversations are lifelike, and grow as time goes by."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from PureCloudPlatformClientV2 import models

from genesys_cloud_sandbox.world.conversation_details import (
    LONGEST_DURATION,
    Conversation,
    as_of,
    ended,
    without_attributes,
)
from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.times import DAY, HOUR, MINUTE, unstamp
from tests.sdk_models import unknown_keys, unused_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_cloud_sandbox.world.timeline import Document

_DURATIONS = {
    "interact": "tTalk",
    "hold": "tHeld",
    "parked": "tPark",
    "wrapup": "tAcw",
    "alert": "tAlert",
}
_DAY = 20_500
_MEDIA = {
    "callback", "chat", "cobrowse", "email", "internalmessage", "message",
    "screenmonitoring", "screenshare", "unknown", "video", "voice",
}  # fmt: skip


@pytest.fixture(scope="module")
def lives() -> list[Conversation]:
    """Three thousand conversations of one day."""
    world = World(conversations_per_day=3_000)
    day = world.day(_DAY)
    return [world.conversation(_DAY, index) for index in day.indexes]


def sessions(document: Document) -> Iterator[tuple[Document, Document]]:
    """Every session, after its participant."""
    for participant in document["participants"]:
        for session in participant["sessions"]:
            yield participant, session


def test_every_key_is_a_field_of_the_official_model(lives: list[Conversation]) -> None:
    """Genesys' names only, at every level."""
    for life in lives:
        assert not unknown_keys(life.document, models.AnalyticsConversation)


def test_every_field_of_the_official_models_occurs(lives: list[Conversation]) -> None:
    """In a few thousand conversations a reader meets all that the API may send."""
    documents = [life.document for life in lives]
    assert unused_fields(documents, models.AnalyticsConversation) == set()


def test_no_life_is_longer_than_its_kind_allows() -> None:
    """What started too long ago needs no looking at: jobs rely on it."""
    world = World(conversations_per_day=20_000)
    day = world.day(_DAY)
    shares: dict[int, float] = {}
    for start, index in list(zip(day.starts, day.indexes, strict=True))[::3]:
        longest = world.longest_duration(_DAY, index)
        share = (ended(world.conversation(_DAY, index)) - start) / longest
        shares[longest] = max(share, shares.get(longest, 0))
    assert max(shares) == LONGEST_DURATION == 11 * DAY
    assert all(0.05 < share < 1 for share in shares.values())


def test_all_media_types_occur(lives: list[Conversation]) -> None:
    """Also the rare ones."""
    met = {s["mediaType"] for life in lives for _, s in sessions(life.document)}
    assert met == _MEDIA


def test_durations_of_agents_agree_with_their_segments(
    lives: list[Conversation],
) -> None:
    """TTalk is the sum of the interact segments, tHandle that of all handling."""
    for session in _agent_sessions(lives):
        lengths: Counter[str] = Counter()
        for segment in session["segments"]:
            length = unstamp(segment["segmentEnd"]) - unstamp(segment["segmentStart"])
            lengths[_DURATIONS.get(segment["segmentType"], "")] += length
        totals = _totals(session)
        for name in _DURATIONS.values():
            assert totals.get(name, 0) == lengths[name], name
        for name in ("tTalk", "tHeld", "tPark"):
            assert totals.get(f"{name}Complete", 0) in (totals.get(name, 0), 0)
        if "tHandle" in totals and "tActiveCallback" not in totals:
            handled = lengths["tTalk"] + lengths["tHeld"] + lengths["tAcw"]
            assert totals["tHandle"] == handled


def test_queues_offer_and_customers_are_answered_or_give_up(
    lives: list[Conversation],
) -> None:
    """An abandoned wait is not answered; an answered one lasted as long as it says."""
    abandoned = answered = 0
    for life in lives:
        queued = [
            _totals(s) for p, s in sessions(life.document) if p["purpose"] == "acd"
        ]
        waits = sum(x["tAcd"] for x in queued if "tAbandon" not in x)
        met = [_totals(s) for _p, s in sessions(life.document)]
        for totals in queued:
            assert totals["nOffered"] == 1
            assert totals["tAcd"] == totals["tWait"]
            assert totals.get("tAbandon", totals["tAcd"]) == totals["tAcd"]
        if any("tAbandon" in totals for totals in queued):
            abandoned += 1
            assert not any("tAnswered" in totals for totals in met)
        elif any("tAnswered" in totals for totals in met):
            answered += 1
            assert waits == sum(totals.get("tAnswered", 0) for totals in met)
    assert abandoned > 50
    assert answered > 1_000


def test_agents_transfer_consult_hold_and_miss_calls(lives: list[Conversation]) -> None:
    """What a contact centre's reports are about is there to be reported."""
    names = Counter(
        metric["name"]
        for life in lives
        for _, session in sessions(life.document)
        for metric in session.get("metrics", ())
    )
    for name in (
        "nTransferred", "nBlindTransferred", "nConsult", "nConsultTransferred",
        "tHeld", "tNotResponding", "tAbandon", "nOverSla", "tVoicemail", "nFlowOutcome",
        "nOutboundConnected", "tCallbackConnect", "oMessageCount", "tMonitoring",
    ):  # fmt: skip
        assert names[name] >= 3, name


def test_equal_segments_and_equal_metrics_occur(lives: list[Conversation]) -> None:
    """Two segments, two metrics of a session may be equal to the last field."""
    for level in ("segments", "metrics"):
        assert any(
            items.count(item) > 1
            for life in lives
            for _, session in sessions(life.document)
            for items in [session.get(level, [])]
            for item in items
        )


def test_wrapping_up_goes_on_after_the_end(lives: list[Conversation]) -> None:
    """Agents write their notes when the customer has gone; some run out of time."""
    wrapups = [
        (segment, life.document)
        for life in lives
        for _, session in sessions(life.document)
        for segment in session["segments"]
        if segment["segmentType"] == "wrapup"
    ]
    late = [s for s, d in wrapups if s["segmentEnd"] > d["conversationEnd"]]
    assert len(late) > len(wrapups) / 2
    codes = {segment["wrapUpCode"] for segment, _ in wrapups}
    assert "ININ-WRAP-UP-TIMEOUT" in codes


def test_emails_live_for_days(lives: list[Conversation]) -> None:
    """Some cross several midnights, worked on in turns."""
    long = [
        life.document
        for life in lives
        if unstamp(life.document["conversationEnd"]) // DAY > _DAY + 1
    ]
    assert any(
        session["mediaType"] == "email"
        and sum(s["segmentType"] == "interact" for s in session["segments"]) > 2
        for document in long
        for _, session in sessions(document)
    )


def test_nothing_is_known_before_it_happens(lives: list[Conversation]) -> None:
    """No moment in an answer is later than the answer, but for plans."""
    planned = {"callbackScheduledTime", "inactivityTimeout"}
    for life in lives[::7]:
        started = unstamp(life.document["conversationStart"])
        assert as_of(life, started - 1) is None
        for later in (0, MINUTE, 5 * MINUTE, HOUR, 12 * HOUR, 2 * DAY, 5 * DAY):
            seen = as_of(life, started + later)
            assert seen is not None
            moments = [x for name, x in _moments(seen) if name not in planned]
            assert max(moments) <= started + later


def test_later_answers_never_lose_what_earlier_ones_had(
    lives: list[Conversation],
) -> None:
    """Participants, sessions, segments and metrics only get more."""
    for life in lives[::5]:
        started = unstamp(life.document["conversationStart"])
        before: Counter[tuple[str, ...]] = Counter()
        for later in (0, MINUTE, 5 * MINUTE, HOUR, 12 * HOUR, 2 * DAY, 4 * DAY):
            after = _inventory(as_of(life, started + later))
            assert before <= after
            before = after
        assert before <= _inventory(life.document)


def test_settled_is_when_nothing_changes_any_more(lives: list[Conversation]) -> None:
    """One millisecond earlier something was missing."""
    for life in lives:
        assert as_of(life, life.settled) == life.document
        assert as_of(life, life.settled - 1) != life.document
        planned = {"callbackScheduledTime", "inactivityTimeout"}
        moments = [x for name, x in _moments(life.document) if name not in planned]
        assert max(moments) <= life.settled


def test_some_conversations_are_open_now(lives: list[Conversation]) -> None:
    """Without conversationEnd, and with a segment that is running."""
    noon = _DAY * DAY + 12 * HOUR
    seen = [x for life in lives if (x := as_of(life, noon))]
    running = [x for x in seen if "conversationEnd" not in x]
    assert 10 < len(running) < len(seen) / 2
    assert all(
        any("segmentEnd" not in s for _, x in sessions(document) for s in x["segments"])
        for document in running
    )


def test_evaluations_surveys_and_resolutions_come_days_later(
    lives: list[Conversation],
) -> None:
    """None when a conversation ends; a survey is sent before it is answered."""
    names = ("evaluations", "surveys", "resolutions")
    late: Counter[str] = Counter()
    sent = 0
    for life in lives:
        ended = unstamp(life.document["conversationEnd"])
        at_end = as_of(life, ended)
        assert at_end is not None
        for name in names:
            assert name not in at_end
            late[name] += name in life.document
        next_day = as_of(life, ended + DAY)
        assert next_day is not None
        sent += any(
            "surveyCompletedDate" not in survey
            for survey in next_day.get("surveys", ())
        )
    assert min(late[name] for name in names) > 20
    assert sent > 20


def test_the_nightly_run_corrects_a_few_on_the_third_day(
    lives: list[Conversation],
) -> None:
    """About one in a hundred, three days after the start."""
    corrected = [life for life in lives if life.correction]
    assert 10 < len(corrected) < 60
    for life in corrected:
        third = unstamp(life.document["conversationStart"]) + 3 * DAY
        before, after = as_of(life, third - 1), as_of(life, third)
        assert before is not None
        assert after is not None
        assert _inventory(before) < _inventory(after)


def test_attributes_are_for_jobs_only(lives: list[Conversation]) -> None:
    """The settled document has them, the query's does not."""
    document = lives[0].document
    assert any("attributes" in x for x in document["participants"])
    seen = without_attributes(document)
    assert not unknown_keys(seen, models.AnalyticsConversationWithoutAttributes)


def test_untidy_worlds_have_broken_text_and_new_fields() -> None:
    """Only when asked for."""
    world = World(1, 300, dirty_text=0.1, extra_fields=0.01)
    texts = [
        participant.get("participantName", "")
        for index in range(300)
        for participant in world.conversation(_DAY, index).document["participants"]
    ]
    assert any("\x00" in text for text in texts)
    assert any("\ud83d" in text for text in texts)
    unknown = set[str]()
    for index in range(300):
        document = world.conversation(_DAY, index).document
        unknown |= unknown_keys(document, models.AnalyticsConversation)
    assert len(unknown) > 4


def _agent_sessions(lives: list[Conversation]) -> Iterator[Document]:
    for life in lives:
        for participant, session in sessions(life.document):
            if participant["purpose"] == "agent":
                yield session


def _totals(session: Document) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for metric in session.get("metrics", ()):
        totals[metric["name"]] += metric["value"]
    return dict(totals)


def _inventory(document: Document | None) -> Counter[tuple[str, ...]]:
    """What there is of each kind; equal ones are counted."""
    assert document is not None
    found: list[tuple[str, ...]] = []
    for participant, session in sessions(document):
        path = (participant["participantId"], session["sessionId"])
        found += [
            (*path, x["segmentType"], x["segmentStart"]) for x in session["segments"]
        ]
        found += [
            (*path, x["name"], str(x["value"]), x["emitDate"])
            for x in session.get("metrics", ())
        ]
    return Counter(found)


def _moments(item: Any, name: str = "") -> Iterator[tuple[str, int]]:
    if isinstance(item, dict):
        for key, value in item.items():
            yield from _moments(value, key)
    elif isinstance(item, list):
        for value in item:
            yield from _moments(value, name)
    elif isinstance(item, str) and len(item) == 24 and item.endswith("Z"):
        yield name, unstamp(item)
