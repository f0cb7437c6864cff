"""A dlt pipeline that makes child tables of what is nested: its default."""

from __future__ import annotations

from benchmarks.peers.dlt_pipeline import run

if __name__ == "__main__":
    run()
