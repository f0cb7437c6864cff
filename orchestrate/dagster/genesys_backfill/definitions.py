"""Dagster's entry point: `dagster dev -m genesys_backfill.definitions`."""

from __future__ import annotations

import importlib

import dagster as dg

from genesys_backfill.assets import backfill_asset, increment_asset
from genesys_backfill.settings import Settings, SettingsError, load
from genesys_backfill.sync import Place


def places(settings: Settings) -> list[Place]:
    """Return every stream group of every organisation."""
    return [
        Place(organisation, group)
        for organisation in settings.organisations
        for group in settings.groups
    ]


def backfill_job(place: Place) -> str:
    """Return the name of the job that backfills a stream group."""
    return f"backfill__{place.name}"


def build(settings: Settings) -> dg.Definitions:
    """Return assets, jobs and schedules of all organisations."""
    increments = {
        organisation: increment_asset(settings, organisation)
        for organisation in settings.organisations
    }
    jobs = {
        organisation: dg.define_asset_job(f"incremental__{organisation}", [asset])
        for organisation, asset in increments.items()
    }
    windows = {place: backfill_asset(settings, place) for place in places(settings)}
    backfills = [
        dg.define_asset_job(backfill_job(place), [asset])
        for place, asset in windows.items()
    ]
    return dg.Definitions(
        assets=[*windows.values(), *increments.values()],
        jobs=[*backfills, *jobs.values()],
        schedules=[
            dg.ScheduleDefinition(job=job, cron_schedule=settings.incremental.cron)
            for job in jobs.values()
        ],
        executor=_executor(settings.executor),
    )


def _executor(path: str) -> dg.ExecutorDefinition:
    """Return the executor named ``module.name``."""
    module, _, name = path.rpartition(".")
    try:
        executor = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        message = (
            f"executor: {path} cannot be loaded ({error}). Install the package that it "
            "is in, for instance dagster-k8s or dagster-celery, or correct the name."
        )
        raise SettingsError(message) from None
    if not isinstance(executor, dg.ExecutorDefinition):
        message = f"executor: {path} is not an executor of Dagster"
        raise SettingsError(message)
    return executor


defs = build(load())
