"""Tests of the room readers: each reader by itself, without a stream or a tap."""
