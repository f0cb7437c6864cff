"""Documents to records: tables, models, keys, columns, and RECORD messages.

In: documents as Genesys sends them. Out: records of tables, written as bytes. Imports
``intervals`` (timestamps), ``errors`` and ``interrupts``. Pure, except ``messages``.
"""
