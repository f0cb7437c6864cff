"""Checks of the settings. Messages name each problem and never quote a secret."""

from __future__ import annotations

import difflib
import functools
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.settings import regions
from tap_genesys_analytics.settings.filters import unknown_media_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from jsonschema import ValidationError

#: The first run begins this long before now if start_date is not set.
FIRST_RUN = timedelta(days=30)

#: The longest retention of analytics data that an organisation can set.
LONGEST_RETENTION = timedelta(days=5 * 366)


def apply_defaults_and_validate(
    config: dict[str, Any],
    schema: Mapping[str, Any],
    now: datetime,
) -> list[str]:
    """Fill in the defaults and return what is wrong with the settings.

    Each problem begins with the setting's name and quotes no secret. ``schema`` is the
    schema of all settings, including those that the SDK adds.
    """
    validator = th.extend_validator_with_defaults(th.DEFAULT_JSONSCHEMA_VALIDATOR)
    errors = list(validator(schema).iter_errors(config))
    problems = [text for error in errors for text in _schema_problems(error)]
    for name, check in _CHECKS.items():
        if isinstance(value := config.get(name), str):
            try:
                check(value)
            except ValueError as error:
                problems.append(f"{name}: {error}")
    if not problems:
        problems += _date_problems(config, now)
    # The validator reports each missing setting several times.
    return list(dict.fromkeys(problems))


def settings_notices(
    config: Mapping[str, Any], now: datetime
) -> Iterator[tuple[int, str]]:
    """Yield (log level, sentence) for settings that are valid but may be a mistake."""
    for name in dates_without_zone(config):
        yield logging.INFO, f"{name} has no time zone: it is read as UTC."
    if starts_before_retention(config, now):
        sentence = (
            "start_date is more than five years ago: if the organisation limits its "
            "retention of data, older data no longer exist."
        )
        yield logging.WARNING, sentence
    for media_type in unknown_media_types(config):
        sentence = (
            f"media_types: {media_type!r} is not in the API's list as this version "
            "knows it. It is requested anyway."
        )
        yield logging.WARNING, sentence


def _schema_problems(error: ValidationError) -> Iterator[str]:
    """Yield the problems in a schema error, without the user's values."""
    where = ".".join(str(step) for step in error.path)
    constraint: Any = error.validator_value
    value: Any = error.instance
    prefix = f"{where}." if where else ""
    if error.validator == "additionalProperties":
        names = list(error.schema["properties"])  # type: ignore[index]
        kind = "key" if where else "setting"
        for name in sorted(set(value) - set(names)):
            similar = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {similar[0]}?" if similar else ""
            yield f"{prefix}{name}: there is no such {kind}{hint}"
    elif error.validator == "required":
        for name in constraint:
            if name not in value:
                yield f"{prefix}{name}: is required"
    elif error.validator == "type":
        types = [constraint] if isinstance(constraint, str) else list(constraint)
        expected = " or ".join(kind for kind in types if kind != "null")
        yield f"{where}: must be of type {expected}"
    elif error.validator == "enum":
        yield f"{where}: must be one of {', '.join(map(str, constraint))}"
    elif error.validator in _BOUNDS:
        reason = _REASONS.get(where, "")
        yield f"{where}: must be {_BOUNDS[error.validator]} {constraint}{reason}"
    elif error.validator in _MEANINGS:
        yield f"{where}: {_MEANINGS[error.validator]}"
    else:
        yield f"{where}: is not valid ({error.validator})"


def _date_problems(config: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Yield what is wrong with start_date and end_date, which are valid dates."""
    start = first_start(config, now)
    end_date = config.get("end_date")
    if start > now:
        yield "start_date: lies in the future"
    elif end_date and parse_timestamp(end_date) <= start:
        yield "end_date: must be later than start_date (default: 30 days ago)"


def _check_date(text: str) -> None:
    """Raise a ValueError if a text is not an ISO 8601 date."""
    try:
        parse_timestamp(text)
    except ValueError:
        message = f"{text!r} is not an ISO 8601 date such as 2026-01-31T00:00:00Z"
        raise ValueError(message) from None


def first_start(config: Mapping[str, Any], now: datetime) -> datetime:
    """Return the moment (UTC) at which a run without a bookmark begins."""
    start_date = config.get("start_date")
    return parse_timestamp(start_date) if start_date else now - FIRST_RUN


def starts_before_retention(config: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether start_date lies before the longest retention that can be set.

    An organisation may set a shorter retention, 90 days at least. Without a setting,
    Genesys keeps data as long as the contract lasts. Source: the help page on
    retention.
    """
    return first_start(config, now) < now - LONGEST_RETENTION


def dates_without_zone(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the dates without a time zone, which are read as UTC."""
    return [
        name
        for name in ("start_date", "end_date")
        if (text := config.get(name)) and _has_no_zone(text)
    ]


def _has_no_zone(text: str) -> bool:
    """Tell whether a date and time has no time zone."""
    clock = text.partition("T")[2]
    return (
        bool(clock)
        and not clock.upper().endswith("Z")
        and not any(sign in clock for sign in "+-")
    )


_CHECKS: dict[str, Callable[[str], object]] = {
    "region": regions.domain_of,
    "api_url": regions.checked_url,
    "login_url": regions.checked_url,
    "start_date": _check_date,
    "end_date": _check_date,
    "workforce_time_zone": functools.partial(Buckets.of, "P1D"),
}

_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
}

_MEANINGS = {
    "minItems": "must not be empty",
    "maxItems": "has too many entries",
    "pattern": (
        "must be lower-case letters, digits and underscores for a name, and begin with "
        "/api/v2/, without a query, for a path"
    ),
}

_REASONS = {"page_size": ": Genesys answers pages of 1 to 100 records"}
