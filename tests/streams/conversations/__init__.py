"""Conversations, read from the details query."""
