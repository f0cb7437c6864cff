"""Prints a summary of the loaded tables: ``python -m demo.summary``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    Connection = psycopg.Connection[tuple[Any, ...]]

PLAIN_WIDTH = 120

COLUMNS = """
    select table_name::text, array_agg(column_name::text)
    from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    where table_schema = %s and table_type = 'BASE TABLE'
    group by table_name
    order by table_name
"""
SPEED_OF_ANSWER = """
    select c.conversation_start::date as day, count(*), avg(m.value)::float / 1000
    from {metrics} m
    join {conversations} c using (conversation_id)
    where m.name = 'tAnswered' and c.media_types = array['voice']
    group by day
    order by day
"""


@click.command()
@click.option("--schema", default="tap_genesys", show_default=True)
def main(schema: str) -> None:
    """Print a summary of a schema in the database of TARGET_POSTGRES_*."""
    try:
        connection = connect(os.environ)
    except psycopg.Error as error:
        # psycopg quotes parts of an invalid URL, perhaps the password.
        reason = error if isinstance(error, psycopg.OperationalError) else "its address"
        message = f"The database in TARGET_POSTGRES_* cannot be opened: {reason}"
        raise click.ClickException(message) from None
    with connection:
        connection.execute("set time zone 'UTC'")
        tables: dict[str, list[str]] = dict(
            connection.execute(COLUMNS, [schema]).fetchall()
        )
        if not tables:
            message = f"Nothing was loaded: there is no table in the schema '{schema}'."
            raise click.ClickException(message)
        console = Console()
        if not console.is_terminal:
            console = Console(width=PLAIN_WIDTH)
        rows = _print_tables(console, connection, schema, tables)
        if not rows:
            message = f"Nothing was loaded: the schema '{schema}' has no rows."
            raise click.ClickException(message)
        _print_conversations(console, connection, schema, tables)


def connect(environ: Mapping[str, str]) -> Connection:
    """Connect to the database that target-postgres loads into.

    Raises:
        psycopg.Error: The database cannot be reached, or its address is invalid.
    """
    if url := environ.get("TARGET_POSTGRES_SQLALCHEMY_URL"):
        return psycopg.connect(re.sub(r"^(postgres\w*)\+\w+:", r"\1:", url))
    address = {
        "host": environ.get("TARGET_POSTGRES_HOST"),
        "port": environ.get("TARGET_POSTGRES_PORT"),
        "user": environ.get("TARGET_POSTGRES_USER"),
        "password": environ.get("TARGET_POSTGRES_PASSWORD"),
        "dbname": environ.get("TARGET_POSTGRES_DATABASE"),
    }
    return psycopg.connect(make_conninfo("", **address))


def _print_tables(
    console: Console, connection: Connection, schema: str, tables: dict[str, list[str]]
) -> int:
    """Print the tables and return the number of rows in all of them."""
    summary = _table(console, schema, "table", "rows", "newest reading (UTC)")
    total = 0
    for name, columns in tables.items():
        read_at = sql.SQL("null")
        if "extracted_at" in columns:
            read_at = sql.SQL("max(extracted_at)::timestamp")
        query = sql.SQL("select count(*), {} from {}")
        counts = connection.execute(query.format(read_at, sql.Identifier(schema, name)))
        for rows, newest in counts:
            summary.add_row(name, f"{rows:,}", _moment(newest))
            total += rows
    console.print(summary)
    return total


def _print_conversations(
    console: Console, connection: Connection, schema: str, tables: dict[str, list[str]]
) -> None:
    """Print the period and the speed of answer, if the columns for them exist."""
    if "conversation_start" not in tables.get("conversations", ()):
        return
    conversations = sql.Identifier(schema, "conversations")
    query = sql.SQL(
        "select min(conversation_start)::timestamp, max(conversation_start)::timestamp "
        "from {}"
    )
    for first, last in connection.execute(query.format(conversations)):
        if first:
            console.print(f"Conversations from {_moment(first)} to {_moment(last)} UTC")
    if not {"name", "value"} <= set(tables.get("conversation_metrics", ())):
        return
    if "media_types" not in tables["conversations"]:
        return
    metrics = sql.Identifier(schema, "conversation_metrics")
    days = connection.execute(
        sql.SQL(SPEED_OF_ANSWER).format(metrics=metrics, conversations=conversations)
    ).fetchall()
    if not days:
        return
    summary = _table(
        console, "speed of answer, voice", "day (UTC)", "answered", "average seconds"
    )
    for day, answered, seconds in days:
        summary.add_row(f"{day}", f"{answered:,}", f"{seconds:.1f}")
    console.print(summary)


def _table(console: Console, title: str, *columns: str) -> Table:
    """Return an empty table; without lines if the output is not a terminal."""
    shape = box.SIMPLE if console.is_terminal else None
    table = Table(title=title, title_justify="left", box=shape)
    for column in columns:
        numbers = column in {"rows", "answered", "average seconds"}
        table.add_column(column, justify="right" if numbers else "left", no_wrap=True)
    return table


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


if __name__ == "__main__":
    main()
