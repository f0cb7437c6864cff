"""A Genesys Cloud that fits on a laptop: for trying the tap, and for its tests."""
