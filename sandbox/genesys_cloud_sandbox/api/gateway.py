"""The gateway of every host: faults, permissions, limits, headers, the log."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import KW_ONLY, dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import msgspec
from starlette.datastructures import Headers
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from genesys_cloud_sandbox.api import errors
from genesys_cloud_sandbox.api.login import Allowance
from genesys_cloud_sandbox.api.permissions import check_permissions
from genesys_cloud_sandbox.api.requests_log import Served
from genesys_cloud_sandbox.api.responses import (
    CORRELATION_ID,
    error_response,
    html_response,
)

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from genesys_cloud_sandbox.api.faults import Fault, Faults
    from genesys_cloud_sandbox.api.login import Tokens
    from genesys_cloud_sandbox.api.requests_log import RequestLog

_REQUEST_BYTES = 512_000
_FAULT_HEADER = "sandbox-fault"
_TRANSPORT = "sandbox.transport"
#: Key of the scope: the kind of fault that strikes a request, or None.
FAULT = "sandbox.fault"
_NO_TOKEN = (
    "authentication.required",
    "No authentication bearer token specified in authorization header.",
)
_BAD_TOKEN = ("bad.credentials", "Invalid login credentials.")
_HEADERS = {
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Pragma": "no-cache",
    "Strict-Transport-Security": "max-age=600; includeSubDomains",
    "Via": "1.1 sandbox.cloudfront.net (CloudFront)",
    "X-Cache": "Miss from cloudfront",
    "X-Amz-Cf-Pop": "SBX50-C1",
}


class _Paging(msgspec.Struct, rename="camel"):
    page_number: int | None = None
    page_size: int | None = None


class _RequestBody(msgspec.Struct, rename="camel"):
    """The part of a body that the log and the faults need."""

    interval: str | None = None
    paging: _Paging = msgspec.field(default_factory=_Paging)
    page_number: int | None = None
    page_size: int | None = None


@dataclass(frozen=True)
class Gateway:
    """An ASGI application in front of another, whose responses it sends whole."""

    app: ASGIApp
    _: KW_ONLY
    tokens: Tokens
    faults: Faults
    log: RequestLog
    latency: float
    forbidden: tuple[str, ...] = ()
    guarded: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        begun = monotonic()
        scope[CORRELATION_ID] = str(uuid4())
        body = await _read(receive)
        paging = _read_paging(body)
        request = scope["method"], scope["path"], *paging
        header = Headers(scope=scope).get(_FAULT_HEADER)
        try:
            latency, fault = self.faults.draw(scope["path"], paging[-1], header)
        except errors.ApiError as error:
            refusal = error_response(error, scope[CORRELATION_ID])
            await refusal(scope, receive, send)
            return
        kind = scope[FAULT] = fault.kind if fault else None
        await asyncio.sleep(self.latency + latency)
        status = None
        if kind != "drop":
            start, content = await self._respond(scope, body, fault)
            status = int(start["status"])
        # Before the client knows it: the log has every request that a client has made.
        seconds = round(monotonic() - begun, 6)
        self.log.add(Served(*request, status, kind, seconds))
        if kind == "drop":
            await _drop(scope, receive)
        elif kind == "truncate":
            await _truncate(scope, receive, send, start, content)
        else:
            await send(start)
            await send({"type": "http.response.body", "body": content})

    async def _respond(
        self, scope: Scope, body: bytes, fault: Fault | None
    ) -> tuple[dict[str, Any], bytes]:
        allowance = Allowance(0, self.tokens.allowed, 60, exceeded=False)
        app: ASGIApp
        try:
            if len(body) > _REQUEST_BYTES:
                raise errors.request_too_large(_REQUEST_BYTES)
            app = _fault_response(fault, scope[CORRELATION_ID]) or self.app
            if self.guarded and app is self.app:
                allowance = self._admit(_bearer(scope), fault)
                check_permissions(scope["path"], self.forbidden)
        except errors.ApiError as error:
            app = error_response(error, scope[CORRELATION_ID])
        start, content = await _capture(app, scope, body)
        added = _HEADERS | {"ININ-Correlation-Id": scope[CORRELATION_ID]}
        if self.guarded:
            added |= {
                "inin-ratelimit-count": str(allowance.used),
                "inin-ratelimit-allowed": str(allowance.allowed),
                "inin-ratelimit-reset": str(allowance.reset),
            }
        start["headers"] = [
            *start["headers"],
            *((name.lower().encode(), value.encode()) for name, value in added.items()),
        ]
        return start, content

    def _admit(self, token: str | None, fault: Fault | None) -> Allowance:
        """Check a token, and count the request against its limit."""
        if token is None:
            raise errors.ApiError(401, *_NO_TOKEN)
        if fault and fault.kind == "expire-token":
            self.tokens.expire(token)
        if fault and fault.kind == "revoke-token":
            self.tokens.revoke()
        if not self.tokens.alive(token):
            raise errors.ApiError(401, *_BAD_TOKEN)
        allowance = self.tokens.spend(token)
        if allowance.exceeded:
            raise errors.too_many_requests(allowance.reset)
        return allowance


def _fault_response(fault: Fault | None, correlation_id: str) -> Response | None:
    """Return the response of a fault that responds in the API's place."""
    if fault is None:
        return None
    if fault.kind == "server-error":
        return html_response(fault.status, correlation_id)
    if fault.kind == "bad-request":
        message = "The request was refused, whatever it asked for."
        raise errors.bad_request(message)
    if fault.kind == "not-json":
        return html_response(200, correlation_id)
    if fault.kind == "too-many-requests":
        raise errors.too_many_requests(fault.retry_after)
    if fault.kind == "payload-too-large":
        raise errors.payload_too_large()
    return None


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _read_paging(content: bytes) -> tuple[str | None, int | None, int | None]:
    """Return the interval, the page number and the page size of any body."""
    try:
        body = msgspec.json.decode(content, type=_RequestBody)
    except msgspec.DecodeError:
        body = _RequestBody()
    number = body.paging.page_number or body.page_number
    return body.interval, number, body.paging.page_size or body.page_size


def _bearer(scope: Scope) -> str | None:
    kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token else None


async def _capture(
    app: ASGIApp, scope: Scope, body: bytes
) -> tuple[dict[str, Any], bytes]:
    """Return the response of an application: the start message and the whole body."""
    start: dict[str, Any] = {}
    content = bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            content.extend(message.get("body", b""))

    await app(scope, receive, send)
    return start, bytes(content)


class BreakableConnection(H11Protocol):
    """A connection with its transport in the scope of each request, for faults."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        # Headers and body are written one after the other: without this the second
        # waits for the client to acknowledge the first, 40 ms long.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 (any-type: uvicorn's types and starlette's differ)
            await app({**scope, _TRANSPORT: transport}, receive, send)

        self.app = with_transport


async def _drop(scope: Scope, receive: Receive) -> None:
    """Close a request's connection at once."""
    scope[_TRANSPORT].abort()
    await _wait_for_end(receive)


async def _truncate(
    scope: Scope, receive: Receive, send: Send, start: dict[str, Any], body: bytes
) -> None:
    """Send the headers of the whole and half of the body, then close."""
    await send(start)
    half = body[: len(body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    scope[_TRANSPORT].close()
    await _wait_for_end(receive)


async def _wait_for_end(receive: Receive) -> None:
    """Wait until the server has noticed, so that it sends no response of its own."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
