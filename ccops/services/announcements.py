"""Keeps each waiting caller's announcement right: position and expected wait (decision 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.announce import AnnouncementPlan, Saying, Timing
from ccops.domain.ledger import Announcement, Past
from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    AnnouncementStarted,
    CallerJoined,
    CallerLeft,
    LiveEvent,
    OperatorCompleted,
)
from ccops.domain.records import AnnouncementFate
from ccops.domain.skills import queue_of, skill_queues
from ccops.domain.variants import Variant
from ccops.domain.wait import WaitEstimates
from ccops.domain.wait_promises import HEARD, Estimate
from ccops.domain.wait_turns import Turn
from ccops.errors import CcopsError
from ccops.services.ledger import Ledger
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


_HEARD = timedelta(seconds=HEARD)


@dataclass(frozen=True)
class _Playing:
    """The music of a caller stopped when an announcement was due. Whether for that, or because an
    operator answered or the caller hung up, shows when the caller still waits a moment later."""

    caller: Waiting
    saying: Saying
    at: datetime


class AnnouncementService:
    """Sets ``CHANNEL(language)`` of waiting callers shortly before app_queue announces, and tells
    the ledger what was heard.

    With ccops away, or a command lost, the caller hears the last variant or the general text:
    setting a language twice does no harm, so it is simply set again at the next tick.
    """

    def __init__(
        self,
        live: LiveService,
        channels: Channels,
        clock: Clock,
        hotline: Callable[[], Hotline],
        ledger: Ledger,
    ) -> None:
        self._live = live
        self._channels = channels
        self._clock = clock
        self._hotline = hotline
        self._ledger = ledger
        self._plan = AnnouncementPlan()
        self._estimates = WaitEstimates()
        self._playing: dict[str, _Playing] = {}
        """By call."""
        self._past: list[Past] = []
        """From before the start, until it is known who still waits."""
        self._lines: dict[str, str] = {}
        """Call → dialled number, of waiting callers."""
        self._joined = asyncio.Event()
        self.changed = 0
        """Languages set."""
        self.failed = 0
        """Languages not set: the caller had gone, or Asterisk did not answer."""
        live.listen(self._take)
        ledger.on_load(self._past.append)

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
        while self._past:
            self._recall(self._past.pop())
        self._note_heard()
        self._note_free_operators()
        hotline = self._hotline()
        waiting = [c for c in self._live.state.waiting() if c.language in hotline.languages]
        timings = {
            name: Timing(queue.first_announcement, queue.announce_every)
            for name in {caller.queue for caller in waiting}
            if (queue := hotline.queues.get(queue_of(name)))
        }
        try:
            await self._learn_lines(hotline, waiting)
            for change in self._plan.due(
                waiting, timings, partial(self._saying, hotline), self._clock.now()
            ):
                if await self._channels.set_language(change.channel, change.variant.name):
                    self._plan.done(change)
                    self.changed += 1
                else:
                    self.failed += 1
        except CcopsError as error:
            self.failed += 1
            log.warning("announcements not changed", code=error.code)

    # -- what to say

    def _saying(self, hotline: Hotline, caller: Waiting, tell_time: bool) -> Saying:
        operators = self._live.state.capacity(caller.queue)
        wrap_up = hotline.queues[queue_of(caller.queue)].wrap_up
        estimate = self._estimates.promise(caller, operators, wrap_up, self._clock.now())
        variant = Variant.of(
            caller.language,
            caller.position,
            estimate.promised if estimate else None,
            self._paid(hotline, caller),
            operators=operators > 0,
            slow=caller.slow,
            time=tell_time,
        )
        return Saying(variant, caller.position, operators, estimate)

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

    # -- what was heard, and what became of it

    def _take(self, event: LiveEvent) -> None:
        match event:
            case AnnouncementStarted(call, at):
                self._started(call, at)
            case CallerLeft(_, call, at):
                playing = self._playing.pop(call, None)
                if playing is not None and at - playing.at >= _HEARD:
                    self._heard(playing)
            case CallerJoined():
                self._joined.set()
            case _:
                pass
        self._ledger.take(event)
        self._settle(self._estimates.take(event))

    def _started(self, call: str, at: datetime) -> None:
        caller = next((c for c in self._live.state.waiting() if c.call == call), None)
        saying = self._plan.started(call, at)
        if caller is not None and saying is not None:
            self._playing[call] = _Playing(caller, saying, at)

    def _note_heard(self) -> None:
        now = self._clock.now()
        for call, playing in list(self._playing.items()):
            if now - playing.at >= _HEARD:
                del self._playing[call]
                self._heard(playing)

    def _heard(self, playing: _Playing) -> None:
        caller, saying, at = playing.caller, playing.saying, playing.at
        estimate, variant = saying.estimate, saying.variant
        self._plan.heard(caller.call, at, told=_tells(variant.name))
        if estimate is not None and variant.minutes is not None:
            self._estimates.spoken(caller.queue, caller.call, estimate, at)
        self._ledger.announced(
            caller,
            Announcement(
                call=caller.call,
                queue=queue_of(caller.queue),
                language=caller.language,
                at=at,
                waited=max(0.0, (at - caller.joined_at).total_seconds()),
                position=saying.position,
                operators=saying.operators,
                expected=estimate.expected if estimate else None,
                promised=estimate.promised if estimate else None,
                spoken=variant.minutes,
                variant=variant.name,
            ),
        )

    def _note_free_operators(self) -> None:
        """Those who left would have been answered by an operator who is free now."""
        ghosts = set(self._estimates.ghosts_first())
        if ghosts:
            for queue in self._live.snapshot().queues:
                if queue.name in ghosts and queue.operators_ready:
                    self._settle(self._estimates.free(queue.name, self._clock.now()))

    def _settle(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            self._ledger.turn(turn)

    def _recall(self, past: Past) -> None:
        """What was said before this start binds; what became of it, and the calls, are learnt."""
        names: dict[tuple[str, str], str] = {
            (one.queue, language): one.name
            for one in skill_queues(self._hotline())
            for language in one.languages
        }
        for talk in past.talks:
            if queue := names.get((talk.queue, talk.language)):
                ended = OperatorCompleted(queue, "", talk.ended_at, round(talk.seconds))
                self._estimates.take(ended)
        for one in past.announcements:
            self._plan.heard(one.call, one.at, told=_tells(one.variant))
            queue = names.get((one.queue, one.language))
            if queue is None or one.spoken is None or one.expected is None:
                continue
            if one.actual is not None:
                self._estimates.learn(queue, one.expected, one.actual)
            elif one.fate is AnnouncementFate.WAITING and one.promised is not None:
                until = one.at + timedelta(seconds=one.bound or one.promised)
                estimate = Estimate(one.expected, one.promised, one.spoken, until)
                self._estimates.spoken(queue, one.call, estimate, one.at)


def _tells(variant: str) -> bool:
    """Whether the time is told by it, or what waiting costs: more than the place alone."""
    return any(part[0] == "m" or part in ("paid", "free") for part in variant.split("_")[2:])
