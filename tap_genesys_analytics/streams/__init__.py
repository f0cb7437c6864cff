"""What is read: a module for each area of the API, with data and at most one method.

In go a tap's settings; out come streams, each with its table, permissions and reader.
Imports every room but ``tap``.
"""
