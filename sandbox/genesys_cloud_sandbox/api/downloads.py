"""The host that large results are downloaded from, by signed URLs.

As with the storage that signed URLs usually lead to, a bearer token is refused.
"""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from genesys_cloud_sandbox.api.responses import encode

if TYPE_CHECKING:
    from starlette.requests import Request

_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>{code}</Code><Message>{message}</Message></Error>"
)


@dataclass(frozen=True)
class _File:
    content: bytes
    signature: str = field(default_factory=lambda: token_hex(16))
    made: float = field(default_factory=monotonic)


class Downloads:
    """Files, each for some time. Safe for threads.

    `lifetime`: seconds for which their URLs lead to them.
    """

    def __init__(self, lifetime: float) -> None:
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        #: Base URL of this host, once it is known.
        self.host = ""

    def app(self) -> Starlette:
        """Return the application of the host."""
        return Starlette(routes=[Route("/results/{name}", self._get)])

    def publish(self, document: object) -> str:
        """Keep a document, packed, and return the signed URL that leads to it."""
        name, file = str(uuid4()), _File(gzip.compress(encode(document), mtime=0))
        with self._lock:
            self._files[name] = file
        return f"{self.host}/results/{name}?Signature={file.signature}"

    async def _get(self, request: Request) -> Response:
        if "authorization" in request.headers:
            message = "Only one auth mechanism allowed"
            return _refuse(400, "InvalidArgument", message)
        with self._lock:
            file = self._files.get(request.path_params["name"])
        if file is None or request.query_params.get("Signature") != file.signature:
            return _refuse(403, "AccessDenied", "Access Denied")
        if monotonic() >= file.made + self._lifetime:
            return _refuse(403, "AccessDenied", "Request has expired")
        headers = {"Content-Encoding": "gzip"}
        return Response(file.content, headers=headers, media_type="application/json")


def _refuse(status: int, code: str, message: str) -> Response:
    content = _ERROR.format(code=code, message=message)
    return Response(content, status, media_type="application/xml")
