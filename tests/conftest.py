"""A Genesys Cloud that answers what a test tells it to, over real HTTP."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from typing_extensions import override

from tap_genesys_analytics.api.auth import ClientCredentials
from tap_genesys_analytics.api.client import GenesysClient, new_session
from tap_genesys_analytics.api.parallel import Workers
from tap_genesys_analytics.api.rate_limit import RateBudget
from tap_genesys_analytics.api.retries import Retries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

# No property test fails because the machine is busy, or because the first text that is
# drawn in a fresh clone has to wait for a table of Unicode. What else Hypothesis sets
# for continuous integration, such as the same examples in each run, stays as it is.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")
hypothesis_settings.register_profile("fast", max_examples=10)


#: What Python reports when a server or a process is started.
_STARTS = {"socket.bind", "subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make test-fast`."""
    parser.addoption(
        "--fast",
        action="store_true",
        help="few examples; fail each test that starts a server or a process",
    )


def pytest_configure(config: pytest.Config) -> None:
    """With --fast, try few examples and look at what each test starts."""
    if config.getoption("--fast"):
        hypothesis_settings.load_profile("fast")
        config.pluginmanager.register(_NoServers())


class _NoServers:
    """Fails the tests that start a server or a process."""

    def __init__(self) -> None:
        self._test = ""
        sys.addaudithook(self._look)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Remember which test is run: what pytest itself starts is no matter."""
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            self._test = ""

    def _look(self, event: str, _: object) -> None:
        if self._test and event in _STARTS:
            pytest.fail(f"{self._test} is to be fast, but reports {event}")


@dataclass
class Reply:
    """An answer to give: ``drop`` breaks the connection, ``cut`` sends half of it."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False

    @property
    def content(self) -> bytes:
        """The bytes of the body; anything but bytes is sent as JSON."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


@dataclass
class Request:
    """A request that was received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class ScriptedGenesys:
    """Answers requests with the replies that a test lined up, the last one for ever."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []
        self.logins: list[Request] = []
        self._replies: deque[Reply] = deque()
        self._token_replies: deque[Reply] = deque()

    def settings(self, **more: Any) -> dict[str, Any]:
        """Return the tap's settings for it, and more."""
        return {
            "client_id": "c",
            "client_secret": "s",
            "api_url": self.url,
            "login_url": self.url,
            **more,
        }

    def replies(self, *replies: Reply) -> None:
        """Line up the answers of the API."""
        self._replies = deque(replies)

    def token_replies(self, *replies: Reply) -> None:
        """Line up answers of the token endpoint, before it gives tokens."""
        self._token_replies = deque(replies)

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request."""
        if request.path == "/oauth/token":
            self.logins.append(request)
            if self._token_replies:
                return self._token_replies.popleft()
            token = f"token-{len(self.logins)}"
            return Reply({"access_token": token, "expires_in": 86400})
        self.requests.append(request)
        if len(self._replies) > 1:
            return self._replies.popleft()
        return self._replies[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: ScriptedGenesys

    @override
    def handle_error(self, *args: Any) -> None:
        """Be quiet about connections that a test broke."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Answer any request."""
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command, self.path, dict(self.headers), self.rfile.read(length)
        )
        reply = self.server.script.answer(request)
        if reply.drop:
            self.close_connection = True
            self.connection.close()
            return
        content = reply.content
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if reply.cut:
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 (the name that http.server looks for)
    do_DELETE = do_POST  # noqa: N815

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


@pytest.fixture(autouse=True)
def own_signals() -> None:
    """Take back the signals that a tap made in this process by another test took."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.fixture
def genesys() -> Iterator[ScriptedGenesys]:
    """Serve a scripted Genesys Cloud, API and login on one port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.script = ScriptedGenesys(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.script
        server.shutdown()
        thread.join()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """Give a session, closed at the end."""
    with new_session("tests", 8) as session:
        yield session


@pytest.fixture
def retries() -> Retries:
    """Give the default patience."""
    return Retries(180)


@pytest.fixture
def credentials(
    genesys: ScriptedGenesys, session: requests.Session, retries: Retries
) -> ClientCredentials:
    """Give the credentials of the scripted Genesys Cloud."""
    return ClientCredentials(
        genesys.url, "the-client", "the-secret", session=session, retries=retries
    )


@pytest.fixture
def client(
    genesys: ScriptedGenesys,
    session: requests.Session,
    credentials: ClientCredentials,
    retries: Retries,
) -> GenesysClient:
    """Give a client of the scripted Genesys Cloud."""
    return GenesysClient(
        genesys.url,
        credentials,
        session=session,
        timeout=5,
        retries=retries,
        budget=RateBudget(10_000),
        workers=Workers(1),
    )


@pytest.fixture
def manual_sql() -> str:
    """Give the manual's example of a query."""
    return manual_statements()[-1]


def manual_statements() -> list[str]:
    """Return the SQL that the page on tables shows, in its order."""
    text = (Path(__file__).parents[1] / "docs" / "tables.md").read_text("utf-8")
    return re.findall(r"```sql\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def manual_settings() -> list[dict[str, Any]]:
    """Give the settings that the manual shows, each as it stands there."""
    pages = (Path(__file__).parents[1] / "docs").glob("*.md")
    text = "\n".join(page.read_text("utf-8") for page in pages)
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    settings = [yaml.safe_load(block) for block in blocks]
    return [each["config"] for each in settings if "config" in each]


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Keep the waits between tries in a list, and do not wait."""
    waited: list[float] = []
    # Not time.sleep itself: threads of other tests' servers sleep, too.
    clock = SimpleNamespace(sleep=waited.append)
    monkeypatch.setattr("backoff._sync.time", clock)
    monkeypatch.setattr(RateBudget, "pause", lambda *_: None)
    return waited
