"""The summary of what was loaded, from a real database."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from genesys_cloud_sandbox.postgres import postgres

from demo.summary import connect, main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOADED = """
create schema loaded;
create table loaded.conversations (
    conversation_id text, conversation_start timestamp, media_types text[],
    extracted_at timestamp
);
create table loaded.conversation_metrics (
    conversation_id text, name text, value numeric, extracted_at timestamp
);
create table loaded.queues (id text);
create view loaded.a_view as select 1;
insert into loaded.conversations
select 'c' || n, '2026-03-01 23:00'::timestamp + n * interval '1 hour',
       case n when 5 then array['email', 'voice'] else array['voice'] end,
       '2026-03-04 05:06:07.891'
from generate_series(0, 1200) n;
insert into loaded.conversation_metrics values
    ('c0', 'tAnswered', 4000, '2026-03-04 05:06:07'),
    ('c1', 'tAnswered', 10000, '2026-03-04 05:06:07'),
    ('c2', 'tAnswered', 15000, '2026-03-04 05:06:07'),
    ('c5', 'tAnswered', 99000000, '2026-03-04 05:06:07'),
    ('c2', 'tTalk', 99000, '2026-03-04 05:06:07');
create schema bare;
create table bare.queues (id text);
insert into bare.queues values ('q');
create table bare.conversation_metrics (conversation_id text);
create schema hollow;
create table hollow.conversations (conversation_id text, conversation_start timestamp);
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A database with a schema as target-postgres loads it, and poorer ones."""
    home: Path = tmp_path_factory.mktemp("home")
    with postgres(home, {"PATH": os.environ["PATH"]}, report=print) as variables:
        with connect(variables) as connection:
            connection.execute(LOADED)
        yield variables
    shutil.rmtree((home / "postgres").resolve())


def summary(variables: dict[str, str], schema: str) -> Result:
    """Run the command, as in a pipe."""
    cleared = {"TARGET_POSTGRES_HOST": None, "TARGET_POSTGRES_SQLALCHEMY_URL": None}
    return CliRunner().invoke(main, ["--schema", schema], env={**cleared, **variables})


def test_tables_period_and_speed_of_answer_are_shown(warehouse: dict[str, str]) -> None:
    """Every table with rows and newest reading, then what the conversations say."""
    result = summary(warehouse, "loaded")
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert ["conversations", "1,201", "2026-03-04", "05:06:07"] in lines
    assert ["conversation_metrics", "5", "2026-03-04", "05:06:07"] in lines
    assert ["queues", "0"] in lines
    assert "a_view" not in result.output
    period = "Conversations from 2026-03-01 23:00:00 to 2026-04-20 23:00:00 UTC"
    assert period in result.output
    assert ["2026-03-01", "1", "4.0"] in lines
    assert ["2026-03-02", "2", "12.5"] in lines
    assert result.output.isascii()


def test_tables_that_are_not_there_are_passed_over(warehouse: dict[str, str]) -> None:
    """A selection without conversations is summed up as well."""
    result = summary(warehouse, "bare")
    assert result.exit_code == 0
    assert "queues" in result.output
    assert "Conversations" not in result.output


def test_a_url_is_read_too(warehouse: dict[str, str]) -> None:
    """In SQLAlchemy's form, with its driver."""
    host, port, user, password, database = warehouse.values()
    url = f"postgresql+psycopg://{user}:{password}@{host}:{port}/{database}"
    result = summary({"TARGET_POSTGRES_SQLALCHEMY_URL": url}, "bare")
    assert result.exit_code == 0


@pytest.mark.parametrize("schema", ["hollow", "missing"])
def test_nothing_loaded_is_a_failure(warehouse: dict[str, str], schema: str) -> None:
    """Empty tables, or no schema: said in one line."""
    result = summary(warehouse, schema)
    assert result.exit_code == 1
    assert f"Nothing was loaded: {'there is no' if schema == 'missing' else ''}" in (
        result.output
    )
    assert f"schema '{schema}'" in result.output


@pytest.mark.parametrize(
    "variables",
    [
        {
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": "1",
            "TARGET_POSTGRES_PASSWORD": "pass word",
        },
        {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql://u:pass word@127.0.0.1:1/x"},
        {"TARGET_POSTGRES_SQLALCHEMY_URL": "u:pass word@127.0.0.1:1/x"},
        {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql://u:pa/pass word@h:1/x"},
    ],
)
def test_a_database_out_of_reach_is_named_without_its_password(
    variables: dict[str, str],
) -> None:
    """Also when its address cannot be read."""
    result = summary(variables, "any")
    assert result.exit_code == 1
    assert "The database in TARGET_POSTGRES_* cannot be opened" in result.output
    assert "word" not in result.output
