"""The FastAGI server: Asterisk connects once per call and asks what to do.

A session that fails closes its connection, and the dialplan goes on with its fallback; so no fault
in a handler is ever answered by silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import count

import structlog
from panoramisk.fast_agi import Application

from ccops.asterisk.agi_protocol import (
    AgiHangup,
    AgiMetrics,
    AgiProtocolError,
    AgiRefused,
    AgiTimeout,
    NoAgiMetrics,
    parse_environment,
)
from ccops.asterisk.agi_session import AgiSession, route_of
from ccops.clock import Clock, SystemClock
from ccops.tasks import TaskRunner

__all__ = [
    "AgiHangup",
    "AgiMetrics",
    "AgiProtocolError",
    "AgiRefused",
    "AgiServer",
    "AgiSession",
    "AgiTimeout",
]

log = structlog.get_logger(__name__)

Route = Callable[[AgiSession], Awaitable[None]]

LARGEST_ENVIRONMENT = 32 * 1024
"""Bytes of headers; Asterisk's own are about one thousand."""


class AgiServer:
    """Listens, and runs a route's handler for each call."""

    def __init__(
        self,
        host: str,
        port: int,
        routes: Mapping[str, Route],
        *,
        metrics: AgiMetrics | None = None,
        clock: Clock | None = None,
        header_timeout: float = 5.0,
        stop_deadline: float = 3.0,
    ) -> None:
        """``header_timeout`` seconds for a new connection to say what it wants;
        ``stop_deadline`` seconds for running sessions to end by themselves at :meth:`stop`.
        """
        self._host, self._port = host, port
        self._stop_deadline = stop_deadline
        self._app = _Application(
            routes, metrics or NoAgiMetrics(), clock or SystemClock(), header_timeout
        )
        self._tasks = TaskRunner("agi")
        self._names = count(1)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port listened on; differs from the one asked for when that was 0."""
        if self._server is None:
            return self._port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def active(self) -> int:
        """Sessions now."""
        return self._app.active

    async def start(self) -> None:
        """Listen. Raises OSError when the address cannot be had."""
        self._server = await asyncio.start_server(
            self._accept, self._host, self._port, limit=LARGEST_ENVIRONMENT
        )

    async def stop(self) -> None:
        """Take no new calls, let sessions end within the deadline, then close them."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        try:
            async with asyncio.timeout(self._stop_deadline):
                await self._app.idle.wait()
        except TimeoutError:
            log.warning("closing sessions that still run", sessions=self._app.active)
        await self._tasks.stop()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = f"session-{next(self._names)}"
        self._tasks.start(name, partial(self._app.handler, reader, writer), restart=False)


class _Application(Application):  # type: ignore[misc]
    """panoramisk's routing, with a handler that survives every peer."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        metrics: AgiMetrics,
        clock: Clock,
        header_timeout: float,
    ) -> None:
        super().__init__(loop=False)  # panoramisk keeps a loop and never uses it
        self._metrics = metrics
        self._clock = clock
        self._header_timeout = header_timeout
        self.active = 0
        self.idle = asyncio.Event()
        self.idle.set()
        for path, handler in routes.items():
            self.add_route(path.strip("/"), handler)

    def add_route(self, path: str, endpoint: Route) -> None:
        """Any callable that returns an awaitable will do (panoramisk takes only functions)."""
        if path in self._route:
            raise ValueError(f"there already is a route {path}")
        self._route[path] = endpoint

    async def handler(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From accepting a connection to closing it."""
        self._count(+1)
        route, outcome = "", "cancelled"
        try:
            env = await self._environment(reader)
            if env is None:
                outcome = "no_headers"
                return
            if (path := route_of(env)) not in self._route:
                outcome = "no_route"
                log.error("no such AGI route", path=path)
                return
            route = path
            session = AgiSession(
                self, env, reader, writer, clock=self._clock, metrics=self._metrics
            )
            outcome = await self._serve(route, session)
        finally:
            writer.close()
            self._metrics.session(route, outcome)
            self._count(-1)

    async def _environment(self, reader: asyncio.StreamReader) -> dict[str, str] | None:
        """None for a peer that is not Asterisk: a health probe, a scanner, silence."""
        try:
            async with asyncio.timeout(self._header_timeout):
                block = await reader.readuntil(b"\n\n")
            return parse_environment(block)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            log.debug("AGI connection closed before its headers", reason=type(error).__name__)
        except (TimeoutError, asyncio.LimitOverrunError, AgiProtocolError) as error:
            log.warning("AGI connection without proper headers", reason=type(error).__name__)
        return None

    async def _serve(self, route: str, session: AgiSession) -> str:
        """Run the handler; returns the outcome, and lets cancellation pass."""
        try:
            await self._route[route](session)
        except AgiHangup:
            return "hangup"
        except AgiTimeout:
            log.error("asterisk did not answer an AGI command", route=route)
            return "timeout"
        except AgiProtocolError as error:
            log.error("AGI session broken off", route=route, reason=error.message)
            return "protocol"
        except Exception:
            log.exception("AGI handler failed", route=route)
            return "error"
        return "done"

    def _count(self, change: int) -> None:
        self.active += change
        self._metrics.active(change)
        if self.active:
            self.idle.clear()
        else:
            self.idle.set()
