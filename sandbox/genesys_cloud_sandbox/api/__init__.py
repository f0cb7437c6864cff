"""How the world is asked: both hosts, their limits, their errors and their faults."""
