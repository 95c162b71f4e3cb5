"""Keeps each waiting caller's announcement right: position and expected wait (decision 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.announce import AnnouncementPlan, Timing
from ccops.domain.live import Waiting
from ccops.domain.live_events import AnnouncementStarted, CallerJoined, LiveEvent
from ccops.domain.variants import variant
from ccops.domain.wait import WaitEstimates
from ccops.errors import CcopsError
from ccops.services.live import LiveService

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between two looks at who is due; a caller who joins is looked at immediately."""


class Channels(Protocol):
    """Callers' channels. A CcopsError means that it is not known what was done."""

    async def set_language(self, channel: str, language: str) -> bool:
        """False: there is no such channel any more."""
        ...

    async def line(self, channel: str) -> str:
        """The number the caller dialled; empty when the channel does not say, or is gone."""
        ...


class AnnouncementService:
    """Sets ``CHANNEL(language)`` of waiting callers shortly before app_queue announces.

    With ccops away, or a command lost, the caller hears the last variant or the general text:
    setting a language twice does no harm, so it is simply set again at the next tick.
    """

    def __init__(
        self,
        live: LiveService,
        channels: Channels,
        clock: Clock,
        hotline: Callable[[], Hotline],
    ) -> None:
        self._live = live
        self._channels = channels
        self._clock = clock
        self._hotline = hotline
        self._plan = AnnouncementPlan()
        self._estimates = WaitEstimates()
        self._lines: dict[str, str] = {}
        """Call → dialled number, of waiting callers."""
        self._joined = asyncio.Event()
        self.changed = 0
        """Languages set."""
        self.failed = 0
        """Languages not set: the caller had gone, or Asterisk did not answer."""
        live.listen(self._take)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            await self.tick()
            try:
                async with asyncio.timeout(TICK):
                    await self._joined.wait()
            except TimeoutError:
                pass
            self._joined.clear()

    async def tick(self) -> None:
        """Set every language that is due and not right."""
        if not self._live.link_up:
            return
        hotline = self._hotline()
        waiting = [c for c in self._live.state.waiting() if c.language in hotline.languages]
        timings = {
            name: Timing(queue.first_announcement, queue.announce_every)
            for name, queue in hotline.queues.items()
        }
        try:
            await self._learn_lines(hotline, waiting)
            for change in self._plan.due(
                waiting, timings, partial(self._variant, hotline), self._clock.now()
            ):
                if await self._channels.set_language(change.channel, change.variant):
                    self._plan.done(change)
                    self.changed += 1
                else:
                    self.failed += 1
        except CcopsError as error:
            self.failed += 1
            log.warning("announcements not changed", code=error.code)

    def _variant(self, hotline: Hotline, caller: Waiting) -> str:
        wait = self._estimates.expected(
            caller.queue,
            caller.position,
            self._live.state.capacity(caller.queue),
            hotline.queues[caller.queue].wrap_up,
            self._clock.now(),
        )
        return variant(caller.language, caller.position, wait, self._paid(hotline, caller))

    def _paid(self, hotline: Hotline, caller: Waiting) -> bool | None:
        """Whether waiting costs money; None when it depends on the line and that is not known."""
        tariffs = {line.wait_is_paid for line in hotline.lines.values()}
        if len(tariffs) == 1:
            return tariffs.pop()
        line = hotline.lines.get(self._lines.get(caller.call, ""))
        return line.wait_is_paid if line else None

    async def _learn_lines(self, hotline: Hotline, waiting: list[Waiting]) -> None:
        """Ask newcomers' channels for their line, where lines differ in what waiting costs."""
        if len({line.wait_is_paid for line in hotline.lines.values()}) == 1:
            return
        present = {caller.call for caller in waiting}
        self._lines = {call: line for call, line in self._lines.items() if call in present}
        for caller in waiting:
            if caller.call not in self._lines:
                self._lines[caller.call] = await self._channels.line(caller.channel)

    def _take(self, event: LiveEvent) -> None:
        self._estimates.take(event)
        if isinstance(event, AnnouncementStarted):
            self._plan.started(event.call, event.at)
        elif isinstance(event, CallerJoined):
            self._joined.set()
