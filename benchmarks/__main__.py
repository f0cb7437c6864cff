"""The command: measure, keep the results, write README.md and the plots.

python -m benchmarks {rate,short,cpu,meltano,memory,incremental,start,all}
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

from benchmarks import (
    cpu,
    incremental,
    memory,
    pipeline,
    rate,
    report,
    results,
    start,
)
from benchmarks.environment import PEERS_PYTHON, install_peers, machine, versions
from benchmarks.measuring import ROOT

#: Each measurement, and its default number of repetitions.
_MEASUREMENTS = {
    "rate": (rate.measure_rate, 1),
    "short": (rate.measure_short, 5),
    "cpu": (cpu.measure, 5),
    "meltano": (pipeline.measure, 3),
    "memory": (memory.measure, 1),
    "incremental": (incremental.measure, 5),
    "start": (start.measure, 10),
}

_FOLDER = Path(__file__).parent


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measurement", choices=[*_MEASUREMENTS, "all"])
    parser.add_argument(
        "--scale", type=float, default=1, help="factor of all sizes; not 1: a trial"
    )
    parser.add_argument("--runs", type=int, help="pairs, or repetitions, of each")
    arguments = parser.parse_args()
    measurement = arguments.measurement
    install_peers()
    folder = _FOLDER if arguments.scale == 1 else _FOLDER / ".trial"
    for name in _MEASUREMENTS if measurement == "all" else [measurement]:
        measure, usual_runs = _MEASUREMENTS[name]
        runs = arguments.runs or usual_runs
        print(f"{name}: {runs} runs ...", flush=True)
        data = measure(arguments.scale, runs)
        result = results.Result(
            name, machine(), versions(), arguments.scale, runs, data
        )
        result.write(folder / "results")
        _write(folder)


def _write(folder: Path) -> None:
    """Write README.md and the plots of a folder's results."""
    kept, plots = folder / "results", folder / "plots"
    command = [PEERS_PYTHON, "-m", "benchmarks.plots", str(kept), str(plots)]
    subprocess.run(command, cwd=ROOT, check=True)
    text = report.render(results.read(kept), plots)
    (folder / "README.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
