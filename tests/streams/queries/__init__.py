"""Searches by POST: those declared, and those of the settings."""
