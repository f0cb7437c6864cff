"""What is wrong with the settings given: told by name, never quoting a secret."""

from __future__ import annotations

import difflib
import functools
import logging
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_genesys_analytics.intervals.buckets import Buckets
from tap_genesys_analytics.intervals.timestamps import parse_timestamp
from tap_genesys_analytics.records.tables import EXTRA, EXTRACTED_AT, snake_case
from tap_genesys_analytics.settings import regions
from tap_genesys_analytics.settings.dates import (
    before_retention,
    first_start,
    utc_by_default,
)
from tap_genesys_analytics.settings.filters import unknown_media_types
from tap_genesys_analytics.streams import aggregate_definitions as aggregates
from tap_genesys_analytics.streams.list_definitions import OWNER_FIELD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from jsonschema import ValidationError


def complete(
    config: dict[str, Any],
    schema: Mapping[str, Any],
    now: datetime,
    built_in: Collection[str] = (),
) -> list[str]:
    """Fill in the defaults and return what is wrong with the settings.

    Problems begin with the setting's name, and quote no value of a secret. ``schema``
    is that of all settings: ours and those that the SDK adds; ``built_in`` are the
    names of streams that the settings cannot define.
    """
    validator = th.extend_validator_with_defaults(th.DEFAULT_JSONSCHEMA_VALIDATOR)
    errors = list(validator(schema).iter_errors(config))
    found = [text for error in errors for text in _schema_problems(error)]
    for name, check in _CHECKS.items():
        if isinstance(value := config.get(name), str):
            try:
                check(value)
            except ValueError as error:
                found.append(f"{name}: {error}")
    if not found:
        found += _date_problems(config, now)
    if not any(defines_streams(problem) for problem in found):
        found += _definition_problems(config, built_in)
    # A missing setting is reported once for each that is missing.
    return list(dict.fromkeys(found))


def defines_streams(problem: str) -> bool:
    """Tell whether a problem is one of a setting that defines streams."""
    return problem.startswith(("aggregates", "queries", "lists"))


def remarks(config: Mapping[str, Any], now: datetime) -> Iterator[tuple[int, str]]:
    """Yield (level, sentence): what was understood of settings that are not wrong."""
    for name in utc_by_default(config):
        yield logging.INFO, f"{name} names no zone: it is taken as UTC."
    if before_retention(config, now):
        sentence = (
            "start_date lies more than five years back: where the organisation "
            "limits how long it keeps data, what is older is read as empty."
        )
        yield logging.WARNING, sentence
    unknown = [
        f"media_types: {media_type!r} is not in the API's list as this version knows it"
        for media_type in unknown_media_types(config)
    ]
    for aggregate in aggregates.defined(config.get("aggregates") or ()).values():
        unknown += aggregates.unknown_names(aggregate)
    for sentence in unknown:
        yield logging.WARNING, f"{sentence}. It is asked for all the same."


def _schema_problems(error: ValidationError) -> Iterator[str]:
    """Yield what a schema error means, never quoting a value that was given."""
    where = ".".join(str(step) for step in error.path)
    wanted: Any = error.validator_value
    given: Any = error.instance
    inside = f"{where}." if where else ""
    if error.validator == "additionalProperties":
        names = list(error.schema["properties"])  # type: ignore[index]
        kind = "key" if where else "setting"
        for name in sorted(set(given) - set(names)):
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{inside}{name}: there is no such {kind}{hint}"
    elif error.validator == "required":
        for name in wanted:
            if name not in given:
                yield f"{inside}{name}: is required"
    elif error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        expected = " or ".join(kind for kind in kinds if kind != "null")
        yield f"{where}: must be of type {expected}"
    elif error.validator == "enum":
        yield f"{where}: must be one of {', '.join(map(str, wanted))}"
    elif error.validator in _BOUNDS:
        reason = _REASONS.get(where, "")
        yield f"{where}: must be {_BOUNDS[error.validator]} {wanted}{reason}"
    elif error.validator in _MEANINGS:
        yield f"{where}: {_MEANINGS[error.validator]}"
    else:
        yield f"{where}: is not valid ({error.validator})"


def _date_problems(config: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """Yield what is wrong with start and end together, each being a date."""
    start = first_start(config, now)
    end_date = config.get("end_date")
    if start > now:
        yield "start_date: lies in the future"
    elif end_date and parse_timestamp(end_date) <= start:
        yield "end_date: must be later than start_date (default: 30 days ago)"


def _definition_problems(
    config: Mapping[str, Any], built_in: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with the streams that the settings define."""
    names = set(built_in)
    for setting in ("aggregates", "queries", "lists"):
        if setting == "queries":
            names.update(aggregate.name for aggregate in aggregates.BUILT_IN)
        for number, given in enumerate(config.get(setting) or ()):
            name = given["name"]
            if name in names:
                yield f"{setting}.{number}.name: there is a stream {name} already"
            names.add(name)
    for number, given in enumerate(config.get("aggregates") or ()):
        for name, problem in _aggregate_problems(given):
            yield f"aggregates.{number}.{name}: {problem}"
    for setting in ("queries", "lists"):
        for number, given in enumerate(config.get(setting) or ()):
            for name, problem in _table_problems(given):
                yield f"{setting}.{number}.{name}: {problem}"


def _table_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, problem) for what is wrong with the table of a query or a list."""
    texts = (given["path"], *map(str, (given.get("params") or {}).values()))
    if any("{id}" in text for text in texts) != bool(given.get("for_each")):
        yield "for_each", "belongs to a path or a parameter with {id}"
    key = given.get("key") or ["id"]
    if len(set(key)) < len(key):
        yield "key", "names a field twice"
    fields = dict.fromkeys((*key, *(given.get("columns") or ())))
    columns = [snake_case(name) for name in fields]
    own = [OWNER_FIELD] if given.get("for_each") else []
    reserved = {EXTRA, EXTRACTED_AT, *map(snake_case, own)} & set(columns)
    if len(set(columns)) < len(columns) or reserved:
        yield "columns", "two columns have the same name"


def _aggregate_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, problem) for what is wrong with a definition of aggregates."""
    known = aggregates.families()
    if given["family"] not in known:
        near = difflib.get_close_matches(given["family"], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield "family", f"must be one of {', '.join(known)}{hint}"
    for dimension in aggregates.colliding(given.get("group_by") or ()):
        yield "group_by", f"{dimension} has the name of another column"
    if len(set(given.get("group_by") or ())) < len(given.get("group_by") or ()):
        yield "group_by", "names a dimension twice"
    views = [view["name"] for view in given.get("views") or ()]
    if len({*views, *given["metrics"]}) < len(views) + len(set(given["metrics"])):
        yield "views", "a view has the name of another one, or of a metric"
    for name, granularity, zone in (
        ("granularity", given.get("granularity") or "P1D", "UTC"),
        ("time_zone", "P1D", given.get("time_zone") or "UTC"),
    ):
        try:
            Buckets.of(granularity, zone)
        except ValueError as error:
            yield name, str(error)


def _check_date(text: str) -> None:
    """Raise a ValueError if a text is no date."""
    try:
        parse_timestamp(text)
    except ValueError:
        message = f"{text!r} is not an ISO 8601 date such as 2026-01-31T00:00:00Z"
        raise ValueError(message) from None


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
