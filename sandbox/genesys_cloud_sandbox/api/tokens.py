"""Access tokens, and the rate limit of each or of each client. Safe for threads.

Lives and limits go by real time.
"""

from __future__ import annotations

import math
import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, field
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
class _Count:
    window: float = -math.inf
    count: int = 0


@dataclass
class _Token:
    expires: float
    spent: _Count = field(default_factory=_Count)


class Tokens:
    """Every token that was issued and is alive."""

    def __init__(
        self, expires_in: int, requests_per_minute: int, *, per_client: bool = False
    ) -> None:
        self.expires_in = expires_in
        self.allowed = requests_per_minute or _UNLIMITED
        self._per_client = per_client
        self._clients: defaultdict[str, _Count] = defaultdict(_Count)
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self.issued = 0

    def issue(self, client: str = "") -> str:
        """A new opaque token of a client."""
        token = secrets.token_urlsafe(48)
        with self._lock:
            spent = self._clients[client] if self._per_client else _Count()
            self._tokens[token] = _Token(monotonic() + self.expires_in, spent)
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
            spent = (self._tokens.get(token) or _Token(now)).spent
            if now >= spent.window + _WINDOW:
                spent.window, spent.count = now, 0
            spent.count += 1
            reset = math.ceil(spent.window + _WINDOW - now)
            exceeded = spent.count > self.allowed
            return Allowance(spent.count, self.allowed, reset, exceeded)
