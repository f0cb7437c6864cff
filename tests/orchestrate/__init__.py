"""Tests of the backfills, whose Dagster lives in an environment of its own."""
