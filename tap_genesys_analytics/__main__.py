"""Runs the tap: ``python -m tap_genesys_analytics``."""

from tap_genesys_analytics.tap import TapGenesys

TapGenesys.cli()
