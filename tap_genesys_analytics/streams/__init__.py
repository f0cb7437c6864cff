"""The streams: a module for each area of the API, mostly declarations.

In: the settings and the tap. Out: streams, each with its table, permissions and
reader. Imports every room but ``tap``.
"""
