"""Searches of the sandbox."""
