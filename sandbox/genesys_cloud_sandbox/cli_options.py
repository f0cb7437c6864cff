"""The options that every command of the sandbox takes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, get_args

import click

from genesys_cloud_sandbox.api.faults import Faults
from genesys_cloud_sandbox.options import (
    EmptyAggregates,
    PastTheEnd,
    RateLimitPer,
    SandboxOptions,
    SubDayMatching,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SHARE = click.FloatRange(0, 1)
_COUNT = click.IntRange(min=0)
_SECONDS = click.FloatRange(min=0)
_PORT = click.IntRange(0, 65_535)


def sandbox_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a sandbox: it gets them as its first argument."""

    @wraps(command)
    def with_options(**settings: Any) -> None:  # noqa: ANN401 (any-type: click's values)
        known = SandboxOptions.__dataclass_fields__
        chosen = {name: settings.pop(name) for name in list(settings) if name in known}
        chosen["bad_credentials_status"] = int(chosen["bad_credentials_status"])
        command(SandboxOptions(**chosen), **settings)

    decorated: Callable[..., None] = with_options
    for option in reversed(_options()):
        decorated = option(decorated)
    return decorated


def _options() -> list[Callable[[Callable[..., None]], Callable[..., None]]]:
    default = SandboxOptions()

    def option(
        field: str,
        kind: click.ParamType[Any] | type,
        text: str,
        flag: str = "",
        **settings: Any,  # noqa: ANN401 (any-type: click's own)
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        return click.option(
            flag or "--" + field.replace("_", "-"),
            field,
            type=kind,
            default=getattr(default, field),
            show_default=True,
            help=text,
            **settings,
        )

    return [
        option("seed", int, "The world: the same seed, the same conversations."),
        option(
            "conversations_per_day",
            click.IntRange(1, 10_000_000),
            "How many conversations start on each UTC day.",
        ),
        option("users", click.IntRange(min=60), "Users, agents and others."),
        option("members_per_queue", click.IntRange(min=10), "Members of each queue."),
        option("api_port", _PORT, "Port of the API host; 0: any free one."),
        option("login_port", _PORT, "Port of the login host; 0: any free one."),
        option("client_id", str, "OAuth client that may log in."),
        option("client_secret", str, "Its secret."),
        option(
            "clients",
            str,
            "One more OAuth client that may log in. Repeatable.",
            "--client",
            multiple=True,
            metavar="ID:SECRET",
            callback=_checked_clients,
        ),
        option("expires_in", click.IntRange(min=1), "Seconds that a token lives."),
        option("requests_per_minute", _COUNT, "Per token or client; 0: no limit."),
        option(
            "rate_limit_per",
            click.Choice(get_args(RateLimitPer)),
            "What has a count of its own: a token, or a client with all its tokens.",
        ),
        option("latency", _SECONDS, "Seconds that each answer takes more."),
        option(
            "fault_specs",
            str,
            "Let requests go wrong: KIND@WHEN[;key=value…], for instance "
            "too-many-requests@0.05;retry-after=1, drop@every:10, "
            "server-error@next:3;status=502. Repeatable.",
            "--fault",
            multiple=True,
            metavar="SPEC",
            callback=_checked,
        ),
        option(
            "sub_day_matching",
            click.Choice(get_args(SubDayMatching)),
            "Of a day that an interval covers in part: all that started on it, or only "
            "what was active in the interval.",
        ),
        option(
            "past_the_end",
            click.Choice(get_args(PastTheEnd)),
            "The body past the last page.",
        ),
        option(
            "tutorial_paging",
            bool,
            "Let the details query answer `data` and `paging`, as an old tutorial.",
            is_flag=True,
        ),
        click.option(
            "--bad-credentials-status",
            type=click.Choice(["400", "401"]),
            default=str(default.bad_credentials_status),
            show_default=True,
            help="Status of a refused login.",
        ),
        option("max_page_size", click.IntRange(min=1), "Largest pageSize."),
        option(
            "result_cap",
            click.IntRange(min=1),
            "pageNumber times pageSize may not go past it.",
        ),
        option("payload_limit", _COUNT, "Bytes of a page above which 413; 0: none."),
        option("total_hits_error", _SHARE, "Share by which totalHits is off."),
        option(
            "dirty_text",
            _SHARE,
            "Share of participants with NUL characters or lone surrogates.",
        ),
        option("extra_fields", _SHARE, "Share of objects with an unknown field."),
        option(
            "late_arrivals",
            _SHARE,
            "Share of conversations that queries find only some time after the start.",
        ),
        option("late_arrival_seconds", click.IntRange(min=1), "Longest such time."),
        option(
            "empty_aggregates",
            click.Choice(get_args(EmptyAggregates)),
            "The answer of an aggregate query that finds nothing.",
        ),
        option(
            "aggregate_result_limit",
            click.IntRange(min=1),
            "Most results of an aggregate query: groups by buckets by metrics.",
        ),
        option("watermark_lag", _COUNT, "Seconds by which jobs' data is behind."),
        option("user_watermark_lag", _COUNT, "And by which that of users' jobs is."),
        option(
            "watermark_step",
            click.IntRange(min=1),
            "Seconds by which they move on at a time.",
        ),
        option("job_seconds", _SECONDS, "Real seconds that a job takes."),
        option(
            "results_delay",
            _SECONDS,
            "Real seconds for which a fulfilled job has no results yet.",
        ),
        option(
            "results_lifetime", _SECONDS, "Real seconds for which it has them then."
        ),
        option(
            "max_concurrent_jobs", click.IntRange(min=1), "Jobs under way at a time."
        ),
        option(
            "schedules_inline",
            _COUNT,
            "Agents whose schedules need no download.",
        ),
        option(
            "hide_spanning_statuses",
            bool,
            "Leave out of users' details what lasts all through the interval.",
            is_flag=True,
        ),
        option("jobs_forbidden", bool, "Refuse all details jobs: 403.", is_flag=True),
        option(
            "forbidden",
            str,
            "Refuse the paths that match: 403. Repeatable.",
            "--forbid",
            multiple=True,
            metavar="PATH",
        ),
        option(
            "visible_divisions",
            _COUNT,
            "How many of the divisions the client sees; 0: all.",
        ),
    ]


def _checked(
    _context: click.Context, _option: click.Parameter, specs: tuple[str, ...]
) -> tuple[str, ...]:
    faults = Faults()
    try:
        for spec in specs:
            faults.add(spec)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return specs


def _checked_clients(
    _context: click.Context, _option: click.Parameter, clients: tuple[str, ...]
) -> tuple[str, ...]:
    if not all(all(client.partition(":")) for client in clients):
        message = "an OAuth client is given as ID:SECRET"
        raise click.BadParameter(message)
    return clients
