"""The run as a whole: the adapter to singer-sdk, failures, connection test, memory.

In go streams and their errors; out come Singer messages, reports and the exit code.
Imports ``api``, ``records``, ``intervals``, ``errors`` and ``interrupts``; knows no
stream by name.
"""
