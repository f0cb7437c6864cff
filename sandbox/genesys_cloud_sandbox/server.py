"""The running sandbox: all hosts, on loopback, in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import uvicorn
from typing_extensions import Self

from genesys_cloud_sandbox.api.aggregates import AggregateEvents, Aggregates, Groups
from genesys_cloud_sandbox.api.conversation_details import ConversationDetails
from genesys_cloud_sandbox.api.downloads import Downloads
from genesys_cloud_sandbox.api.faults import Fault, Faults
from genesys_cloud_sandbox.api.gateway import BreakableConnection, Gateway
from genesys_cloud_sandbox.api.job_endpoints import Watermark
from genesys_cloud_sandbox.api.jobs import Jobs
from genesys_cloud_sandbox.api.login import Tokens, login_app
from genesys_cloud_sandbox.api.matching import Arrivals, Matching
from genesys_cloud_sandbox.api.observations import Observations
from genesys_cloud_sandbox.api.permissions import DETAILS_JOBS, ClientEndpoints
from genesys_cloud_sandbox.api.reference_lists import ReferenceLists
from genesys_cloud_sandbox.api.requests_log import RequestLog, Served
from genesys_cloud_sandbox.api.responses import api_app
from genesys_cloud_sandbox.api.searches import search_routes
from genesys_cloud_sandbox.api.speech_analytics import SpeechAnalytics
from genesys_cloud_sandbox.api.user_details import UserDetails
from genesys_cloud_sandbox.api.workforce import Workforce
from genesys_cloud_sandbox.options import SandboxOptions
from genesys_cloud_sandbox.world.adherence import Adherence
from genesys_cloud_sandbox.world.agent_schedules import AgentSchedules
from genesys_cloud_sandbox.world.caches import EndCache
from genesys_cloud_sandbox.world.conversation_details import (
    as_of,
    with_attributes,
    without_attributes,
)
from genesys_cloud_sandbox.world.conversations import World
from genesys_cloud_sandbox.world.directory import Directory
from genesys_cloud_sandbox.world.statuses import Statuses
from genesys_cloud_sandbox.world.times import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from starlette.applications import Starlette
    from starlette.routing import BaseRoute, Route
    from starlette.types import ASGIApp

    from genesys_cloud_sandbox.world.caches import Place
    from genesys_cloud_sandbox.world.statuses import Status
    from genesys_cloud_sandbox.world.timeline import Document

__all__ = ["Fault", "Faults", "Sandbox", "SandboxOptions", "Served"]

_LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 10


class Sandbox:
    """A Genesys Cloud on this machine, for as long as its `with` block lasts.

    `listener` is called with each request served, from the server's thread.
    """

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        listener: Callable[[Served], None] | None = None,
    ) -> None:
        self.options = options or SandboxOptions()
        self.world = World(
            self.options.seed,
            self.options.conversations_per_day,
            self.options.dirty_text,
            self.options.extra_fields,
            self.options.visible_divisions,
        )
        self.references = ReferenceLists(
            Directory(
                self.options.seed,
                self.world.organization,
                self.options.users,
                self.options.members_per_queue,
            ),
            self.world.visible,
            self.options.clock,
        )
        self.faults = Faults()
        for spec in self.options.fault_specs:
            self.faults.add(spec, self.options.seed)
        self.requests = RequestLog(listener)
        self.tokens = Tokens(
            self.options.expires_in,
            self.options.requests_per_minute,
            per_client=self.options.rate_limit_per == "client",
        )
        self.watermark = Watermark(
            self.options.clock, self.options.watermark_lag, self.options.watermark_step
        )
        self.users_watermark = Watermark(
            self.options.clock,
            self.options.user_watermark_lag,
            self.options.watermark_step,
        )
        self.jobs: Jobs[Place] = Jobs(self.options)
        self.users_jobs: Jobs[Status] = Jobs(self.options)
        self.aggregate_jobs: Jobs[Groups] = Jobs(self.options)
        self.adherence_jobs: Jobs[Document] = Jobs(self.options)
        self.downloads = Downloads(self.options.results_lifetime)
        self._statuses = Statuses(self.world)
        self.adherence = Adherence(
            AgentSchedules(self.references.directory, self._statuses.agents),
            self._statuses,
        )
        self._events = AggregateEvents(self.world, self._statuses)
        self._lifetimes = EndCache(self.world)
        self._observations = Observations(
            self.options, self._lifetimes, self._statuses, self.references.directory
        )
        self._matching = Matching(
            self.world,
            Arrivals(
                self.options.seed,
                self.options.late_arrivals,
                self.options.late_arrival_seconds,
            ),
            by_activity=self.options.sub_day_matching == "activity",
            total_hits_error=self.options.total_hits_error,
        )
        self._servers: list[uvicorn.Server] = []
        self._thread: threading.Thread | None = None
        self.api_url = self.login_url = ""

    def __enter__(self) -> Self:
        """Start, and return when all hosts answer."""
        api = api_app(self._routes())
        login = self._gateway(login_app(self.options, self.tokens), guarded=False)
        downloads = self._gateway(self.downloads.app(), guarded=False)
        sockets = _listen(self.options.api_port, self.options.login_port, 0)
        self.api_url, self.login_url, self.downloads.host = (
            f"http://{_LOOPBACK}:{port.getsockname()[1]}" for port in sockets
        )
        self._servers = [
            _server(self._gateway(api, guarded=True)),
            _server(login),
            _server(downloads),
        ]
        self._thread = threading.Thread(
            target=_serve, args=(self._servers, sockets), name="sandbox", daemon=True
        )
        self._thread.start()
        while not all(server.started for server in self._servers):
            if not self._thread.is_alive():
                message = "the sandbox did not start"
                raise RuntimeError(message)
            time.sleep(0.005)
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop: what is being answered is broken off after a moment."""
        for part in (
            self._matching,
            self._events,
            self._observations,
            self.jobs,
            self.users_jobs,
            self.aggregate_jobs,
            self.adherence_jobs,
        ):
            part.stop()
        for server in self._servers:
            server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the API host, as long as it runs."""
        gateway = cast("Gateway", self._servers[0].config.app)
        return cast("Starlette", gateway.app).routes

    def truth(
        self, start_day: date, end_day: date, *, attributes: bool = False
    ) -> Iterator[Document]:
        """Every conversation that started from `start_day` to before `end_day`, UTC.

        As they are now, in the order of their starts; with participants' attributes as
        job results have them, or without, as the query answers.
        """
        now = milliseconds(self.options.clock())
        shown = with_attributes if attributes else without_attributes
        while start_day < end_day:
            day = self.world.day(start_day)
            for index in day.indexes[: day.started(now)]:
                document = as_of(self.world.conversation(day.number, index), now)
                if document is not None:
                    yield shown(document)
            start_day += timedelta(days=1)

    def statuses(self, start: datetime, end: datetime) -> list[Document]:
        """Every status of an agent that overlaps an interval, as it is now.

        By start, agent and kind: a record as the API writes it, its user and its kind
        (`primaryPresence` or `routingStatus`) beside.
        """
        now = milliseconds(self.options.clock())
        known = self._statuses.known(milliseconds(start), milliseconds(end), now)
        return [{"userId": x.user_id, "kind": x.kind, **x.record()} for x in known]

    def _routes(self) -> list[Route]:
        """The routes of the API host."""
        options = self.options
        conversations = ConversationDetails(
            options, self._matching, self._lifetimes, self.jobs, self.watermark
        )
        users = UserDetails(
            options, self._statuses, self.users_jobs, self.users_watermark
        )
        workforce = Workforce(
            options,
            self.adherence,
            self.references,
            self.adherence_jobs,
            self.downloads,
        )
        return [
            *conversations.routes(),
            *users.routes(),
            *Aggregates(options, self._events, self.aggregate_jobs).routes(),
            *self._observations.routes(),
            *SpeechAnalytics(options, self.world, self.downloads).routes(),
            *workforce.routes(),
            *self.references.routes(),
            *search_routes(self.world, self.references),
            *ClientEndpoints(options, self.references).routes(),
        ]

    def _gateway(self, app: ASGIApp, *, guarded: bool) -> ASGIApp:
        return Gateway(
            app,
            tokens=self.tokens,
            faults=self.faults,
            log=self.requests,
            latency=self.options.latency,
            forbidden=self.options.forbidden
            + DETAILS_JOBS * self.options.jobs_forbidden,
            guarded=guarded,
        )


def _listen(*ports: int) -> list[socket.socket]:
    """Bind loopback's ports, all or none."""
    with ExitStack() as bound:
        addresses = [(_LOOPBACK, port) for port in ports]
        sockets = [bound.enter_context(socket.create_server(x)) for x in addresses]
        bound.pop_all()
    return sockets


def _server(app: ASGIApp) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=BreakableConnection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )


def _serve(servers: list[uvicorn.Server], sockets: list[socket.socket]) -> None:
    async def serve() -> None:
        pairs = zip(servers, sockets, strict=True)
        await asyncio.gather(*(server.serve([port]) for server, port in pairs))

    asyncio.run(serve())
