"""The run as a whole: the adapter to singer-sdk, failures, connection test, memory.

In: streams and their errors. Out: Singer messages, reports and the exit code. Imports
``api``, ``records``, ``intervals`` and ``errors``. Knows no stream by name.
"""
