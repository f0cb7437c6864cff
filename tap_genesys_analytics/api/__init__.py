"""The one way to ask Genesys: client, token, retries, rate, paging, jobs, errors.

In go paths, bodies and intervals; out come pages of documents, each once the API has
them. Imports ``records`` (JSON only), ``settings``, ``intervals``, ``errors`` and
``interrupts``.
"""
