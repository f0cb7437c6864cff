"""The command: `genesys-backfill pools | backfill | status | takeover`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click
import dagster as dg

from genesys_backfill import pools, takeover
from genesys_backfill.meltano import MeltanoError, Project
from genesys_backfill.settings import Settings, SettingsError, load
from genesys_backfill.sync import Place, main_suffix
from genesys_backfill.windows import partitions_of, window_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POLL_SECONDS = 2
_ENDED = ("SUCCESS", "FAILURE", "CANCELED")
#: Jobs have all data of a window by then: a generous upper bound for their delay.
_ARCHIVE_IS_COMPLETE_AFTER = timedelta(days=14)
_BACKFILL = "dagster/backfill"
_LAUNCH = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    ... on LaunchBackfillSuccess { backfillId }
    ... on Error { message }
  }
}
"""
_WILL_RETRY = "dagster/will_retry"


@click.group()
def main() -> None:
    """Backfills of tap-genesys on Dagster. DAGSTER_HOME names Dagster's instance."""


@main.command(name="pools")
def set_pools() -> None:
    """Set the limit of each client's pool, as in the settings."""
    with _open_settings() as (settings, instance):
        for name, slots in pools.set_limits(settings, instance).items():
            click.echo(f"{name}: {slots}")


@main.command()
@click.argument("organisation")
@click.argument("groups", nargs=-1)
@click.option("--from", "first", help="First partition; default: the first there is.")
@click.option("--to", "last", help="Last partition; default: the last there is.")
@click.option("--again", is_flag=True, help="Also partitions that were read already.")
@click.option("--wait", is_flag=True, help="Wait for the end; fail if one failed.")
def backfill(  # noqa: PLR0913 (what the command takes)
    organisation: str,
    groups: tuple[str, ...],
    first: str | None,
    last: str | None,
    *,
    again: bool,
    wait: bool,
) -> None:
    """Read windows of an ORGANISATION, for all stream GROUPS or some of them.

    The daemon runs them: `dagster dev`, or `dagster-daemon run`.
    """
    with _open_settings() as (settings, instance):
        existing = partitions_of(settings.partitions).get_partition_keys()
        requested = _between(existing, first, last)
        launched = []
        for place in _places(settings, organisation, groups):
            done = instance.get_materialized_partitions(place.asset_key)
            keys = [key for key in requested if again or key not in done]
            click.echo(f"{place}: {len(keys)} of {len(requested)} partitions to read")
            if keys:
                launched.append((_launch(place, keys), len(keys)))
                click.echo(f"{place}: backfill {launched[-1][0]}")
        ended = [_wait(instance, *started) for started in launched] if wait else []
        if not all(ended):
            message = "some partitions failed; the others were read (see above)"
            raise click.ClickException(message)


@main.command()
@click.argument("organisation")
def status(organisation: str) -> None:
    """Print which partitions of an ORGANISATION were read."""
    with _open_settings() as (settings, instance):
        existing = partitions_of(settings.partitions).get_partition_keys()
        for place in _places(settings, organisation, ()):
            done = instance.get_materialized_partitions(place.asset_key)
            missing = [key for key in existing if key not in done]
            tail = f", not yet: {', '.join(missing)}" if missing else ""
            click.echo(
                f"{place}: {len(existing) - len(missing)} of {len(existing)}{tail}"
            )


@main.command(name="takeover")
@click.argument("organisation")
@click.argument("groups", nargs=-1)
def take_over(organisation: str, groups: tuple[str, ...]) -> None:
    """Move the bookmarks of an ORGANISATION's incremental sync to the backfills' end.

    For all stream GROUPS or some. Run it while no incremental sync runs.
    """
    with _open_settings() as (settings, instance):
        project = Project(settings.meltano)
        existing = partitions_of(settings.partitions).get_partition_keys()
        handed_over: takeover.Bookmarks = {}
        for place in _places(settings, organisation, groups):
            done = instance.get_materialized_partitions(place.asset_key)
            try:
                read = takeover.without_holes(existing, done)
            except takeover.TakeoverError as error:
                message = (
                    f"{place}: {error}. Nothing was changed. Read them with "
                    f"`genesys-backfill backfill {organisation} {place.group}`."
                )
                raise click.ClickException(message) from None
            decisive = [*_unsettled(instance, settings, place, read), read[-1]]
            states = [project.state(place.suffix(key)) for key in decisive]
            handed_over |= takeover.handed_over(states)
            click.echo(f"{place}: read from {read[0]} to {read[-1]}")
        suffix = main_suffix(settings, organisation)
        main_state = takeover.merged(project.state(suffix), handed_over)
        project.set_state(suffix, main_state)
        click.echo(f"{project.state_id(suffix)} goes on from:")
        for stream, bookmark in main_state.items():
            click.echo(f"  {stream}: {bookmark.get('replication_key_value')}")


@contextmanager
def _open_settings() -> Iterator[tuple[Settings, dg.DagsterInstance]]:
    """Yield settings and Dagster instance; show errors without a traceback."""
    try:
        with dg.DagsterInstance.get() as instance:
            yield load(), instance
    except (SettingsError, MeltanoError, dg.DagsterError) as error:
        raise click.ClickException(str(error)) from None


def _places(
    settings: Settings, organisation: str, groups: Sequence[str]
) -> list[Place]:
    if organisation not in settings.organisations:
        existing = ", ".join(settings.organisations)
        message = f"there is no organisation {organisation} in the settings: {existing}"
        raise click.BadParameter(message)
    if unknown := set(groups) - set(settings.groups):
        existing = ", ".join(settings.groups)
        message = (
            f"no such stream group: {', '.join(sorted(unknown))}; known: {existing}"
        )
        raise click.BadParameter(message)
    return [Place(organisation, group) for group in groups or settings.groups]


def _unsettled(
    instance: dg.DagsterInstance, settings: Settings, place: Place, read: list[str]
) -> list[str]:
    """Return partitions that may have been read before jobs had all their data.

    Others ended long before the first run of the backfill. Skipping their states saves
    a second of Meltano each.
    """
    result = instance.fetch_materializations(place.asset_key, limit=1, ascending=True)
    first = datetime.fromtimestamp(result.records[0].timestamp, timezone.utc)
    partitions = partitions_of(settings.partitions)
    return [
        key
        for key in read[:-1]
        if window_of(partitions, key).end > first - _ARCHIVE_IS_COMPLETE_AFTER
    ]


def _between(existing: Sequence[str], first: str | None, last: str | None) -> list[str]:
    """Return the partitions from ``first`` to ``last``, both inclusive."""
    for key in (first, last):
        if key and key not in existing:
            where = (
                f"{existing[0]} to {existing[-1]}" if existing else "there are none yet"
            )
            message = (
                f"{key} is no partition: it lies in the future, before the start, or "
                f"within a window. Partitions: {where}"
            )
            raise click.BadParameter(message)
    begin = existing.index(first) if first else 0
    end = existing.index(last) + 1 if last else len(existing)
    return list(existing[begin:end])


def _launch(place: Place, keys: list[str]) -> str:
    """Start a backfill in Dagster, as its UI does; return its id.

    Not with `dagster job backfill`: Dagster considers such a backfill done as soon as
    all runs are queued, and does not retry a run whose worker was killed.
    """
    path = {"path": place.asset_key.path}
    variables = {"params": {"assetSelection": [path], "partitionNames": keys}}
    command = [
        str(Path(sys.executable).with_name("dagster-graphql")),
        *(
            "-m",
            "genesys_backfill.definitions",
            "-t",
            _LAUNCH,
            "-v",
            json.dumps(variables),
        ),
    ]
    process = subprocess.run(  # noqa: S603 (Dagster's own command)
        command, capture_output=True, text=True, check=False
    )
    match = re.search(r'"backfillId": *"(\w+)"', process.stdout)
    if process.returncode or not match:
        output = process.stderr.strip() or process.stdout.strip()
        message = f"Dagster did not accept the backfill of {place}: {output}"
        raise click.ClickException(message)
    return match[1]


def _wait(instance: dg.DagsterInstance, backfill_id: str, partitions: int) -> bool:
    """Wait until all runs of a backfill have ended; return True if all succeeded."""
    chosen = dg.RunsFilter(tags={_BACKFILL: backfill_id})
    printed = ""
    while True:
        newest: dict[str, str] = {}
        for run in instance.get_runs(chosen):  # the newest first
            again = run.is_failure and run.tags.get(_WILL_RETRY) == "true"
            state = "will be tried again" if again else run.status.value
            newest.setdefault(run.tags["dagster/partition"], state)
        counts = Counter(newest.values())
        line = ", ".join(f"{n} {name.lower()}" for name, n in sorted(counts.items()))
        if line and line != printed:
            click.echo(f"{backfill_id}: {line}")
            printed = line
        if sum(counts[state] for state in _ENDED) == partitions:
            return counts["SUCCESS"] == partitions
        time.sleep(_POLL_SECONDS)
