"""A fuzzer: one thing in one answer is changed, and the run has to end well."""
