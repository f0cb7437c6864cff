"""The login host, and the access tokens that it issues."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import secrets
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.routing import Route

from genesys_cloud_sandbox.api.responses import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.options import SandboxOptions


_WINDOW = 60.0
_UNLIMITED = 1_000_000_000


class Allowance(NamedTuple):
    """The requests of a token in the current minute, and its limit."""

    used: int
    allowed: int
    #: Seconds until the count starts again.
    reset: int
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
    """Every access token that was issued and is alive, by real time. Safe for threads.

    The rate limit is that of each token, or of each client.
    """

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
        """Return a new opaque token of a client."""
        token = secrets.token_urlsafe(48)
        with self._lock:
            spent = self._clients[client] if self._per_client else _Count()
            self._tokens[token] = _Token(monotonic() + self.expires_in, spent)
            self.issued += 1
        return token

    def alive(self, token: str) -> bool:
        """Return whether the API accepts a token."""
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
        """Count a request of a token, and return where it stands."""
        now = monotonic()
        with self._lock:
            spent = (self._tokens.get(token) or _Token(now)).spent
            if now >= spent.window + _WINDOW:
                spent.window, spent.count = now, 0
            spent.count += 1
            reset = math.ceil(spent.window + _WINDOW - now)
            exceeded = spent.count > self.allowed
            return Allowance(spent.count, self.allowed, reset, exceeded)


def login_app(options: SandboxOptions, tokens: Tokens) -> Starlette:
    """Return the application of the login host."""
    known = [
        (options.client_id, options.client_secret),
        *(client.partition(":")[::2] for client in options.clients),
    ]

    async def token(request: Request) -> Response:
        # Credentials come by Basic or in the form; the grant also in the query string.
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        grant = form.get("grant_type") or request.query_params.get("grant_type")
        if grant != "client_credentials":
            return _refuse("unsupported_grant_type", f"unsupported grant: {grant}", 400)
        client = _basic(request.headers.get("authorization", "")) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        # All are compared, so that the time it takes gives away nothing.
        if not sum(_same(client, each) for each in known):
            status = options.bad_credentials_status
            return _refuse("invalid_client", "authentication failed", status)
        return json_response(
            {
                "access_token": tokens.issue(client[0]),
                "token_type": "bearer",
                "expires_in": tokens.expires_in,
            }
        )

    return Starlette(routes=[Route("/oauth/token", token, methods=["POST"])])


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return user, password


def _same(given: tuple[str, str], expected: tuple[str, str]) -> bool:
    return all(
        hmac.compare_digest(one.encode(), other.encode())
        for one, other in zip(given, expected, strict=True)
    )


def _refuse(error: str, description: str, status: int) -> Response:
    return json_response(
        {"error": error, "description": description, "error_description": description},
        status,
    )
