"""A server in its own process: the sandbox, or a recording of it.

It says its address in one line, serves until it is ended, and writes each request to
a file as it is answered: [begun, ended, method, path, status].
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import uvicorn
from genesys_cloud_sandbox.api.faults import Faults
from genesys_cloud_sandbox.api.gateway import Gateway
from genesys_cloud_sandbox.api.login import Tokens, login_app
from genesys_cloud_sandbox.api.requests_log import RequestLog
from genesys_cloud_sandbox.server import Sandbox, SandboxOptions

from benchmarks.recording import Recording
from benchmarks.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from genesys_cloud_sandbox.api.requests_log import Served
    from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = "127.0.0.1"


def noted_in(file: TextIO) -> Callable[[Served], None]:
    """Return a listener that writes requests to a file."""

    def note(served: Served) -> None:
        ended = time.time()
        begun = ended - served.seconds
        line = json.dumps([begun, ended, served.method, served.path, served.status])
        file.write(f"{line}\n")
        file.flush()

    return note


def both_hosts(
    replay: Replay, options: SandboxOptions, listener: Callable[[Served], None]
) -> ASGIApp:
    """Return API and login service, behind the sandbox's gateway."""
    tokens = Tokens(options.expires_in, options.requests_per_minute)
    log, faults, latency = RequestLog(listener), Faults(), options.latency

    def behind(app: ASGIApp, *, guarded: bool) -> ASGIApp:
        return Gateway(
            app,
            tokens=tokens,
            faults=faults,
            log=log,
            latency=latency,
            guarded=guarded,
        )

    api = behind(replay.app(), guarded=True)
    login = behind(login_app(options, tokens), guarded=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        host = login if scope["path"] == "/oauth/token" else api
        await host(scope, receive, send)

    return app


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--latency", type=float, default=0)
    parser.add_argument("--requests-per-minute", type=int, default=0)
    parser.add_argument("--conversations-per-day", type=int, default=200)
    parser.add_argument("--recording", type=Path)
    parser.add_argument("--first-day", type=date.fromisoformat)
    parser.add_argument("--days", type=int)
    arguments = parser.parse_args()
    options = SandboxOptions(
        conversations_per_day=arguments.conversations_per_day,
        requests_per_minute=arguments.requests_per_minute,
        latency=arguments.latency,
    )
    with arguments.log.open("w", encoding="utf-8") as log:
        if arguments.recording is None:
            with Sandbox(options, listener=noted_in(log)) as sandbox:
                print(sandbox.api_url, sandbox.login_url, flush=True)
                threading.Event().wait()
        recording = Recording.read(arguments.recording)
        replay = Replay(recording, arguments.first_day, arguments.days)
        app = both_hosts(replay, options, noted_in(log))
        config = uvicorn.Config(
            app, lifespan="off", log_level="critical", timeout_keep_alive=60
        )
        with socket.create_server((_LOOPBACK, 0)) as listening:
            url = f"http://{_LOOPBACK}:{listening.getsockname()[1]}"
            print(url, url, flush=True)
            uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
