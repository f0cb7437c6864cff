"""The server's side of a connection, which a fault may break."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope, Send

_KEY = "sandbox.transport"


class BreakableConnection(H11Protocol):
    """Hands its transport to the application, in the scope of each request."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        # Headers and body are written one after the other: without this the second
        # waits for the client to acknowledge the first, 40 ms long.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 (any-type: uvicorn's types and starlette's differ)
            await answer({**scope, _KEY: transport}, receive, send)

        self.app = with_transport


async def drop(scope: Scope, receive: Receive) -> None:
    """Close a request's connection at once."""
    scope[_KEY].abort()
    await _gone(receive)


async def truncate(
    scope: Scope,
    receive: Receive,
    send: Send,
    start: dict[str, Any],
    body: bytes,
) -> None:
    """Send the headers of the whole and half of the body, then close."""
    await send(start)
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    scope[_KEY].close()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until the server has noticed, so that it does not answer on its own."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
