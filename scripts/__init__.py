"""Scripts that write files of the project from other ones."""
