"""Singer tap for Genesys Cloud analytics."""
