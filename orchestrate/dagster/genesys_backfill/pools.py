"""The pool of an OAuth client, and each run's share of the rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import dagster as dg

    from genesys_backfill.settings import Client, Settings


class PoolError(ValueError):
    """A pool admits no run; the message has the remedy."""


class Pool(NamedTuple):
    """The Dagster pool of a client. The UI shows its limit under Concurrency."""

    organisation: str
    client: str

    @property
    def name(self) -> str:
        """The name of the pool in Dagster."""
        return f"genesys_{self.organisation}_{self.client}"


def set_limits(settings: Settings, instance: dg.DagsterInstance) -> dict[str, int]:
    """Set the limit of each client's pool from the settings; return the limits."""
    limits = {
        Pool(organisation, client).name: client_settings.slots
        for organisation, organisation_settings in settings.organisations.items()
        for client, client_settings in organisation_settings.clients.items()
    }
    for name, slots in limits.items():
        instance.event_log_storage.set_concurrency_slots(name, slots)
    return limits


def share(pool: Pool, client: Client, instance: dg.DagsterInstance) -> int:
    """Return the requests per minute of one run: the client's budget by slots.

    Uses Dagster's present limit of the pool, which may differ from the settings.

    Raises:
        PoolError: The pool has no limit, a limit of zero, or more slots than requests.
    """
    limits = {
        entry.name: entry.limit
        for entry in instance.event_log_storage.get_pool_limits()
    }
    how = (
        f"Set it with `dagster instance concurrency set {pool.name} N`, in the UI "
        "under Deployment > Concurrency, or by `slots` of the client and "
        "`genesys-backfill pools`."
    )
    where = f"The pool {pool.name} of client {pool.client} of {pool.organisation}"
    limit = limits.get(pool.name)
    if limit is None:
        message = f"{where} has no limit, and its runs could pass the budget. {how}"
        raise PoolError(message)
    if limit == 0:
        message = f"{where} is set to 0: nothing may be read with this client. {how}"
        raise PoolError(message)
    if limit > client.requests_per_minute:
        message = (
            f"{where} has {limit} slots for {client.requests_per_minute} requests a "
            f"minute, which leaves none for a run. {how}"
        )
        raise PoolError(message)
    return client.requests_per_minute // limit
