"""Partitioned backfills of tap-genesys on Dagster."""
