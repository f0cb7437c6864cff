"""Measures the tap against other ways to do the same job."""
