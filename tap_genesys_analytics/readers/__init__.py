"""How documents of one kind are read: by interval query, job, list or report.

In: a client and a declaration. Out: planned intervals and their pages. Imports
``api``, ``records``, ``intervals``, ``settings`` and ``errors``. Knows no stream.
"""
