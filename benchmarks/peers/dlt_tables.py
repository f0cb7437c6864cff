"""A dlt pipeline with child tables for nested levels, its default."""

from __future__ import annotations

from benchmarks.peers.dlt_pipeline import run

if __name__ == "__main__":
    run()
