"""`python -m genesys_cloud_sandbox`."""

from __future__ import annotations

from genesys_cloud_sandbox.cli import main

if __name__ == "__main__":
    main(prog_name="genesys-sandbox")
