"""What a sandbox can be told: its world, its limits, its reading of open points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

SubDayMatching = Literal["day", "activity"]
PastTheEnd = Literal["empty-object", "total-zero", "total", "empty-list"]
EmptyAggregates = Literal["empty-object", "empty-list"]
RateLimitPer = Literal["token", "client"]


def utc_now() -> datetime:
    """The present, UTC."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class SandboxOptions:
    """Every option of a sandbox."""

    seed: int = 1
    conversations_per_day: int = 200
    users: int = 94
    """How many users there are at least: 60 agents, and others, some of them gone."""
    members_per_queue: int = 10
    """Ten of them answer; more of them than there are users make more users."""
    clock: Callable[[], datetime] = utc_now
    """What time it is in the world; tokens and rate limits go by real time."""
    client_id: str = "sandbox"
    client_secret: str = "sandbox-secret"  # noqa: S105 (hardcoded-password-string: it guards nothing)
    clients: tuple[str, ...] = ()
    """More OAuth clients that may log in, each as `id:secret`."""
    api_port: int = 0
    """0: any free port."""
    login_port: int = 0
    expires_in: int = 86_400
    """Seconds that a token lives."""
    requests_per_minute: int = 300
    """Per token, or per client; 0: no limit."""
    rate_limit_per: RateLimitPer = "token"
    """What has a count of its own: a token, or an OAuth client with all its tokens."""
    latency: float = 0
    """Seconds that each answer takes more."""
    fault_specs: tuple[str, ...] = ()
    """As `Faults.add` reads them."""

    sub_day_matching: SubDayMatching = "day"
    """Which conversations of a touched UTC day match an interval shorter than it:
    all that started on it, or of these the ones with activity in the interval."""
    past_the_end: PastTheEnd = "empty-object"
    """The body past the last page: `{}`, totalHits alone (0, or the number of hits),
    or an empty list of conversations with the number of hits."""
    tutorial_paging: bool = False
    """Whether the details query answers `data` and `paging`, as an old tutorial."""
    bad_credentials_status: Literal[400, 401] = 400
    max_page_size: int = 100
    result_cap: int = 100_000
    """pageNumber times pageSize may not go past it."""
    payload_limit: int = 0
    """Bytes of a page above which 413 is answered; 0: no limit."""
    total_hits_error: float = 0
    """Share by which totalHits is off, up or down, differently every second."""
    dirty_text: float = 0
    """Share of participants with NUL characters or lone surrogates in their texts."""
    extra_fields: float = 0
    """Share of objects with a field that no model has."""
    late_arrivals: float = 0
    """Share of conversations that the details query does not find from their start."""
    late_arrival_seconds: int = 120
    """How long after their start it finds them at the latest."""

    empty_aggregates: EmptyAggregates = "empty-object"
    """The answer of an aggregate query that finds nothing: `{}`, or an empty list."""
    aggregate_result_limit: int = 30_000
    """How many results it may have: groups times buckets times metrics."""

    watermark_lag: int = 21_600
    """Seconds by which the data that jobs read is behind, at least."""
    user_watermark_lag: int = 18_000
    """Seconds by which the data that users' jobs read is behind, at least."""
    watermark_step: int = 3_600
    """Seconds by which they move on at a time."""
    job_seconds: float = 0.2
    """Real seconds that a job takes, at least."""
    results_delay: float = 0
    """Real seconds after which a fulfilled job has its results."""
    results_lifetime: float = 86_400
    """Real seconds for which a fulfilled job has them."""
    max_concurrent_jobs: int = 5
    """How many jobs may be under way at a time."""
    schedules_inline: int = 100
    """Agents whose schedules are answered at once; those of more are downloaded."""
    hide_spanning_statuses: bool = False
    """Whether the query for users leaves out what lasts all through its interval."""
    jobs_forbidden: bool = False
    """Whether the client may not use details jobs."""
    forbidden: tuple[str, ...] = ()
    """Paths that the client may not use; `*` matches anything, also slashes."""
    visible_divisions: int = 0
    """How many of the organization's divisions the client sees, in their order; 0: all.

    Conversations and entities of the others are left out, without a word.
    """
