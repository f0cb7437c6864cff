"""Chaos: everything that goes wrong at once, and tables that are right in the end.

    python -m tests.chaos --runs 300 --seed 0

Each run is a sandbox with a world of its own, and a tap that syncs it at several
moments of that world's time while requests fail, tokens die, the watermark stands and
jumps, pages shift, and the tap is stopped or killed and started again from the last
state that the target kept. In the end the tables must be equal to the sandbox's truth.
The same seed is the same run, but for the moment at which a signal meets the tap.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genesys_cloud_sandbox.server import Fault, Sandbox, SandboxOptions
from genesys_cloud_sandbox.world.conversation_details import as_of, with_attributes

from tap_genesys_analytics.intervals.timestamps import format_timestamp
from tap_genesys_analytics.records.flattening import DocumentRecords
from tap_genesys_analytics.streams.conversation_tables import TABLES
from tests import singer
from tests.singer_records import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Row = dict[str, Any]
    Key = tuple[Any, ...]

DAY = timedelta(days=1)
LOADED = [table for table in TABLES if table.selected_by_default]
KEYS = {table.name: [column.name for column in table.keys] for table in LOADED}
#: Tries with faults and signals at one moment of time; then it must go well.
STORMY_TRIES = 4


@dataclass
class Warehouse:
    """What a target has: rows by key, and the state that covers them."""

    tables: dict[str, dict[Key, Row]] = field(
        default_factory=lambda: {table.name: {} for table in LOADED}
    )
    state: dict[str, Any] = field(default_factory=dict)

    def load(self, messages: singer.Messages) -> None:
        """Take the messages of a run, however it ended."""
        for table, records in messages.records.items():
            for record in records:
                key = tuple(record[name] for name in KEYS[table])
                self.tables[table][key] = record
        if messages.states:
            self.state = messages.states[-1]

    def current(self, table: str, start: str, end: str) -> dict[Key, Row]:
        """Return the rows of the latest readings, of conversations of a span."""
        read_at = {
            key[0]: row["extracted_at"]
            for key, row in self.tables["conversations"].items()
        }
        return {
            key: {name: value for name, value in row.items() if name != "extracted_at"}
            for key, row in self.tables[table].items()
            if start <= row["conversation_start"] < end
            and row["extracted_at"] == read_at.get(key[0])
        }


@dataclass(frozen=True)
class Storm:
    """What one run of chaos is made of, drawn from its seed."""

    options: SandboxOptions
    config: dict[str, Any]
    start: datetime
    end: datetime
    moments: tuple[datetime, ...]
    faults: tuple[tuple[Fault, float], ...]


def draw(seed: int) -> Storm:
    """Return the storm of a seed."""
    chance = random.Random(seed)
    start = datetime(2026, 3, 2, tzinfo=timezone.utc) + chance.randrange(200) * DAY
    end = start + 2 * DAY
    # Days pass between the syncs; after the last one nothing is open any more that
    # the lookback does not reach.
    steps = sorted(chance.uniform(0.3, 4) for _ in range(chance.randint(1, 3)))
    moments = (*(start + step * DAY for step in steps), end + 5 * DAY)
    source = chance.choice(["auto", "auto", "jobs", "query"])
    per_day = chance.randint(8, 30)
    options = SandboxOptions(
        seed=seed,
        conversations_per_day=per_day,
        requests_per_minute=0,
        expires_in=chance.choice([2, 86_400]),
        sub_day_matching=chance.choice(["day", "activity"]),
        past_the_end=chance.choice(
            ["empty-object", "total-zero", "total", "empty-list"]
        ),
        result_cap=chance.choice([100_000, 100_000, max(8, per_day * 2 // 3)]),
        payload_limit=chance.choice([0, 0, 60_000]),
        dirty_text=chance.choice([0, 0.1]),
        extra_fields=chance.choice([0, 0.1]),
        late_arrivals=chance.choice([0, 0.3]),
        watermark_lag=chance.choice([3_600, 6 * 3_600, 24 * 3_600]),
        job_seconds=0.01,
        results_delay=chance.choice([0, 0.02]),
    )
    config = {
        "conversation_source": source,
        "start_date": format_timestamp(start),
        "end_date": format_timestamp(end),
        "page_size": min(chance.choice([3, 10, 100]), options.result_cap),
        "job_page_size": chance.choice([5, 1000]),
        "lookback_interval_hours": chance.choice([0, 24]),
        # One after the other, and all at once: neither may lose anything.
        "max_connections": 8 if seed % 2 else 1,
    }
    faults = (
        Fault("too-many-requests", retry_after=chance.randint(1, 5)),
        Fault("server-error", status=chance.choice([500, 502, 503, 504])),
        Fault("drop"),
        Fault("truncate"),
        Fault("not-json"),
        Fault("expire-token"),
        Fault("revoke-token"),
        Fault("latency", seconds=0.02),
        Fault("payload-too-large", page_size=4),
        Fault("job-failed"),
        Fault("job-cancelled"),
        Fault("results-expired"),
        Fault("bad-request"),
    )
    shares = tuple(
        (fault, chance.choice([0, 0.02, 0.1]))
        for fault in faults
        if chance.random() < 0.5
    )
    return Storm(options, config, start, end, moments, shares)


def sync(
    config: dict[str, Any], state: dict[str, Any], folder: str, now: datetime
) -> None:
    """Run the tap in this process, its output in a folder's files, at a moment."""
    from tests import hasty_tap  # noqa: PLC0415 (preloaded in the process that forks)

    for name, number in (("out", 1), ("log", 2)):
        file = os.open(Path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    hasty_tap.set_clock(now)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    catalog = singer.catalog_of(singer.CONVERSATIONS)
    hasty_tap.TapGenesys(config=config, state=state, catalog=catalog).sync_all()


def run(seed: int, folder: Path) -> Counter[str]:
    """Weather one storm; return what happened in it.

    Raises:
        AssertionError: The tables are not the truth.
    """
    storm = draw(seed)
    chance = random.Random(-seed - 1)
    happened: Counter[str] = Counter()
    warehouse = Warehouse()
    moment = storm.moments[0]
    options = {**vars(storm.options), "clock": lambda: moment}
    with Sandbox(SandboxOptions(**options)) as sandbox:
        config = singer.settings(sandbox, **storm.config)
        for moment in storm.moments:
            last = moment == storm.moments[-1]
            if last or chance.random() < 0.6:
                sandbox.watermark.release()
            else:
                sandbox.watermark.hold(moment - chance.uniform(0.1, 3) * DAY)
            for attempt in range(STORMY_TRIES + 1):
                calm = attempt == STORMY_TRIES
                sandbox.faults.clear()
                for number, (fault, share) in enumerate(() if calm else storm.faults):
                    sandbox.faults.with_probability(fault, share, seed + number)
                ended = _one_sync(
                    config, warehouse, folder, moment, None if calm else chance
                )
                happened[ended] += 1
                if ended == "ended well":
                    break
                assert not calm, (folder / "log").read_text("utf-8")[-4000:]
        sandbox.faults.clear()
        happened.update(sandbox.faults.happened)
        _compare(storm, sandbox, warehouse)
    return happened


def _one_sync(
    config: dict[str, Any],
    warehouse: Warehouse,
    folder: Path,
    now: datetime,
    chance: random.Random | None,
) -> str:
    """Sync once, perhaps stopped or killed on the way; return how it ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.hasty_tap"])
    process = context.Process(
        target=sync, args=(config, warehouse.state, str(folder), now)
    )
    for name in ("out", "log"):
        (folder / name).write_bytes(b"")
    process.start()
    stopped = ""
    if chance is not None and chance.random() < 0.5:
        process.join(chance.uniform(0.05, 1.2))
        if process.is_alive():
            stopped = chance.choice(["killed", "stopped"])
            (process.kill if stopped == "killed" else process.terminate)()
    process.join(120)
    if process.is_alive():
        process.kill()
        message = f"a sync hangs: {(folder / 'log').read_text('utf-8')[-4000:]}"
        raise AssertionError(message)
    with (folder / "out").open("rb") as out:
        warehouse.load(singer.Messages.read(out))
    if process.exitcode == 0:
        return "ended well"
    return stopped or "failed"


def _compare(storm: Storm, sandbox: Sandbox, warehouse: Warehouse) -> None:
    """Hold the tables to the sandbox's truth: of conversations that started in span."""
    start, end = format_timestamp(storm.start), format_timestamp(storm.end)
    wanted = {table.name: [c.name for c in table.columns] for table in LOADED}
    made = DocumentRecords(TABLES, wanted)
    truth: dict[str, dict[Key, Row]] = {table.name: {} for table in LOADED}
    nested = {"participants", "evaluations", "surveys", "resolutions"}
    for document in _truth(storm, sandbox):
        for table, row in rows_of(made, document, ""):
            key = tuple(row[name] for name in KEYS[table])
            hidden = {"extracted_at"} | (nested if table == "conversations" else set())
            truth[table][key] = {
                name: value for name, value in row.items() if name not in hidden
            }
    for table, expected in truth.items():
        found = warehouse.current(table, start, end)
        missing = expected.keys() - found.keys()
        surplus = found.keys() - expected.keys()
        differing = [
            key for key in expected.keys() & found.keys() if expected[key] != found[key]
        ]
        if wrong := [*missing, *surplus, *differing]:
            message = (
                f"{table}: {len(missing)} missing, {len(surplus)} surplus, "
                f"{len(differing)} differ, such as {wrong[0]}"
            )
            raise AssertionError(message)


def _truth(storm: Storm, sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    """Yield the documents as the last reading should have found them."""
    if storm.config["conversation_source"] == "query":
        yield from _cleaned(sandbox.truth(storm.start.date(), storm.end.date()))
        return
    seen_at = sandbox.watermark.now()
    day = storm.start.date()
    while day < storm.end.date():
        index = sandbox.world.day(day)
        lives = (
            sandbox.world.conversation(index.number, each) for each in index.indexes
        )
        found = (as_of(life, seen_at) for life in lives)
        yield from _cleaned(with_attributes(each) for each in found if each is not None)
        day += DAY


def _cleaned(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Yield documents as they arrive: through JSON, freed of what cannot be stored."""
    from tap_genesys_analytics.records.raw_documents import (  # noqa: PLC0415 (one use)
        decode_json,
    )

    for document in documents:
        yield decode_json(json.dumps(document).encode())


def main() -> None:
    """Weather storms, and say what happened in them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.monotonic()
    happened: Counter[str] = Counter()
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        with tempfile.TemporaryDirectory() as folder:
            try:
                happened += run(seed, Path(folder))
            except AssertionError as error:
                print(f"seed {seed}: {error}")  # noqa: T201 (a command speaks)
                sys.exit(1)
    minutes = (time.monotonic() - began) / 60
    print(  # noqa: T201 (a command speaks)
        f"{arguments.runs} runs, each with the truth in its tables, in {minutes:.1f} "
        f"minutes: {', '.join(f'{n} x {what}' for what, n in happened.most_common())}"
    )


if __name__ == "__main__":
    main()
