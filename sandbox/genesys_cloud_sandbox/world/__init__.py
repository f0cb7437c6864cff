"""The world: organisation and conversations, pure functions of a seed and the time."""
