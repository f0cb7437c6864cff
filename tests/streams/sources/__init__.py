"""Conversations, read from jobs, from the query, and from both."""
