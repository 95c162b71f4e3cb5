"""Keeps the ledger of announcements: what was told to whom, and what became of it.

Nothing here waits in the path of an event: what has changed is written by a background task, in
batches. While the database is away it is held back, up to ``HELD_BACK`` announcements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.domain.ledger import COARSE, Announcement, Ending, Past, settled_by
from ccops.domain.live import Waiting
from ccops.domain.live_events import CallerJoined, CallerLeft, LiveEvent, OperatorConnected, Resync
from ccops.domain.live_state import SAME_STAY
from ccops.domain.records import AnnouncementFate
from ccops.domain.skills import queue_of
from ccops.domain.wait_turns import GHOSTS_STAY, Turn

log = structlog.get_logger(__name__)

WRITE_EVERY = 2.0
"""Seconds between two batches."""
HELD_BACK = 20_000
"""Announcements that wait for the database; beyond these the oldest are given up, and counted."""
REMEMBERED = timedelta(hours=3)
"""How far back the ledger is read at a start."""
ANSWER_WITHIN = timedelta(seconds=10)
"""Who has left the queue and is not connected to an operator by then has left unserved."""
LOOK_EVERY = timedelta(seconds=15)
GIVEN_UP_AFTER = timedelta(minutes=10)
"""How often, and how long, the records are searched for what nobody saw."""

Key = tuple[str, datetime]
"""What identifies an announcement: call and moment."""


class LedgerStore(Protocol):
    """The database. Raises whatever it raises when it is away."""

    async def save(self, batch: Sequence[Announcement]) -> None:
        """Keep them; those known already get their new fate."""
        ...

    async def past(self, since: datetime) -> Past:
        """Not older than ``since``; the pending announcements of any age."""
        ...

    async def endings(self, calls: Collection[str]) -> Sequence[Ending]:
        """How the stays of these calls ended, as far as the records know."""
        ...


class LedgerMetrics(Protocol):
    """What the ledger reports."""

    def settled(self, queue: str, result: str, error: float | None) -> None:
        """One announcement is no longer pending; ``result`` is one of ``domain.ledger.Result``."""
        ...

    def given_up(self, count: int) -> None:
        """Announcements that could not be kept."""
        ...


@dataclass(eq=False)
class _Stay:
    """One wait of a caller in one of Asterisk's queues, with what was announced in it."""

    joined_at: datetime
    announcements: list[Announcement] = field(default_factory=list)
    left_at: datetime | None = None


class Ledger:
    """Fed with all live events, then with the turns that follow from them, both in order."""

    def __init__(self, store: LedgerStore, clock: Clock, metrics: LedgerMetrics) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._present: dict[tuple[str, str], datetime] | None = None
        """Who waits (queue, call), since when; None until Asterisk has told."""
        self._stays: dict[tuple[str, str], _Stay] = {}
        self._loaded = False
        self._listeners: list[Callable[[Past], None]] = []
        self._found: list[Announcement] = []
        """Pending since before the start."""
        self._adrift: dict[Key, tuple[Announcement, datetime]] = {}
        """Nobody saw how they ended; since when they are searched for in the records."""
        self._looked_at: datetime | None = None
        self._unwritten: dict[Key, Announcement] = {}

    def on_load(self, listener: Callable[[Past], None]) -> None:
        """Tell ``listener``, once, what was before this start."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Read what was before this start, once. Raises what the database raises."""
        if self._loaded:
            return
        past = await self._store.past(self._clock.now() - REMEMBERED)
        self._loaded = True
        self._found = [one for one in past.announcements if one.fate is AnnouncementFate.WAITING]
        self._place_found()
        for listener in self._listeners:
            listener(past)

    async def run(self) -> None:
        """Write and search until cancelled, whatever happens to the database."""
        told = False
        while True:
            try:
                await self.load()
                await self.flush()
                told = False
            except Exception as error:
                if not told:
                    log.warning(
                        "the ledger of announcements is held back: the database does not answer",
                        error=type(error).__name__,
                    )
                told = True
            await asyncio.sleep(WRITE_EVERY)

    async def close(self) -> None:
        """Write what is left, once nothing feeds this any more."""
        try:
            await self.flush()
        except Exception as error:
            lost = len(self._unwritten)
            log.warning("announcements not kept", announcements=lost, error=type(error).__name__)

    async def flush(self) -> None:
        """Write what has changed. Raises what the database raises; nothing is lost then."""
        now = self._clock.now()
        self._settle_left(now)
        await self._search(now)
        batch = dict(self._unwritten)
        if batch:
            await self._store.save(list(batch.values()))
            for key, written in batch.items():
                if self._unwritten.get(key) is written:
                    del self._unwritten[key]

    def announced(self, caller: Waiting, announcement: Announcement) -> None:
        """The caller, who waits, heard this."""
        stay = self._stays.setdefault(
            (caller.queue, caller.call), _Stay(joined_at=caller.joined_at)
        )
        stay.announcements.append(announcement)
        self._write(announcement)

    def take(self, event: LiveEvent) -> None:
        match event:
            case CallerJoined(caller):
                self._joined(caller)
            case CallerLeft(queue, call, at):
                if self._present is not None:
                    self._present.pop((queue, call), None)
                stay = self._stays.get((queue, call))
                if stay is not None and stay.left_at is None:
                    stay.left_at = at
            case OperatorConnected(queue, _, call, at):
                if stay := self._stays.pop((queue, call), None):
                    self._settle(one.answered(at) for one in stay.announcements)
            case Resync(_, waiting):
                self._replace(waiting)
            case _:
                pass

    def turn(self, turn: Turn) -> None:
        """When the caller's turn would have come: for those who left."""
        stay = self._stays.get((turn.queue, turn.call))
        if stay is None or stay.left_at is None or stay.joined_at != turn.joined_at:
            return
        del self._stays[turn.queue, turn.call]
        left = [one.left(stay.left_at) for one in stay.announcements]
        if turn.at is not None:
            left = [one.would_have_been_answered(turn.at) for one in left]
        self._settle(left)

    # -- what the events say

    def _joined(self, caller: Waiting) -> None:
        key = (caller.queue, caller.call)
        if self._present is not None:
            self._present.setdefault(key, caller.joined_at)
        before = self._left(caller)
        if before is not None:
            # Back before an operator was free: the same wait goes on.
            stay = self._stays.pop(before)
            self._stays[key] = again = _Stay(caller.joined_at)
            for one in stay.announcements:
                again.announcements.append(one.waits_again())
                self._write(again.announcements[-1])

    def _left(self, caller: Waiting) -> tuple[str, str] | None:
        """The caller's former stay in this queue, or in another of Asterisk's that stand for it:
        the caller's language may have got a queue of its own meanwhile, or lost it."""
        for (queue, call), stay in self._stays.items():
            if (
                call == caller.call
                and stay.left_at is not None
                and queue_of(queue) == queue_of(caller.queue)
            ):
                return queue, call
        return None

    def _replace(self, waiting: tuple[Waiting, ...]) -> None:
        """After a gap: who waits goes on waiting, the others' ends were not seen."""
        self._present = {(caller.queue, caller.call): caller.joined_at for caller in waiting}
        before, self._stays = self._stays, {}
        for key, stay in before.items():
            joined_at = self._present.get(key)
            if stay.left_at is None and joined_at and abs(joined_at - stay.joined_at) <= SAME_STAY:
                self._stays[key] = stay
            else:
                self._lose_sight(stay.announcements)
        self._place_found()

    def _place_found(self) -> None:
        """Pending announcements from before the start: of callers who still wait, or gone."""
        if self._present is None:
            return
        found, self._found = self._found, []
        for one in found:
            for (queue, call), joined_at in self._present.items():
                if (
                    call == one.call
                    and queue_of(queue) == one.queue
                    and joined_at <= one.at + COARSE
                ):
                    stay = self._stays.setdefault((queue, call), _Stay(joined_at))
                    stay.announcements.append(one)
                    break
            else:
                self._lose_sight([one])

    # -- settling

    def _settle_left(self, now: datetime) -> None:
        for key, stay in list(self._stays.items()):
            if stay.left_at is None or now - stay.left_at < ANSWER_WITHIN:
                continue
            left = [one.left(stay.left_at) for one in stay.announcements]
            if now - stay.left_at > GHOSTS_STAY:
                del self._stays[key]
                self._settle(left)
            elif left != stay.announcements:
                stay.announcements = left
                for one in left:
                    self._write(one)

    def _settle(self, announcements: Iterable[Announcement]) -> None:
        """These will not change any more."""
        for one in announcements:
            self._write(one)
            if one.result is not None:
                self._metrics.settled(one.queue, one.result, one.error)

    def _lose_sight(self, announcements: Sequence[Announcement]) -> None:
        """What became of these has to be found in the records; who left is known to have left."""
        for one in announcements:
            if one.fate is AnnouncementFate.WAITING:
                self._adrift[one.call, one.at] = (one, self._clock.now())
            else:
                self._settle([one])

    async def _search(self, now: datetime) -> None:
        if not self._adrift or (self._looked_at and now - self._looked_at < LOOK_EVERY):
            return
        self._looked_at = now
        endings = await self._store.endings({call for call, _ in self._adrift})
        for key, (one, since) in list(self._adrift.items()):
            settled = settled_by(one, endings)
            if settled is None and now - since > GIVEN_UP_AFTER:
                settled = one.lost_sight_of()
            if settled is not None:
                del self._adrift[key]
                self._settle([settled])

    def _write(self, announcement: Announcement) -> None:
        key = (announcement.call, announcement.at)
        if key not in self._unwritten and len(self._unwritten) >= HELD_BACK:
            del self._unwritten[next(iter(self._unwritten))]
            self._metrics.given_up(1)
        self._unwritten[key] = announcement
