"""The run as a whole: the adapter to singer-sdk, failures, connection test, memory.

In: streams and their errors. Out: Singer messages, reports and the exit code. Imports
``api``, ``records``, ``intervals``, ``errors`` and ``interrupts``. Knows no stream by
name.
"""
