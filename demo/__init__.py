"""The demo's own code, which belongs neither to the tap nor to the sandbox."""
