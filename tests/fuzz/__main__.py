"""The command: many runs with a summary, or one again.

python -m tests.fuzz --runs 5000 --seed 0
python -m tests.fuzz --seed 0 --run 17 --verbose
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.fuzz import known
from tests.fuzz.fuzzing import Fuzzer
from tests.fuzz.oracle import KINDS


def main() -> int:
    """Run the tap against changed answers; return 1 if there are findings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", type=int, help="only this run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="show a run's log")
    parser.add_argument("--report", type=Path, help="a file for all findings, as JSON")
    parser.add_argument("--write-known", action="store_true", help="renew known.json")
    arguments = parser.parse_args()
    logging.lastResort = None
    if arguments.write_known:
        with Fuzzer() as fuzzer:
            known.write(known.found_in(fuzzer))
        return 0
    if arguments.run is not None:
        return _one(arguments.seed, arguments.run, verbose=arguments.verbose)
    began = time.monotonic()
    shares = [
        (arguments.seed, range(first, arguments.runs, arguments.jobs))
        for first in range(arguments.jobs)
    ]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        found = [each for share in pool.map(_share, shares) for each in share]
    if arguments.report:
        arguments.report.write_text(json.dumps(found, indent=1), "utf-8")
    counts = Counter(each["kind"] for each in found)
    seconds = time.monotonic() - began
    _say(f"{arguments.runs} runs with seed {arguments.seed} in {seconds:.0f} seconds")
    for kind in KINDS:
        _say(f"  {counts[kind]:5} {kind}")
    return 1 if found else 0


def _share(share: tuple[int, range]) -> list[dict[str, str]]:
    """Return the findings of some runs; print them meanwhile."""
    logging.lastResort = None
    seed, runs = share
    found = []
    with Fuzzer() as fuzzer:
        for run in runs:
            case = fuzzer.case(seed, run)
            for finding in fuzzer.findings(case):
                _say(f"{case}\n  {finding.kind}: {finding.text}\n  {case.command}")
                found.append(
                    {
                        "kind": finding.kind,
                        "text": finding.text,
                        "group": case.group.name,
                        "endpoint": case.endpoint,
                        "pattern": case.pattern,
                        "mutation": str(case.mutation),
                        "command": case.command,
                    }
                )
    return found


def _one(seed: int, run: int, *, verbose: bool) -> int:
    """Do one run again."""
    with Fuzzer() as fuzzer:
        case = fuzzer.case(seed, run)
        findings = fuzzer.findings(case)
        _say(str(case))
        for finding in findings:
            _say(f"  {finding.kind}: {finding.text}")
        if verbose:
            outcome = fuzzer.outcome(case)
            for level, text in outcome.log:
                _say(f"  {logging.getLevelName(level)}: {text}")
            _say(f"  ended with: {outcome.error or 'success'}")
    return 1 if findings else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
