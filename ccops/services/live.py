"""The live picture, kept up to date: as Asterisk tells, and read anew after each reconnect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.live import Snapshot
from ccops.domain.live_events import LiveEvent, Resync, Roster
from ccops.domain.live_state import LiveState
from ccops.domain.skills import skill_queues

log = structlog.get_logger(__name__)


class LiveSource(Protocol):
    """Asterisk's live view."""

    @property
    def connected(self) -> bool: ...

    def subscribe(self, handler: Callable[[LiveEvent], None]) -> Callable[[], None]:
        """Every event to ``handler``, which must not wait; returns what ends it."""
        ...

    async def picture(self) -> Resync:
        """Everything at this moment. Raises what the link raises when it cannot be had."""
        ...


class LiveService:
    """Holds the picture of this moment.

    ``resync`` belongs into the link's ``on_connect``, before anything that reads the picture.
    """

    def __init__(
        self,
        source: LiveSource,
        clock: Clock,
        roster: Roster,
        calls_today: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._source = source
        self._clock = clock
        self._calls_today = calls_today
        self.state = LiveState(roster)
        self._listeners: list[Callable[[LiveEvent], None]] = []
        self._wakes: set[asyncio.Event] = set()
        source.subscribe(self._take)

    @property
    def link_up(self) -> bool:
        """False: the picture is old."""
        return self._source.connected

    def snapshot(self) -> Snapshot:
        """The picture now; ``link_up`` is False while it can only be an old one."""
        return self.state.snapshot(
            self._clock.now(), link_up=self.link_up, calls_today=self._calls_today()
        )

    async def changes(self) -> AsyncGenerator[None]:
        """Yields whenever something has changed since the last time; many changes wake once.

        What passes with time alone (a wrap-up runs out, the link is lost) wakes nobody: whoever
        shows such things also looks now and then.
        """
        wake = asyncio.Event()
        self._wakes.add(wake)
        try:
            while True:
                await wake.wait()
                wake.clear()
                yield
        finally:
            self._wakes.discard(wake)

    def listen(self, listener: Callable[[LiveEvent], None]) -> None:
        """Call ``listener`` with every event, once the picture holds it."""
        self._listeners.append(listener)

    def configure(self, roster: Roster) -> None:
        """Take a new configuration into the picture."""
        self.state.roster = roster
        self._wake()

    async def resync(self) -> None:
        """Replace the picture by the truth. Raises what the source raises.

        The source hands out events in order with its answers, so nothing is applied here that
        the answer already holds, except what Asterisk itself tells late: that changes nothing.
        """
        truth = await self._source.picture()
        self._take(truth)
        log.info("live picture read", waiting=len(truth.waiting), members=len(truth.members))

    def _take(self, event: LiveEvent) -> None:
        self.state.apply(event)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("a listener of the live picture failed", told=type(event).__name__)
        self._wake()

    def _wake(self) -> None:
        for wake in self._wakes:
            wake.set()


def roster_of(hotline: Hotline) -> Roster:
    """Whom and what the picture shows of a configuration, in the order of the file."""
    return Roster(
        wrap_up={one.name: hotline.queues[one.queue].wrap_up for one in skill_queues(hotline)},
        names={id_: operator.name for id_, operator in hotline.operators.items()},
    )
