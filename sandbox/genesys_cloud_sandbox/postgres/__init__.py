"""A private PostgreSQL, for as long as it is needed."""

from genesys_cloud_sandbox.postgres.account import PostgresError
from genesys_cloud_sandbox.postgres.private import postgres

__all__ = ["PostgresError", "postgres"]
