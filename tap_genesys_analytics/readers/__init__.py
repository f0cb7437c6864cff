"""How documents of one kind are read: by interval query, job, list or report.

In go a client and a declaration; out come planned intervals and their pages. Imports
``api``, ``records``, ``intervals``, ``settings`` and ``errors``; knows no stream.
"""
