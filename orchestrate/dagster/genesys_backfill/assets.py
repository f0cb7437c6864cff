"""The assets: the backfill of each stream group, and the incremental syncs.

Without `from __future__ import annotations`, because Dagster needs the annotations of
ops as types, not as texts.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from genesys_backfill.pools import Pool
from genesys_backfill.settings import Settings
from genesys_backfill.sync import (
    Place,
    check_increment,
    choose,
    read_increment,
    read_partition,
)
from genesys_backfill.windows import partitions_of


def backfill_asset(settings: Settings, place: Place) -> dg.AssetsDefinition:
    """Return the asset of a stream group: each partition is one `meltano run`.

    The partitions use the organisation's clients in turn. The first op chooses the
    client. Then there is an op for each client, in the client's pool, and only that of
    the chosen client runs.
    """
    clients = list(settings.organisations[place.organisation].clients)

    @dg.op(
        name=f"{place.name}__choose",
        description="Checks the window, and chooses the client whose turn it is.",
        out={client: dg.Out(dg.Nothing, is_required=False) for client in clients},
    )
    def choose_client(context: dg.OpExecutionContext) -> Iterator[dg.Output[None]]:
        yield dg.Output(None, choose(context, settings, place))

    @dg.op(
        name=f"{place.name}__read",
        description="Is there when one of the clients has read the window.",
        ins={"read": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
    )
    def done() -> None:
        pass

    @dg.graph_asset(
        key=place.asset_key,
        group_name=place.organisation,
        description=f"Streams: {', '.join(settings.groups[place.group])}.",
        partitions_def=partitions_of(settings.partitions),
        kinds={"meltano"},
    )
    def windows() -> Any:  # noqa: ANN401 (Dagster's placeholder for an op's output)
        chosen = choose_client()
        outputs = [chosen] if len(clients) == 1 else chosen
        read = [
            _reader(settings, place, client)(output)
            for client, output in zip(clients, outputs, strict=True)
        ]
        return done(read)

    return windows


def increment_asset(settings: Settings, organisation: str) -> dg.AssetsDefinition:
    """Return the asset of the incremental sync of all streams of an organisation."""
    client = next(iter(settings.organisations[organisation].clients))

    @dg.op(
        name=f"{organisation}__check",
        description="Checks that there is a state to go on from, and a client.",
        out=dg.Out(dg.Nothing),
    )
    def check(context: dg.OpExecutionContext) -> None:
        check_increment(context, settings, organisation, client)

    @dg.op(
        name=f"{organisation}__read_with_{client}",
        pool=Pool(organisation, client).name,
        retry_policy=_retries(settings),
        ins={"checked": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
    )
    def read(context: dg.OpExecutionContext) -> None:
        read_increment(context, settings, organisation, client)

    @dg.graph_asset(
        key=[organisation, "incremental"],
        group_name=organisation,
        description="All streams, from where the backfills have handed over.",
        kinds={"meltano"},
    )
    def incremental() -> Any:  # noqa: ANN401 (Dagster's placeholder for an op's output)
        return read(check())

    return incremental


def _reader(settings: Settings, place: Place, client: str) -> dg.OpDefinition:
    """Return the op that reads a window with a client."""

    @dg.op(
        name=f"{place.name}__read_with_{client}",
        pool=Pool(place.organisation, client).name,
        retry_policy=_retries(settings),
        ins={"chosen": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
    )
    def read(context: dg.OpExecutionContext) -> None:
        read_partition(context, settings, place, client)

    return read


def _retries(settings: Settings) -> dg.RetryPolicy:
    """Return the policy for retries of ops, with random delays.

    It also helps partitions that fail because they create the same table, or load the
    same row, at the same time.
    """
    return dg.RetryPolicy(
        max_retries=settings.retries,
        delay=settings.retry_seconds,
        backoff=dg.Backoff.EXPONENTIAL,
        jitter=dg.Jitter.PLUS_MINUS,
    )
