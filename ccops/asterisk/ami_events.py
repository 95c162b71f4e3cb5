"""Events from the read path to those who listen: bounded, in order, one at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from ccops.asterisk.ami_protocol import AmiMetrics, Event

log = structlog.get_logger(__name__)

Handler = Callable[[Event], None]

BATCH = 100
"""Events handled before others of the loop get their turn."""


class EventQueue:
    """Asterisk cuts off a reader that lags by 100 ms: the read path only appends here."""

    def __init__(self, limit: int, metrics: AmiMetrics) -> None:
        self.overflows = 0
        self.handler_errors = 0
        self._limit = limit
        self._metrics = metrics
        self._handlers: dict[str, tuple[Handler, ...]] = {}
        self._items: deque[Event | Callable[[], None]] = deque()
        self._ready = asyncio.Event()

    def subscribe(self, handler: Handler, *names: str) -> Callable[[], None]:
        """Call ``handler`` with each event of these names; returns what ends it."""
        if not names:
            raise ValueError("name the events to listen for")
        for name in names:
            self._handlers[name] = (*self._handlers.get(name, ()), handler)

        def unsubscribe() -> None:
            for name in names:
                left = tuple(h for h in self._handlers.get(name, ()) if h is not handler)
                if left:
                    self._handlers[name] = left
                else:
                    self._handlers.pop(name, None)

        return unsubscribe

    def wants(self, name: str) -> bool:
        """Whether anybody listens for this event."""
        return name in self._handlers

    def put(self, event: Event) -> bool:
        """False: the queue was full. It has been emptied, for a picture with gaps is of no use."""
        if len(self._items) < self._limit:
            self._items.append(event)
            self._ready.set()
            return True
        self.overflows += 1
        log.error("events arrived faster than they could be handled", dropped=len(self._items))
        items, self._items = self._items, deque()
        for item in items:
            if not isinstance(item, Event):
                item()
        return False

    def call_in_order(self, callback: Callable[[], None]) -> None:
        """Call after every event put before, and before any put later."""
        self._items.append(callback)
        self._ready.set()

    def count_error(self) -> None:
        self.handler_errors += 1
        self._metrics.handler_error()

    async def run(self) -> None:
        """Hand out events until cancelled."""
        while True:
            await self._ready.wait()
            for _ in range(min(len(self._items), BATCH)):
                item = self._items.popleft()
                if not isinstance(item, Event):
                    item()
                    break  # whoever was woken goes first, with the events up to here applied
                self._hand_out(item)
            if not self._items:
                self._ready.clear()
            await asyncio.sleep(0)

    def _hand_out(self, event: Event) -> None:
        for handler in self._handlers.get(event.name, ()):
            try:
                handler(event)
            except Exception:
                self.count_error()
                log.exception("handler of an event failed", ami_event=event.name)
