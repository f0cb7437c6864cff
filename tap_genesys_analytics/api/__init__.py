"""Requests to Genesys: client, token, retries, rate limit, pagination, jobs, errors.

In: paths, bodies and intervals. Out: pages of documents. Imports ``records`` (JSON
only), ``settings``, ``intervals``, ``errors`` and ``interrupts``.
"""
