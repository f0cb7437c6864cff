"""Aggregates: definitions, figures, runs."""
