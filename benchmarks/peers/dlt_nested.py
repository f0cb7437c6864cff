"""A dlt pipeline that keeps the levels of a conversation as JSON."""

from __future__ import annotations

from benchmarks.peers.dlt_pipeline import run

if __name__ == "__main__":
    run(max_table_nesting=0)
