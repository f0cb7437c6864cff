"""Which intervals a run reads, and the bookmark after each. Pure.

In: bookmarks, settings, the current time. Out: planned intervals, record counts,
states. Imports ``errors``. Knows neither HTTP nor the SDK.
"""
