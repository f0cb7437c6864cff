"""The settings of the tap."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_genesys_analytics.settings.definition_schemas import AGGREGATES, LISTS, QUERIES
from tap_genesys_analytics.settings.filters import FILTERS

SETTINGS = th.PropertiesList(
    th.Property(
        "client_id",
        th.StringType,
        required=True,
        title="Client id",
        description="Id of the OAuth client (grant type: client credentials).",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        required=True,
        secret=True,
        title="Client secret",
        description="Secret of the OAuth client.",
    ),
    th.Property(
        "region",
        th.StringType,
        default="us-east-1",
        title="Region",
        description=(
            "Region of the organisation: an AWS region id such as eu-west-1, or a "
            "Genesys Cloud domain such as mypurecloud.ie."
        ),
        examples=["eu-west-1", "mypurecloud.ie"],
    ),
    th.Property(
        "api_url",
        th.StringType,
        title="API URL",
        description=(
            "Base URL of the API instead of the region's: a gateway, the sandbox. "
            "https, except on this machine."
        ),
    ),
    th.Property(
        "login_url",
        th.StringType,
        title="Login URL",
        description=(
            "Base URL of the login service instead of the region's: a gateway, the "
            "sandbox. https, except on this machine."
        ),
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description=(
            "Where the first run begins (ISO 8601, UTC where it names no zone). "
            "Default: 30 days ago. The state takes over from there."
        ),
        examples=["2026-01-01T00:00:00Z"],
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        title="End date",
        description=(
            "Where a backfill ends (ISO 8601, UTC where it names no zone, exclusive). "
            "Default: now."
        ),
    ),
    th.Property(
        "conversation_source",
        th.StringType,
        default="auto",
        allowed_values=["auto", "jobs", "query"],
        title="Conversation source",
        description=(
            "Where conversations are read. auto: from jobs, complete and with "
            "participant attributes, up to the hour that they have, and from there "
            "to now, provisionally, from the query. jobs, query: from one of them "
            "alone."
        ),
    ),
    th.Property(
        "lookback_days",
        th.IntegerType(minimum=0, maximum=366),
        default=7,
        title="Lookback days",
        description=(
            "Days before the bookmark that are read again, because finished "
            "conversations change for days (nightly pipeline, surveys, evaluations). "
            "0: none."
        ),
    ),
    th.Property(
        "lookback_interval_hours",
        th.IntegerType(minimum=0),
        default=24,
        title="Lookback interval",
        description=(
            "Hours from one such reading to the next, at the least, so that frequent "
            "syncs stay cheap. 0: in every run."
        ),
    ),
    th.Property(
        "restate_days",
        th.IntegerType(minimum=0, maximum=1830),
        default=0,
        title="Restate days",
        description=(
            "Days before the bookmark that are read again once a week, for what "
            "comes later than the lookback: late surveys, evaluations. 0: none."
        ),
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=100),
        default=100,
        title="Page size",
        description=(
            "Records per page of a query, 1 to 100: Genesys refuses more. Fewer make "
            "smaller answers, and more requests."
        ),
    ),
    th.Property(
        "job_page_size",
        th.IntegerType(minimum=1, maximum=1000),
        default=1000,
        title="Job page size",
        description="Records per page of the results of a job, 1 to 1000.",
    ),
    th.Property(
        "media_types",
        th.ArrayType(th.StringType),
        title="Media types",
        description=(
            "Read only conversations with one of these media types, such as voice "
            "or email."
        ),
    ),
    th.Property(
        "conversation_filters",
        th.CustomType(FILTERS),
        title="Conversation filters",
        description=(
            "Read only the conversations that these filters let through, in the "
            "API's own grammar (conversationFilters of the details query)."
        ),
    ),
    th.Property(
        "segment_filters",
        th.CustomType(FILTERS),
        title="Segment filters",
        description=(
            "Read only the conversations with a segment that these filters let "
            "through, in the API's own grammar (segmentFilters of the details query)."
        ),
    ),
    th.Property(
        "user_status_source",
        th.StringType,
        default="auto",
        allowed_values=["auto", "jobs", "query"],
        title="User status source",
        description=(
            "Where users' presence and routing status are read, as for "
            "conversation_source."
        ),
    ),
    th.Property(
        "aggregates",
        th.CustomType(AGGREGATES),
        title="Aggregates",
        description=(
            "Aggregates as streams of their own: name, family, metrics, and if wanted "
            "group_by, granularity, time_zone, filter, views, lookback_days, with the "
            "API's names. One with the name of a built-in one replaces it."
        ),
    ),
    th.Property(
        "queries",
        th.CustomType(QUERIES),
        title="Queries",
        description=(
            "Any POST endpoint that pages by number in the body as a stream of its "
            "own: name, path, body, records_path, key, and if wanted paging_key, "
            "page_size, result_cap, columns. {interval}, {start} and {end} in the body "
            "make it incremental."
        ),
    ),
    th.Property(
        "lists",
        th.CustomType(LISTS),
        title="Lists",
        description=(
            "Any list that the API answers to a GET as a table of its own, read whole "
            "in each run: name, path, and if wanted params, key, columns, paging "
            "(numbers, links, none), page_size, and for_each: the path of a list for "
            "each of whose entities, {id}, it is read."
        ),
    ),
    th.Property(
        "on_forbidden",
        th.StringType,
        default="fail",
        allowed_values=["fail", "skip"],
        title="On forbidden",
        description=(
            "What to do about streams that the client lacks a permission for, once all "
            "others are loaded. fail: end with an error that names the permissions. "
            "skip: warn."
        ),
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=False,
        title="Tell deleted rows",
        description=(
            "Send an ACTIVATE_VERSION message after each table that is read whole, so "
            "that a target can mark or delete rows that Genesys has no more."
        ),
    ),
    th.Property(
        "workforce_time_zone",
        th.StringType,
        default="UTC",
        title="Time zone of working days",
        description=(
            "IANA name of the time zone, such as Europe/London, whose midnights the "
            "days of historical_adherence begin and end at."
        ),
    ),
    th.Property(
        "strict_completeness",
        th.BooleanType,
        default=False,
        title="Strict completeness",
        description=(
            "Fail, instead of warn, when an interval does not hold as many records "
            "as Genesys counts."
        ),
    ),
    th.Property(
        "requests_per_minute",
        th.IntegerType(minimum=1),
        default=300,
        title="Requests per minute",
        description=(
            "Requests that the tap sends within a minute at the most, in a burst or "
            "not. Genesys allows 300 for an OAuth client; fewer leave room for other "
            "programs that use the same client."
        ),
    ),
    th.Property(
        "max_connections",
        th.IntegerType(minimum=1, maximum=64),
        default=12,
        title="Connections",
        description=(
            "Requests that may be under way at once. 1: one after the other. Answers "
            "that take two seconds need ten for 300 requests a minute."
        ),
    ),
    th.Property(
        "request_timeout",
        th.IntegerType(minimum=1),
        default=300,
        title="Request timeout",
        description="Seconds that Genesys has to answer a request.",
    ),
    th.Property(
        "job_timeout",
        th.IntegerType(minimum=60),
        default=1800,
        title="Job timeout",
        description=(
            "Seconds after which a job or report that Genesys is still working out is "
            "given up."
        ),
    ),
    th.Property(
        "max_retry_wait",
        th.IntegerType(minimum=0),
        default=180,
        title="Longest wait",
        description=(
            "Seconds that the tap waits at most when Genesys asks it to (Retry-After); "
            "a longer wait ends the run."
        ),
    ),
    additional_properties=False,
).to_dict()
