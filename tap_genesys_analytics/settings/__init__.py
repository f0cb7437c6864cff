"""The settings: their schema, defaults and checks.

In: the user's configuration. Out: complete and valid settings, hosts and filters.
Imports ``intervals`` and ``errors``.
"""
