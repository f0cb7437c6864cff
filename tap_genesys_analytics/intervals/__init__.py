"""The room intervals."""
