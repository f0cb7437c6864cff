"""Memory of the process: large answers are given back, whoever read them."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

#: Takes and frees a piece of memory as large as an answer, then holds ten of them, and
#: prints how many are pieces of their own.
PROGRAM = """
import ctypes
from tap_genesys_analytics.run import memory

class Usage(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd",
        "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )]

mallinfo = ctypes.CDLL(None).mallinfo2  # glibc 2.33 or later
mallinfo.restype = Usage

memory.limit_memory()
for _ in range(3):
    answer = bytes(1_000_000)
    del answer
before = mallinfo().hblks
answers = [bytes(1_000_000) for _ in range(10)]
print(mallinfo().hblks - before)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="it is of glibc since 2.33"
)
@pytest.mark.parametrize(("environ", "own"), [({}, 10), ({"MALLOC_ARENA_MAX": "4"}, 0)])
def test_an_answer_has_a_piece_of_memory_of_its_own(
    environ: dict[str, str], own: int
) -> None:
    """It is given back as soon as it is free, unless the environment says otherwise."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MALLOC_", "GLIBC_TUNABLES"))
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout) == own
