"""Access tokens and the rate limit that each has. Real time, safe for threads."""

from __future__ import annotations

import math
import secrets
import threading
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

_WINDOW = 60.0
_UNLIMITED = 1_000_000_000


class Allowance(NamedTuple):
    """Where a token stands in the current minute."""

    used: int
    allowed: int
    reset: int
    """Seconds until the count starts again."""
    exceeded: bool


@dataclass
class _Token:
    expires: float
    window: float = -math.inf
    count: int = 0


class Tokens:
    """Every token that was issued and is alive."""

    def __init__(self, expires_in: int, requests_per_minute: int) -> None:
        self.expires_in = expires_in
        self.allowed = requests_per_minute or _UNLIMITED
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self.issued = 0

    def issue(self) -> str:
        """A new opaque token."""
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._tokens[token] = _Token(monotonic() + self.expires_in)
            self.issued += 1
        return token

    def alive(self, token: str) -> bool:
        """Whether the API accepts a token."""
        with self._lock:
            known = self._tokens.get(token)
            return known is not None and monotonic() < known.expires

    def expire(self, token: str) -> None:
        """End one token."""
        with self._lock:
            self._tokens.pop(token, None)

    def revoke(self) -> None:
        """End all tokens."""
        with self._lock:
            self._tokens.clear()

    def spend(self, token: str) -> Allowance:
        """Count a request of a living token."""
        now = monotonic()
        with self._lock:
            known = self._tokens.get(token) or _Token(now)
            if now >= known.window + _WINDOW:
                known.window, known.count = now, 0
            known.count += 1
            reset = math.ceil(known.window + _WINDOW - now)
            exceeded = known.count > self.allowed
            return Allowance(known.count, self.allowed, reset, exceeded)
