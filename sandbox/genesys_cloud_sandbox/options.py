"""The options of a sandbox: its world, its limits, and its reading of open points."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

if TYPE_CHECKING:
    from collections.abc import Callable

SubDayMatching = Literal["day", "activity"]
PastTheEnd = Literal["empty-object", "total-zero", "total", "empty-list"]
EmptyAggregates = Literal["empty-object", "empty-list"]
RateLimitPer = Literal["token", "client"]
RefusedLogin = Literal[400, 401]
Value = TypeVar("Value")


def utc_now() -> datetime:
    """Return the present, UTC."""
    return datetime.now(timezone.utc)


def _option(default: Value, text: str, choices: object = None, **more: Any) -> Value:  # noqa: ANN401 (any-type: bounds, flag, metavar)
    """Declare a field that the command line has an option for.

    `low` and `high` are its bounds, `flag` is its name where that is not the field's.
    """
    metadata = {"help": text, "choices": get_args(choices), **more}
    return field(default=default, metadata=metadata)


def _share(text: str) -> float:
    return _option(0.0, text, low=0, high=1)


@dataclass(frozen=True)
class SandboxOptions:
    """Every option of a sandbox; the command line has one for each but the clock."""

    #: What time it is in the world; tokens and rate limits go by real time.
    clock: Callable[[], datetime] = utc_now

    seed: int = _option(1, "The world: the same seed, the same conversations.")
    conversations_per_day: int = _option(
        200, "How many conversations start on each UTC day.", low=1, high=10_000_000
    )
    users: int = _option(94, "Users: 60 agents, and others.", low=60)
    members_per_queue: int = _option(
        10,
        "Members of each queue, ten of whom answer. More members than there are users "
        "make more users.",
        low=10,
    )

    api_port: int = _option(
        0, "Port of the API host; 0: any free one.", low=0, high=65_535
    )
    login_port: int = _option(
        0, "Port of the login host; 0: any free one.", low=0, high=65_535
    )
    client_id: str = _option("sandbox", "OAuth client that may log in.")
    client_secret: str = _option("sandbox-secret", "Its secret.")
    clients: tuple[str, ...] = _option(
        (),
        "One more OAuth client that may log in. Repeatable.",
        flag="--client",
        metavar="ID:SECRET",
    )
    bad_credentials_status: RefusedLogin = _option(
        400, "Status of a refused login.", RefusedLogin
    )
    expires_in: int = _option(86_400, "Seconds that a token lives.", low=1)

    requests_per_minute: int = _option(
        300, "Requests per minute, per token or client; 0: no limit.", low=0
    )
    rate_limit_per: RateLimitPer = _option(
        "token",
        "What has a count of its own: a token, or a client with all its tokens.",
        RateLimitPer,
    )
    latency: float = _option(0.0, "Seconds that each answer takes more.", low=0)
    fault_specs: tuple[str, ...] = _option(
        (),
        "Let requests go wrong: KIND@WHEN[;key=value…], for instance "
        "too-many-requests@0.05;retry-after=1, drop@every:10, "
        "server-error@next:3;status=502. Repeatable.",
        flag="--fault",
        metavar="SPEC",
    )

    sub_day_matching: SubDayMatching = _option(
        "day",
        "Which conversations match, of a UTC day that an interval covers in part: all "
        "that started on it, or of these only the ones active in the interval.",
        SubDayMatching,
    )
    past_the_end: PastTheEnd = _option(
        "empty-object",
        "The body past the last page: {}, totalHits alone (0, or the number of hits), "
        "or an empty list with the number of hits.",
        PastTheEnd,
    )
    tutorial_paging: bool = _option(
        default=False,
        text="Let the details query answer `data` and `paging`, as an old tutorial.",
    )
    max_page_size: int = _option(100, "Largest pageSize.", low=1)
    result_cap: int = _option(
        100_000, "pageNumber times pageSize may not go past it.", low=1
    )
    payload_limit: int = _option(
        0, "Bytes of a page above which 413 is answered; 0: no limit.", low=0
    )
    total_hits_error: float = _share(
        "Share by which totalHits is off, up or down, differently every second."
    )
    dirty_text: float = _share(
        "Share of participants with NUL characters or lone surrogates in their texts."
    )
    extra_fields: float = _share("Share of objects with a field that no model has.")
    late_arrivals: float = _share(
        "Share of conversations that queries find only some time after the start."
    )
    late_arrival_seconds: int = _option(120, "Longest such time.", low=1)

    empty_aggregates: EmptyAggregates = _option(
        "empty-object",
        "The answer of an aggregate query that finds nothing: {}, or an empty list.",
        EmptyAggregates,
    )
    aggregate_result_limit: int = _option(
        30_000,
        "Most results of an aggregate query: groups times buckets times metrics.",
        low=1,
    )

    watermark_lag: int = _option(
        21_600, "Seconds by which the data of jobs is behind, at least.", low=0
    )
    user_watermark_lag: int = _option(
        18_000, "Seconds by which the data of users' jobs is behind, at least.", low=0
    )
    watermark_step: int = _option(
        3_600, "Seconds by which both move on at a time.", low=1
    )
    job_seconds: float = _option(0.2, "Real seconds that a job takes, at least.", low=0)
    results_delay: float = _option(
        0.0, "Real seconds for which a fulfilled job has no results yet.", low=0
    )
    results_lifetime: float = _option(
        86_400.0, "Real seconds for which it has them then.", low=0
    )
    max_concurrent_jobs: int = _option(5, "Jobs under way at a time.", low=1)
    schedules_inline: int = _option(
        100, "Agents whose schedules need no download; those of more do.", low=0
    )
    hide_spanning_statuses: bool = _option(
        default=False,
        text="Leave out of users' details what lasts all through the interval.",
    )

    jobs_forbidden: bool = _option(default=False, text="Refuse all details jobs: 403.")
    forbidden: tuple[str, ...] = _option(
        (),
        "Refuse the paths that match: 403; * matches anything, also slashes. "
        "Repeatable.",
        flag="--forbid",
        metavar="PATH",
    )
    visible_divisions: int = _option(
        0,
        "How many of the divisions the client sees, in their order; 0: all. What "
        "belongs to the others is left out without a word.",
        low=0,
    )
