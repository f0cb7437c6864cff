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
#: Much longer than Genesys' archive was ever behind.
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
    """Give each client's pool its limit, as the settings have it."""
    with _known() as (settings, instance):
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
    """Read windows of an ORGANISATION, in all GROUPS or in some.

    The daemon runs them: `dagster dev`, or `dagster-daemon run`.
    """
    with _known() as (settings, instance):
        known = partitions_of(settings.partitions).get_partition_keys()
        wanted = _between(known, first, last)
        launched = []
        for place in _places(settings, organisation, groups):
            done = instance.get_materialized_partitions(place.asset_key)
            keys = [key for key in wanted if again or key not in done]
            click.echo(f"{place}: {len(keys)} of {len(wanted)} partitions to read")
            if keys:
                launched.append((_launch(place, keys), len(keys)))
                click.echo(f"{place}: backfill {launched[-1][0]}")
        ended = [_wait(instance, *each) for each in launched] if wait else []
        if not all(ended):
            message = "some partitions failed; the others were read (see above)"
            raise click.ClickException(message)


@main.command()
@click.argument("organisation")
def status(organisation: str) -> None:
    """Say which partitions of an ORGANISATION were read."""
    with _known() as (settings, instance):
        known = partitions_of(settings.partitions).get_partition_keys()
        for place in _places(settings, organisation, ()):
            done = instance.get_materialized_partitions(place.asset_key)
            missing = [key for key in known if key not in done]
            tail = f", not yet: {', '.join(missing)}" if missing else ""
            click.echo(f"{place}: {len(known) - len(missing)} of {len(known)}{tail}")


@main.command(name="takeover")
@click.argument("organisation")
@click.argument("groups", nargs=-1)
def take_over(organisation: str, groups: tuple[str, ...]) -> None:
    """Let the incremental sync of an ORGANISATION go on where backfills ended.

    For all GROUPS of streams or some. Run it while no incremental sync runs.
    """
    with _known() as (settings, instance):
        project = Project(settings.meltano)
        known = partitions_of(settings.partitions).get_partition_keys()
        found: takeover.Bookmarks = {}
        for place in _places(settings, organisation, groups):
            done = instance.get_materialized_partitions(place.asset_key)
            try:
                read = takeover.without_holes(known, done)
            except takeover.TakeoverError as error:
                message = (
                    f"{place}: {error}. Nothing was changed. Read them with "
                    f"`genesys-backfill backfill {organisation} {place.group}`."
                )
                raise click.ClickException(message) from None
            telling = [*_unsettled(instance, settings, place, read), read[-1]]
            states = [project.state(place.suffix(key)) for key in telling]
            found |= takeover.handed_over(states)
            click.echo(f"{place}: read from {read[0]} to {read[-1]}")
        suffix = main_suffix(settings, organisation)
        main_state = takeover.merged(project.state(suffix), found)
        project.set_state(suffix, main_state)
        click.echo(f"{project.state_id(suffix)} goes on from:")
        for stream, bookmark in main_state.items():
            click.echo(f"  {stream}: {bookmark.get('replication_key_value')}")


@contextmanager
def _known() -> Iterator[tuple[Settings, dg.DagsterInstance]]:
    """Give settings and instance; tell what is wrong without a traceback."""
    try:
        with dg.DagsterInstance.get() as instance:
            yield load(), instance
    except (SettingsError, MeltanoError, dg.DagsterError) as error:
        raise click.ClickException(str(error)) from None


def _places(
    settings: Settings, organisation: str, groups: Sequence[str]
) -> list[Place]:
    if organisation not in settings.organisations:
        known = ", ".join(settings.organisations)
        message = f"there is no organisation {organisation} in the settings: {known}"
        raise click.BadParameter(message)
    if unknown := set(groups) - set(settings.groups):
        known = ", ".join(settings.groups)
        message = f"no such stream group: {', '.join(sorted(unknown))}; known: {known}"
        raise click.BadParameter(message)
    return [Place(organisation, group) for group in groups or settings.groups]


def _unsettled(
    instance: dg.DagsterInstance, settings: Settings, place: Place, read: list[str]
) -> list[str]:
    """Return partitions that may have been read before the archive had all of them.

    Most were long over at the first run of all: their states need not be asked for,
    which takes Meltano a second each.
    """
    result = instance.fetch_materializations(place.asset_key, limit=1, ascending=True)
    first = datetime.fromtimestamp(result.records[0].timestamp, timezone.utc)
    partitions = partitions_of(settings.partitions)
    return [
        key
        for key in read[:-1]
        if window_of(partitions, key).end > first - _ARCHIVE_IS_COMPLETE_AFTER
    ]


def _between(known: Sequence[str], first: str | None, last: str | None) -> list[str]:
    """Return the partitions from one to another, both of which have to be known."""
    for key in (first, last):
        if key and key not in known:
            where = f"{known[0]} to {known[-1]}" if known else "there are none yet"
            message = (
                f"{key} is no partition: it lies in the future, before the start, or "
                f"within a window. Partitions: {where}"
            )
            raise click.BadParameter(message)
    begin = known.index(first) if first else 0
    end = known.index(last) + 1 if last else len(known)
    return list(known[begin:end])


def _launch(place: Place, keys: list[str]) -> str:
    """Hand a backfill to Dagster, as its UI does; return its id.

    Not `dagster job backfill`: that one is over for Dagster when all runs are queued,
    and then a run whose worker was killed is not run again.
    """
    path = {"path": place.asset_key.path}
    asked = {"params": {"assetSelection": [path], "partitionNames": keys}}
    command = [
        str(Path(sys.executable).with_name("dagster-graphql")),
        *("-m", "genesys_backfill.definitions", "-t", _LAUNCH, "-v", json.dumps(asked)),
    ]
    ran = subprocess.run(  # noqa: S603 (Dagster's own command)
        command, capture_output=True, text=True, check=False
    )
    found = re.search(r'"backfillId": *"(\w+)"', ran.stdout)
    if ran.returncode or not found:
        said = ran.stderr.strip() or ran.stdout.strip()
        message = f"Dagster did not take the backfill of {place}: {said}"
        raise click.ClickException(message)
    return found[1]


def _wait(instance: dg.DagsterInstance, backfill_id: str, partitions: int) -> bool:
    """Wait until all runs of a backfill have ended; tell whether all went well."""
    chosen = dg.RunsFilter(tags={_BACKFILL: backfill_id})
    shown = ""
    while True:
        newest: dict[str, str] = {}
        for run in instance.get_runs(chosen):  # the newest first
            again = run.is_failure and run.tags.get(_WILL_RETRY) == "true"
            state = "will be tried again" if again else run.status.value
            newest.setdefault(run.tags["dagster/partition"], state)
        counts = Counter(newest.values())
        line = ", ".join(f"{n} {name.lower()}" for name, n in sorted(counts.items()))
        if line and line != shown:
            click.echo(f"{backfill_id}: {line}")
            shown = line
        if sum(counts[each] for each in _ENDED) == partitions:
            return counts["SUCCESS"] == partitions
        time.sleep(_POLL_SECONDS)
