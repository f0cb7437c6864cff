"""The login host: client credentials in, token out."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.routing import Route

from genesys_cloud_sandbox.api.answers import json_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from genesys_cloud_sandbox.api.tokens import Tokens
    from genesys_cloud_sandbox.options import SandboxOptions


def login_app(options: SandboxOptions, tokens: Tokens) -> Starlette:
    """The application of the login host."""
    known = [
        (options.client_id, options.client_secret),
        *(_parted(client) for client in options.clients),
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
        # All are compared, so that the time it takes does not tell which are known.
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


def _parted(client: str) -> tuple[str, str]:
    name, _, secret = client.partition(":")
    return name, secret


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
        {
            "error": error,
            "description": description,
            "error_description": description,
        },
        status,
    )
