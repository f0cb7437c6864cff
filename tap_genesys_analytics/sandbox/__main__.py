"""`python -m tap_genesys_analytics.sandbox`."""

from __future__ import annotations

from tap_genesys_analytics.sandbox.cli import main

if __name__ == "__main__":
    main(prog_name="tap-genesys-sandbox")
