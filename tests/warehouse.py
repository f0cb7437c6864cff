"""A PostgreSQL with the target's tables, as an analyst sees them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGET = Path(sys.executable).with_name("target-postgres")


@dataclass(frozen=True)
class Warehouse:
    """A schema of a running PostgreSQL, and how to load it."""

    environ: Mapping[str, str]
    schema: str

    def start_target(self, **pipes: Any) -> subprocess.Popen[bytes]:
        """Start the real target-postgres."""
        own = {
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": self.schema,
            "TARGET_POSTGRES_USE_COPY": "true",
        }
        environ = {**os.environ, **self.environ, **own}
        return subprocess.Popen([TARGET, "--config=ENV"], env=environ, **pipes)

    def load(self, messages: Path) -> str:
        """Load a file of Singer messages; return the last state that was kept."""
        with messages.open("rb") as lines:
            target = self.start_target(
                stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            out, log = target.communicate(timeout=120)
        assert target.returncode == 0, log.decode()
        return (out.decode().strip().splitlines() or [""])[-1]

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; the schema is the one that is loaded."""
        get = self.environ.__getitem__
        with closing(
            psycopg.connect(
                host=get("TARGET_POSTGRES_HOST"),
                port=get("TARGET_POSTGRES_PORT"),
                user=get("TARGET_POSTGRES_USER"),
                password=get("TARGET_POSTGRES_PASSWORD"),
                dbname=get("TARGET_POSTGRES_DATABASE"),
                options="-c timezone=UTC",
            )
        ) as connection:
            path = sql.SQL("set search_path to {}").format(sql.Identifier(self.schema))
            connection.execute(path)
            return connection.execute(text.encode()).fetchall()

    def counts(self, tables: list[str]) -> dict[str, int]:
        """Return the number of rows of tables."""
        return {
            table: self.query(f"select count(*) from {table}")[0][0]  # noqa: S608 (our names)
            for table in tables
        }

    def content(self, table: str) -> list[tuple[Any, ...]]:
        """Return what a table holds, but for when it was read and loaded."""
        columns = self.query(
            "select column_name from information_schema.columns where table_schema = "  # noqa: S608
            f"'{self.schema}' and table_name = '{table}' and column_name !~ "
            "'^(extracted_at|_sdc_.*)$' order by 1"
        )
        names = ", ".join(f"{name}::text" for (name,) in columns)
        return self.query(f"select {names} from {table} order by {names}")  # noqa: S608
