"""What a user may say, and what is wrong with it.

In goes the configuration as given; out come complete, checked settings, hosts and
filters. Imports ``intervals`` and ``errors``.
"""
