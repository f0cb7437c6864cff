"""Wall time of a backfill of nine weeks, by workers and OAuth clients.

python -m benchmarks.backfill RESULT.json    measure
python -m benchmarks.backfill --draw RESULT.json PLOT.png    draw, where matplotlib is
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKERS = (1, 2, 4, 8)
CLIENTS = (1, 4)
WEEKS = 9
#: Requests per minute of each client: few, so that the limit is the bottleneck.
BUDGET = 150
CONVERSATIONS_PER_DAY = 40
_PAGE_SIZE = 10
_TOO_MANY_REQUESTS = 429


def measure(workers: int, clients: int, server: Mapping[str, str]) -> dict[str, Any]:
    """Run the backfill once; return its duration and its requests."""
    # Imported here, because the plot is drawn where these are not installed.
    from genesys_cloud_sandbox.server import (  # noqa: PLC0415
        Sandbox,
        SandboxOptions,
    )

    from tests.orchestrate.engine import Engine, settings_of  # noqa: PLC0415
    from tests.warehouse import Warehouse  # noqa: PLC0415

    names = ["sandbox", *(f"client_{number}" for number in range(2, clients + 1))]
    secrets = dict.fromkeys(names, "of-its-own") | {"sandbox": "sandbox-secret"}
    options = SandboxOptions(
        conversations_per_day=CONVERSATIONS_PER_DAY,
        clients=tuple(f"{name}:{secrets[name]}" for name in names[1:]),
        requests_per_minute=BUDGET,
        rate_limit_per="client",
    )
    today = datetime.now(timezone.utc).date()
    end = today - timedelta(days=2)
    start = end - timedelta(weeks=WEEKS)
    settings = settings_of((f"{start}", f"{end}"), {"conversations": ["conversations"]})
    settings["partitions"]["every"] = "week"
    schema = f"backfill_{workers}_{clients}"
    settings["organisations"]["demo"] = {
        "environment": {
            "TAP_GENESYS_CONVERSATION_SOURCE": "query",
            "TAP_GENESYS_PAGE_SIZE": f"{_PAGE_SIZE}",
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
        },
        "clients": {
            name: {
                "id": f"{name}_ID",
                "secret": f"{name}_SECRET",
                "requests_per_minute": BUDGET,
                "slots": max(1, workers // clients),
                "rest_seconds": 0,
            }
            for name in names
        },
    }
    with Sandbox(options) as sandbox, TemporaryDirectory() as folder:
        environ = {
            **server,
            **{f"{name}_ID": name for name in names},
            **{f"{name}_SECRET": secrets[name] for name in names},
            "TAP_GENESYS_API_URL": sandbox.api_url,
            "TAP_GENESYS_LOGIN_URL": sandbox.login_url,
            "MELTANO_STATE_BACKEND_URI": f"file://{folder}/state",
            "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
        }
        home = Path(folder) / "home"
        with Engine(home, settings, environ, workers=workers) as engine:
            begun = time.monotonic()
            engine.backfill_command("backfill", "demo", "--wait")
            seconds = time.monotonic() - begun
        requests = list(sandbox.requests)
    (rows,) = Warehouse(server, schema).query("select count(*) from conversations")
    refused = sum(each.status == _TOO_MANY_REQUESTS for each in requests)
    return {
        "workers": workers,
        "clients": clients,
        "seconds": round(seconds),
        "requests": len(requests),
        "refused": refused,
        "conversations": rows[0],
    }


def measure_all(result: Path) -> None:
    """Measure each number of workers with one client and with several."""
    from genesys_cloud_sandbox.postgres import postgres  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    with (
        TemporaryDirectory() as folder,
        postgres(Path(folder), {}, report=lambda _: None) as server,
    ):
        for clients in CLIENTS:
            for workers in WORKERS:
                rows.append(measure(workers, clients, server))
                print(rows[-1], flush=True)
                result.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def draw(result: Path, plot: Path) -> None:
    """Draw the results."""
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = json.loads(result.read_text("utf-8"))
    picture, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for clients, color in zip(CLIENTS, ("#b8c4cc", "#0b6e99"), strict=True):
        mine = [row for row in rows if row["clients"] == clients]
        label = f"{clients} OAuth client{'s' if clients > 1 else ''}"
        drawn = [row["seconds"] for row in mine]
        axes.plot(
            [row["workers"] for row in mine], drawn, "o-", color=color, label=label
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(WORKERS, [str(each) for each in WORKERS])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("workers")
    axes.set_ylabel("seconds for nine weeks")
    axes.legend()
    picture.savefig(plot, dpi=120, metadata={"Software": None})


if __name__ == "__main__":
    if sys.argv[1] == "--draw":
        draw(*map(Path, sys.argv[2:]))
    else:
        measure_all(Path(sys.argv[1]))
