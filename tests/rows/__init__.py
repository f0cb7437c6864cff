"""Documents to rows: keys, columns, and what is not as it is defined."""
