"""Documents to records: tables, models, keys, columns, and RECORD messages.

In go documents as the API sends them; out come records of tables, as bytes at the end.
Imports ``intervals`` (timestamps), ``errors`` and ``interrupts``. Pure but for
``messages``.
"""
