"""The findings that are known: of the runs that the suite repeats."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzz.fuzzing import Fuzzer

FILE = Path(__file__).with_name("known.json")

#: The runs that the suite repeats.
SEED, RUNS = 2026, range(4250, 4500)

#: Endpoint → what is changed there → the kinds of findings.
Known = dict[str, dict[str, list[str]]]


def found_in(fuzzer: Fuzzer) -> Known:
    """Return the findings of the runs that the suite repeats."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for run in RUNS:
        case = fuzzer.case(SEED, run)
        for finding in fuzzer.findings(case):
            place = f"{case.pattern} {case.mutation.kind}"
            found[case.endpoint][place].add(finding.kind)
    return {
        endpoint: {place: sorted(kinds) for place, kinds in sorted(at.items())}
        for endpoint, at in sorted(found.items())
    }


def read() -> Known:
    """Return the findings that are committed."""
    known: Known = json.loads(FILE.read_text("utf-8"))
    return known


def write(found: Known) -> None:
    """Commit to these findings."""
    FILE.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def lines(known: Known) -> set[str]:
    """Return findings as lines, to compare."""
    return {
        f"{endpoint} {place}: {kind}"
        for endpoint, places in known.items()
        for place, kinds in places.items()
        for kind in kinds
    }
