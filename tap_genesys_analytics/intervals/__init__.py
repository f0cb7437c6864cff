"""When: which intervals a run reads, and what the bookmark is after each. Pure.

In go bookmarks, settings and the present; out come planned intervals, counts and
states. Imports ``errors``, and knows neither HTTP nor the SDK.
"""
