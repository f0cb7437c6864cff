"""Scripts that generate files of the project."""
