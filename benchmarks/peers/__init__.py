"""Other ways to load conversations, each written as its own documentation advises."""
