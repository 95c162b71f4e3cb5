"""The link to Asterisk's manager interface: commands out, live events in.

The link keeps itself up: it pings, reconnects with back-off, and after each login lets its
``on_connect`` callbacks read the present state before it calls itself connected. It never repeats
an action: what was under way when the link fell fails with :class:`AmiDown`, and the caller
decides with the journal at hand whether it was done (decision 6).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import cast

import structlog

from ccops.asterisk.ami_connection import Connection, PendingAction
from ccops.asterisk.ami_events import EventQueue, Handler
from ccops.asterisk.ami_protocol import (
    AmiDown,
    AmiError,
    AmiMetrics,
    AmiRefused,
    AmiTimeout,
    Event,
    NoAmiMetrics,
    Reply,
)
from ccops.clock import Clock, SystemClock
from ccops.tasks import TaskRunner

__all__ = [
    "AmiDown",
    "AmiError",
    "AmiLink",
    "AmiMetrics",
    "AmiRefused",
    "AmiTimeout",
    "Event",
    "LinkState",
    "Reply",
]

log = structlog.get_logger(__name__)

Header = str | list[str]
Events = list[Event]

CONNECT_TIMEOUT = 5.0
LOGIN_TIMEOUT = 5.0
BACKOFF = (0.2, 5.0)
"""Seconds before the second attempt, and at most; doubled in between, with jitter."""
QUEUE_LIMIT = 20_000


class LinkState(StrEnum):
    DOWN = "down"
    LOGIN_REFUSED = "login_refused"
    """Asterisk is there and does not accept the user name or secret."""
    SYNCHRONISING = "synchronising"
    """Logged in; the ``on_connect`` callbacks are reading the present state."""
    UP = "up"


class AmiLink:
    """One logical link; run :meth:`run` as a named task for as long as it is needed."""

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        secret: str,
        *,
        clock: Clock | None = None,
        metrics: AmiMetrics | None = None,
        ping_every: float = 2.0,
        ping_timeout: float = 5.0,
        boot_wait: float = 10.0,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        """Times are seconds; the link counts as dead when a ping has no answer within its own.

        ``boot_wait`` is how long an Asterisk that has accepted the login may take to finish
        loading its modules (needs read class ``system``).
        """
        self.state = LinkState.DOWN
        self.on_connect: list[Callable[[], Awaitable[object]]] = []
        self._host, self._port = host, port
        self._username, self._secret = username, secret
        self._clock = clock or SystemClock()
        self._metrics = metrics or NoAmiMetrics()
        self._ping_every, self._ping_timeout = ping_every, ping_timeout
        self._boot_wait = boot_wait
        self._events = EventQueue(queue_limit, self._metrics)
        self._connection: Connection | None = None
        self._up = asyncio.Event()
        self._attention = asyncio.Event()
        """The connection was lost, or events were."""

    @property
    def connected(self) -> bool:
        """Logged in, synchronised, and answering pings."""
        return self._up.is_set()

    @property
    def overflows(self) -> int:
        """How often events had to be dropped and the state read anew."""
        return self._events.overflows

    @property
    def handler_errors(self) -> int:
        return self._events.handler_errors

    async def wait_connected(self, timeout: float) -> None:
        """Raises AmiDown when the link is not up within ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._up.wait()
        except TimeoutError:
            raise AmiDown(f"No link to Asterisk within {timeout:g} s ({self.state}).") from None

    def subscribe(self, handler: Handler, *names: str) -> Callable[[], None]:
        """Call ``handler`` with each event of these names, in order; returns what ends it.

        An exception in a handler is logged and counted, and harms nobody else.
        """
        return self._events.subscribe(handler, *names)

    async def action(self, name: str, /, *, timeout: float = 5.0, **headers: Header) -> Reply:
        """Send one action once, for one reply. A list as value repeats its header.

        Raises AmiDown at once where there is no link, AmiTimeout after ``timeout`` seconds,
        AmiRefused with Asterisk's words, ValueError for a header that would break the protocol.
        """
        pending = PendingAction(name, headers, listing=False)
        return cast("Reply", await self._send(pending, timeout))

    async def list(self, name: str, /, *, timeout: float = 10.0, **headers: Header) -> Events:
        """Send an action that answers with a list of events; they come without the closing one.

        When it returns, the handlers have seen every event sent before the list's end and none
        sent after it. Errors as for :meth:`action`.
        """
        pending = PendingAction(name, headers, listing=True)
        return cast("Events", await self._send(pending, timeout))

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        tasks = TaskRunner("ami")
        tasks.start("events", self._events.run)
        first, longest = BACKOFF
        delay, told = first, ""
        try:
            while True:
                trouble, refused = await self._session()
                if self.state is LinkState.UP:
                    delay, told = first, ""
                elif refused:
                    delay = longest
                self.state = LinkState.LOGIN_REFUSED if refused else LinkState.DOWN
                if trouble != told:
                    log.warning("no link to asterisk", state=str(self.state), trouble=trouble)
                    told = trouble
                await asyncio.sleep(delay * random.uniform(0.5, 1.0))
                delay = min(delay * 2, longest)
        finally:
            self.state = LinkState.DOWN
            await tasks.stop()

    async def _session(self) -> tuple[str, bool]:
        """From connecting to the loss of the connection; ``state`` stays where it got to.

        Returns what ended it, and whether that was a refused login.
        """
        self._attention.clear()
        connection = Connection(
            self._host, self._port, self._events, self._metrics, self._attention.set
        )
        tasks = TaskRunner("ami")
        try:
            await connection.open(CONNECT_TIMEOUT)
            await self._login(connection)
            self._connection = connection
            tasks.start("watchdog", partial(self._watch, connection), restart=False)
            await self._wait_booted(connection)
            await self._synchronise()
            self.state = LinkState.UP
            self._up.set()
            self._metrics.link(True)
            log.info("link to asterisk is up", protocol=connection.protocol.version)
            while connection.alive:
                await self._attention.wait()
                self._attention.clear()
                if connection.alive:
                    await self._synchronise()
        except AmiError as error:
            return str(error), isinstance(error, AmiRefused)
        else:
            return "the connection was closed", False
        finally:
            self._connection = None
            if self._up.is_set():
                self._up.clear()
                self._metrics.link(False)
            connection.abort()
            await tasks.stop()

    async def _login(self, connection: Connection) -> None:
        headers: dict[str, Header] = {
            "Username": self._username,
            "Secret": self._secret,
            "Events": "on",
        }
        try:
            await connection.request(PendingAction("Login", headers, listing=False), LOGIN_TIMEOUT)
        except AmiRefused as error:
            raise AmiRefused(
                f"Asterisk refused the login of {self._username!r}: {error.message}.",
                remedy="Compare user name and secret with manager.conf.",
            ) from None
        self.state = LinkState.SYNCHRONISING

    async def _wait_booted(self, connection: Connection) -> None:
        """Before this event modules may be missing, and their actions unknown."""
        try:
            async with asyncio.timeout(self._boot_wait):
                await connection.booted.wait()
        except TimeoutError:
            log.warning("asterisk does not say that it has booted", waited=self._boot_wait)
        if not connection.alive:
            raise AmiDown("The link to Asterisk was lost after the login.")

    async def _synchronise(self) -> None:
        """Raises what a fallen link raises; any other failure is that callback's own."""
        for callback in self.on_connect:
            try:
                await callback()
            except (AmiDown, AmiTimeout):
                raise
            except Exception:
                self._events.count_error()
                log.exception("reading the state after a login failed")

    async def _watch(self, connection: Connection) -> None:
        """A half-open connection looks healthy until somebody asks and hears nothing."""
        while True:
            await asyncio.sleep(self._ping_every)
            try:
                await connection.request(
                    PendingAction("Ping", {}, listing=False), self._ping_timeout
                )
            except AmiTimeout:
                log.warning("asterisk does not answer", waited=self._ping_timeout)
                connection.abort()
                return
            except AmiDown:
                return

    async def _send(self, pending: PendingAction, timeout: float) -> Reply | Events:
        started = self._clock.monotonic()
        outcome = "cancelled"
        try:
            if self._connection is None:
                raise AmiDown("There is no link to Asterisk.")
            result = await self._connection.request(pending, timeout)
            outcome = "ok"
        except AmiError as error:
            outcome = error.code.removeprefix("ami_")
            raise
        finally:
            self._metrics.observe_action(pending.name, self._clock.monotonic() - started, outcome)
        return result
