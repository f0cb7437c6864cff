"""The HTTP side: the API, login and download hosts, their limits, errors and faults."""
