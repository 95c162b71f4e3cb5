"""One connection to Asterisk's manager interface: panoramisk with its faults cured.

A :class:`Connection` lives as long as its socket. It never reconnects and never sends anything
twice: what panoramisk would keep and replay dies with it. :class:`ccops.asterisk.ami.AmiLink`
makes the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from ccops.asterisk.ami_events import EventQueue
from ccops.asterisk.ami_protocol import (
    AmiDown,
    AmiError,
    AmiMetrics,
    AmiRefused,
    AmiStream,
    AmiTimeout,
    Event,
    Reply,
    check_headers,
    event_name,
    parse,
)

log = structlog.get_logger(__name__)

_LIST_ENDS = ("complete", "cancelled")


class PendingAction(Action):  # type: ignore[misc]
    """An action on its way; its future gets a Reply, or the Events of a list.

    panoramisk guesses from the words of the reply whether more follows; here the caller says so,
    and the list ends where Asterisk says it ends.
    """

    def __init__(self, name: str, headers: Mapping[str, str | list[str]], *, listing: bool) -> None:
        check_headers({"Action": name, **headers})
        super().__init__({**headers, "Action": name}, as_list=listing)
        self.name = name
        self.listing = listing
        self.collected: list[Event] = []

    def replied(self, reply: Reply) -> bool:
        """True when the action ends with this reply."""
        if self.future.done():
            return True
        if not reply.ok:
            self.future.set_exception(AmiRefused(reply.message or reply.name))
        elif not self.listing:
            self.future.set_result(reply)
        elif reply.get("EventList").lower() == "start":
            return False
        else:
            self.future.set_result(self.collected)
        return True

    def finish_list(self) -> None:
        if not self.future.done():
            self.future.set_result(self.collected)

    def fail(self, error: AmiError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Connection(Manager):  # type: ignore[misc]
    """A socket with its pending actions."""

    def __init__(
        self,
        host: str,
        port: int,
        events: EventQueue,
        metrics: AmiMetrics,
        attention: Callable[[], None],
    ) -> None:
        super().__init__(
            host=host,
            port=port,
            loop=asyncio.get_running_loop(),
            protocol_factory=partial(_LinkProtocol, self),
            on_disconnect=lambda _manager, _error: attention(),
        )
        self.events = events
        self.metrics = metrics
        self.attention = attention
        self.alive = False
        self.booted = asyncio.Event()
        """Asterisk has loaded its modules, or the connection has ended."""

    async def open(self, timeout: float) -> None:
        """Raises AmiDown when nobody answers within ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self.connect()
        except TimeoutError:
            raise AmiDown(f"No answer from the manager interface in {timeout:g} s.") from None
        except OSError as error:
            raise AmiDown(f"The manager interface cannot be reached: {error}.") from None

    async def request(self, action: PendingAction, timeout: float) -> Reply | list[Event]:
        """Send once and wait. Raises AmiDown, AmiTimeout, AmiRefused."""
        if not self.alive:
            raise AmiDown("There is no link to Asterisk.")
        if action.id in self.protocol.responses:
            raise ValueError("an action with this ActionID is still under way")
        future: asyncio.Future[Reply | list[Event]] = self.send_action(action, action.listing)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise AmiTimeout(f"No answer to {action.name} in {timeout:g} s.") from None
        finally:
            self.protocol.forget(action)

    def abort(self) -> None:
        """End the connection without waiting for a peer that may no longer be there."""
        if self.protocol is not None:
            self.protocol.transport.abort()
            self.protocol.connection_lost(None)

    def connection_made(self, f: asyncio.Task[Any]) -> None:
        """Of panoramisk: called when connecting has ended, well or not."""
        if f.cancelled() or f.exception() is not None:
            return  # whoever awaits open() hears of it
        self.alive = True
        super().connection_made(f)
        self.pinger.cancel()  # AmiLink pings, and minds whether there is an answer

    def connection_lost(self, exc: Exception | None) -> None:
        """Of panoramisk, called once; must not connect again."""
        self.on_disconnect(self, exc)


class _LinkProtocol(AMIProtocol):  # type: ignore[misc]
    """The socket's callbacks."""

    responses: dict[str, PendingAction]
    closed: bool

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stream = AmiStream()
        self._expired: set[str] = set()
        """Lists nobody waits for any more, whose events are still arriving."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.factory = self._connection

    def data_received(self, data: bytes) -> None:
        try:
            blocks = self._stream.feed(data)
        except AmiError as error:
            log.error("manager interface unintelligible", error=error.message)
            self._connection.abort()
            return
        self.version = self._stream.version
        for block in blocks:
            self.handle_message(block)

    def handle_message(self, block: bytes) -> None:
        name = event_name(block)
        if name is None:
            self._reply(parse(block))
            return
        connection = self._connection
        connection.metrics.event(name)
        if name == "FullyBooted":
            connection.booted.set()
        listed = (self.responses or self._expired) and b"\r\nActionID: " in block
        if not listed and not connection.events.wants(name):
            return
        event = parse(block)
        if not isinstance(event, Event) or (listed and self._list_item(event)):
            return
        if connection.events.wants(name) and not connection.events.put(event):
            connection.attention()

    def forget(self, action: PendingAction) -> None:
        """Nobody waits for it any more: a late answer is dropped."""
        waited_for = self.responses.pop(action.id, None) is not None
        if waited_for and action.listing:
            self._expired.add(action.id)

    def close(self) -> None:
        """Of panoramisk, where it hands pending actions over for replay; here they fail."""
        if self.closed:
            return
        self.closed = True
        self._connection.alive = False
        self._connection.booted.set()
        pending, self.responses = self.responses, {}
        for action in pending.values():
            action.fail(AmiDown("The link to Asterisk was lost before the answer came."))
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed:
            self.close()
            self._connection.connection_lost(exc)

    def _reply(self, reply: Event | Reply | None) -> None:
        if not isinstance(reply, Reply):
            return
        action_id = reply.get("ActionID")
        action = self.responses.get(action_id)
        if action is not None and action.replied(reply):
            del self.responses[action_id]
        elif not reply.ok:
            self._expired.discard(action_id)

    def _list_item(self, event: Event) -> bool:
        """Whether the event belongs to a list that was asked for, and not to the listeners."""
        action_id = event["ActionID"]
        ended = event.get("EventList").lower() in _LIST_ENDS
        action = self.responses.get(action_id)
        if action is None or not action.listing:
            expired = action_id in self._expired
            if ended:
                self._expired.discard(action_id)
            return expired
        if ended:
            del self.responses[action_id]
            self._connection.events.call_in_order(action.finish_list)
        else:
            action.collected.append(event)
        return True
