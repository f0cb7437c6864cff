"""A private PostgreSQL, for as long as it is needed."""

from tap_genesys_analytics.sandbox.postgres.account import PostgresError
from tap_genesys_analytics.sandbox.postgres.private import postgres

__all__ = ["PostgresError", "postgres"]
