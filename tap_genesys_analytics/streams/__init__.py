"""The streams, one module per area of the Genesys Cloud API."""
