"""The errors that end a stream or a run. Their texts are written for the user.

No message carries a secret, a token, a response body or personal data.
"""

from __future__ import annotations

import enum


class ErrorScope(enum.Enum):
    """How far an error extends."""

    STREAM = enum.auto()
    #: One stream or all: the next stream's requests will show which.
    UNKNOWN = enum.auto()
    EVERY_STREAM = enum.auto()


class GenesysError(Exception):
    """Base of all errors of the tap.

    ``status`` is the HTTP status of the response that caused it, 0 if there was none.
    ``permissions`` are the missing permissions that Genesys names.
    """

    status = 0
    permissions: tuple[str, ...] = ()
    scope = ErrorScope.STREAM


class ReadError(GenesysError):
    """An interval of a stream could not be read completely."""

    def __init__(self, stream: str, interval: str, cause: GenesysError) -> None:
        super().__init__(
            f"{stream}, interval {interval}: {cause}. Earlier intervals are kept; the "
            "next run begins with this interval."
        )
        self.status = cause.status
        self.permissions = cause.permissions
        self.scope = cause.scope


class IncompleteError(GenesysError):
    """An interval has fewer records than Genesys counts, and that is an error.

    Raised with ``strict_completeness``, and whenever filters split the interval.
    """


class UnexpectedError(GenesysError):
    """The tap met an error that it does not know: a bug."""

    def __init__(self, cause: Exception) -> None:
        # Its text may quote values of a response.
        super().__init__(
            f"This is a bug of the tap ({type(cause).__name__}): the traceback is in "
            "the log at level DEBUG. Please report it."
        )


class UnreadError(GenesysError):
    """Some streams were not read completely; all others were."""
