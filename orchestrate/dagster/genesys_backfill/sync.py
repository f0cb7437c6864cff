"""The work of a partition: checks, then one `meltano run` for its window."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

import dagster as dg

from genesys_backfill import windows
from genesys_backfill.meltano import MeltanoError, Project
from genesys_backfill.pools import Pool, PoolError, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genesys_backfill.settings import Settings

#: Words in errors of the tap that a retry cannot cure.
_PERMANENT = (
    "permission",
    "settings are wrong",
    "invalid_client",
    "is required",
    "cannot be used",
)
#: The tap's message about streams that a retry may read.
_TRANSIENT = "Not read to the end"


class Place(NamedTuple):
    """A stream group of an organisation."""

    organisation: str
    group: str

    @property
    def name(self) -> str:
        """The prefix of the names of its ops and its job."""
        return f"{self.organisation}__{self.group}"

    @property
    def asset_key(self) -> dg.AssetKey:
        """The key of its asset."""
        return dg.AssetKey([self.organisation, self.group])

    def suffix(self, partition: str) -> str:
        """Return the suffix of the state id of a partition."""
        return f"backfill.{self.organisation}.{self.group}.{partition}"

    def __str__(self) -> str:
        return f"organisation {self.organisation}, stream group {self.group}"


def main_suffix(settings: Settings, organisation: str) -> str:
    """Return the suffix of the state id of an organisation's incremental sync."""
    configured = settings.organisations[organisation].state_id_suffix
    return organisation if configured is None else configured


def choose(context: dg.OpExecutionContext, settings: Settings, place: Place) -> str:
    """Return the client for a partition; raise an error if it cannot be read."""
    partitions = windows.partitions_of(settings.partitions)
    about = settings.organisations[place.organisation]
    now = datetime.now(timezone.utc)
    with _failures_at(f"{place}, partition {context.partition_key}"):
        window = windows.window_of(partitions, context.partition_key)
        windows.check(window, about.retention_days, now)
        turn = partitions.get_partition_keys().index(context.partition_key)
        client = list(about.clients)[turn % len(about.clients)]
        _access(context, settings, Pool(place.organisation, client))
    return client


def read_partition(
    context: dg.OpExecutionContext, settings: Settings, place: Place, client: str
) -> None:
    """Read the window of a partition with a client, within the client's pool.

    A run after a failed or killed run continues from its state. Any other run reads the
    whole window.
    """
    key, pool = context.partition_key, Pool(place.organisation, client)
    window = windows.window_of(windows.partitions_of(settings.partitions), key)
    selected = json.dumps(settings.groups[place.group])
    environ = {**window.environment(), "TAP_GENESYS__SELECT_FILTER": selected}
    suffix = place.suffix(key)
    mode = "--force" if _continues(context) else "--full-refresh"
    environ |= _environment_of(settings, place, key)
    with _failures_at(f"{place}, partition {key} ({window}), client {client}"):
        _run(context, settings, pool, suffix, environ, mode)
    context.add_output_metadata({"window": str(window), "client": client})


def check_increment(
    context: dg.OpExecutionContext, settings: Settings, organisation: str, client: str
) -> None:
    """Raise an error if the incremental sync has no state or no credentials."""
    with _failures_at(
        f"organisation {organisation}, incremental sync, client {client}"
    ):
        _access(context, settings, Pool(organisation, client))
        if not Project(settings.meltano).state(main_suffix(settings, organisation)):
            message = (
                "There is no state to go on from, and all would be read at once. Run "
                f"`genesys-backfill takeover {organisation}` after a backfill."
            )
            raise MeltanoError(message)


def read_increment(
    context: dg.OpExecutionContext, settings: Settings, organisation: str, client: str
) -> None:
    """Run the incremental sync of all streams."""
    suffix = main_suffix(settings, organisation)
    again = ["--force"] if context.retry_number else []
    with _failures_at(
        f"organisation {organisation}, incremental sync, client {client}"
    ):
        environ = _environment_of(settings, Place(organisation, "all"), "incremental")
        _run(context, settings, Pool(organisation, client), suffix, environ, *again)


def _run(
    context: dg.OpExecutionContext,
    settings: Settings,
    pool: Pool,
    suffix: str,
    environ: dict[str, str],
    *options: str,
) -> None:
    """Run Meltano with a share of the client's rate limit; then rest the slot."""
    requests, access = _access(context, settings, pool)
    organisation = settings.organisations[pool.organisation]
    log = {
        "debug": context.log.debug,
        "warning": context.log.warning,
        "error": context.log.error,
        "critical": context.log.critical,
    }
    try:
        Project(settings.meltano).run(
            f"{suffix or pool.organisation}.{context.run_id[:8]}",
            suffix,
            {
                **access,
                **environ,
                "TAP_GENESYS_REQUESTS_PER_MINUTE": f"{requests}",
            },
            *options,
            tell=lambda level, text: log.get(level, context.log.info)(text),
            secrets=(access["TAP_GENESYS_CLIENT_SECRET"],),
        )
    finally:
        rest = organisation.clients[pool.client].rest_seconds
        context.log.info("%s: the slot rests %g seconds.", pool.name, rest)
        time.sleep(rest)


def _environment_of(settings: Settings, place: Place, partition: str) -> dict[str, str]:
    """Return the organisation's environment, with placeholders replaced."""
    configured = settings.organisations[place.organisation].environment
    names = {**place._asdict(), "partition": partition}
    environ = dict(configured)
    for name, value in names.items():
        environ = {
            variable: text.replace(f"{{{name}}}", value)
            for variable, text in environ.items()
        }
    return environ


def _access(
    context: dg.OpExecutionContext, settings: Settings, pool: Pool
) -> tuple[int, dict[str, str]]:
    """Return the requests per minute of a run, and the client's credentials."""
    client = settings.organisations[pool.organisation].clients[pool.client]
    named = {"CLIENT_ID": client.id, "CLIENT_SECRET": client.secret}
    if missing := [name for name in named.values() if not os.environ.get(name)]:
        message = (
            f"The credentials of client {pool.client} are missing: set "
            f"{' and '.join(missing)} in the environment of Dagster's workers."
        )
        raise PoolError(message)
    access = {
        f"TAP_GENESYS_{variable}": os.environ[name] for variable, name in named.items()
    }
    return share(pool, client, context.instance), access


def _continues(context: dg.OpExecutionContext) -> bool:
    """Tell whether this run follows an unsuccessful run of the partition."""
    if context.retry_number:
        return True
    parent = context.run.parent_run_id
    parent_run = context.instance.get_run_by_id(parent) if parent else None
    return parent_run is not None and parent_run.status != dg.DagsterRunStatus.SUCCESS


def may_pass(message: str) -> bool:
    """Tell whether a retry may cure an error of the tap."""
    return _TRANSIENT in message or not any(word in message for word in _PERMANENT)


@contextmanager
def _failures_at(where: str) -> Iterator[None]:
    """Turn errors into failures that name the place; allow retries if they may help."""
    try:
        yield
    except (windows.WindowError, PoolError) as error:
        message = f"{where}: {error}"
        raise dg.Failure(message, allow_retries=False) from None
    except MeltanoError as error:
        message = f"{where}: {error}"
        raise dg.Failure(message, allow_retries=may_pass(message)) from None
