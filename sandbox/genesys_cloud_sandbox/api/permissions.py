"""What an endpoint asks of the client."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Permissions:
    """Permissions of which one will do, or every one is needed; none: whoever asks."""

    names: tuple[str, ...] = ()
    every: bool = False


NONE = Permissions()


def any_of(*names: str) -> Permissions:
    """One will do."""
    return Permissions(names)


def all_of(*names: str) -> Permissions:
    """Each is needed."""
    return Permissions(names, every=True)
