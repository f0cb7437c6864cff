"""A proxy on loopback: records what a sandbox answers, or replays a recording."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from typing_extensions import Self, override

from tests.fuzz.exchanges import Answer, Recording, Replay, Request

if TYPE_CHECKING:
    from genesys_cloud_sandbox.server import Sandbox

#: Where the proxy has what the sandbox offers on other hosts.
_DOWNLOADS, _LOGIN = "/fuzz-downloads", "/oauth/"

#: The answer that ends a run which asks for ever.
_END = Answer(400, b'{"code": "fuzz.end", "message": "too many requests in this run"}')

_HEADERS = ("Authorization", "Content-Type", "Accept", "User-Agent")


class Proxy:
    """Stands between the tap and a sandbox, for as long as its ``with`` block lasts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.recording: Recording | None = None
        self.replay: Replay | None = None
        self.requests = 0
        self.limit = 0

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def record(self) -> Recording:
        """Pass on every request from now on, and return what notes the answers."""
        self.recording, self.replay = Recording(), None
        self.requests = self.limit = 0
        return self.recording

    def play(self, replay: Replay, limit: int) -> None:
        """Answer from a recording, and end runs that send more requests than that."""
        self.recording, self.replay = None, replay
        self.requests, self.limit = 0, limit

    @property
    def endless(self) -> bool:
        """Whether the run had to be ended."""
        return bool(self.limit) and self.requests > self.limit

    def answer(self, request: Request, headers: dict[str, str]) -> Answer:
        """Return the answer to a request of the tap."""
        with self._lock:
            self.requests += 1
            if self.endless:
                return _END
            replayed = self.replay.answer(request) if self.replay else None
        if replayed is not None:
            return replayed
        answer = self._forward(request, headers)
        with self._lock:
            if self.recording is not None:
                self.recording.add(request, answer)
        return answer

    def _forward(self, request: Request, headers: dict[str, str]) -> Answer:
        """Return what the sandbox answers, with addresses that lead to the proxy."""
        sandbox, path = self._sandbox, request.path
        base = sandbox.login_url if path.startswith(_LOGIN) else sandbox.api_url
        if path.startswith(_DOWNLOADS):
            base, path = sandbox.downloads.host, path.removeprefix(_DOWNLOADS)
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        try:
            connection.request(request.method, path, request.body or None, headers)
            response = connection.getresponse()
            content = response.read()
            kind = response.getheader("Content-Type") or ""
        except (OSError, ValueError, http.client.HTTPException) as error:
            return Answer(400, f'{{"message": "{type(error).__name__}"}}'.encode())
        finally:
            connection.close()
        for host, place in (
            (sandbox.downloads.host, self.url + _DOWNLOADS),
            (sandbox.api_url, self.url),
        ):
            content = content.replace(host.encode(), place.encode())
        return Answer(response.status, content, kind)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: Proxy

    @override
    def handle_error(self, *args: Any) -> None:
        """Be quiet about connections that the tap broke."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        """Answer any request."""
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, self.rfile.read(length))
        headers = {
            name: self.headers[name] for name in _HEADERS if name in self.headers
        }
        answer = self.server.proxy.answer(request, headers)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)
        self.wfile.flush()

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)
    do_DELETE = do_GET  # noqa: N815

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""
