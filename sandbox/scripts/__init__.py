"""Scripts that write what the sandbox's package contains."""
