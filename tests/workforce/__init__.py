"""Agents' schedules and adherence."""
