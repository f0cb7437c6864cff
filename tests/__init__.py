"""Tests of the tap and of its sandbox."""
