"""A hotline's waiting callers for tests: a scripted Asterisk, a ledger in memory, a moved clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ccops.config.model import Hotline
from ccops.domain.ledger import Announcement, Ending, Past, Talk
from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    AnnouncementStarted,
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    OperatorConnected,
    Resync,
)
from ccops.domain.records import AnnouncementFate
from ccops.errors import CcopsError
from ccops.services.announcements import AnnouncementService
from ccops.services.ledger import Ledger
from ccops.services.live import LiveService, roster_of
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def caller(call: str, position: int = 1, joined: float = 0, queue: str = "support") -> Waiting:
    return Waiting(call, f"PJSIP/trunk-{call}", queue, "", "uz", at(joined), position)


class Source:
    """Asterisk's live view."""

    def __init__(self) -> None:
        self.connected = True
        self.truth = Resync((), (), T0)

    def subscribe(self, handler: Callable[[LiveEvent], None]) -> Callable[[], None]:
        self.tell = handler
        return lambda: None

    async def picture(self) -> Resync:
        return self.truth


class Lost(CcopsError):  # noqa: N818
    code = "lost"


class Channels:
    def __init__(self) -> None:
        self.languages: dict[str, str] = {}
        self.lines: dict[str, str] = {}
        self.asked: list[str] = []
        self.gone: set[str] = set()
        self.away = False
        self.set = asyncio.Event()

    async def set_language(self, channel: str, language: str) -> bool:
        if self.away:
            raise Lost("no link")
        if channel in self.gone:
            return False
        self.languages[channel] = language
        self.set.set()
        return True

    async def line(self, channel: str) -> str:
        self.asked.append(channel)
        return self.lines.get(channel, "")


class Store:
    """The ledger's rows, and what the records say of calls."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, datetime], Announcement] = {}
        self.ended: list[Ending] = []
        self.talks: list[Talk] = []
        self.batches: list[int] = []
        self.saved, self.refused = asyncio.Event(), asyncio.Event()
        self.away = False

    async def save(self, batch: Sequence[Announcement]) -> None:
        self._reach()
        self.batches.append(len(batch))
        for one in batch:
            self.rows[one.call, one.at] = one
        self.saved.set()

    async def past(self, since: datetime) -> Past:
        self._reach()
        rows = sorted(self.rows.values(), key=lambda one: one.at)
        return Past(
            [one for one in rows if one.at >= since or one.fate is AnnouncementFate.WAITING],
            self.talks,
        )

    async def endings(self, calls: Collection[str]) -> Sequence[Ending]:
        self._reach()
        return [ending for ending in self.ended if ending.call in calls]

    def _reach(self) -> None:
        if self.away:
            self.refused.set()
            raise OSError("the database is away")


class Counts:
    """The ledger's metrics."""

    def __init__(self) -> None:
        self.results: list[tuple[str, str, float | None]] = []
        self.lost = 0

    def settled(self, queue: str, result: str, error: float | None) -> None:
        self.results.append((queue, result, error))

    def given_up(self, count: int) -> None:
        self.lost += count


class World:
    """One operator at work unless said otherwise; each tick also writes the ledger."""

    def __init__(self, configured: Hotline | None = None, store: Store | None = None) -> None:
        self.clock, self.source, self.channels = ManualClock(), Source(), Channels()
        self.hotline = configured or hotline()
        self.store, self.counts = store or Store(), Counts()
        self.live = LiveService(self.source, self.clock, roster_of(self.hotline))
        self.ledger = Ledger(self.store, self.clock, self.counts)
        self.service = AnnouncementService(
            self.live, self.channels, self.clock, lambda: self.hotline, self.ledger
        )

    def operator(
        self,
        queue: str = "support",
        device: Device = Device.BUSY,
        *,
        paused: bool = False,
        seconds: float = 0,
    ) -> None:
        member = Member(queue, "101", device, paused, "", in_call=False, last_call=None)
        self.source.tell(MemberChanged(member, at(seconds)))

    def joins(self, waiting: Waiting) -> None:
        """Before each Queue the dialplan restores the caller's real language."""
        self.channels.languages[waiting.channel] = waiting.language
        self.source.tell(CallerJoined(waiting))

    def hears(self, call: str, seconds: float) -> None:
        self.source.tell(AnnouncementStarted(call, at(seconds)))

    def answered(self, call: str, seconds: float, queue: str = "support") -> None:
        """As app_queue tells it: the music stops, the caller leaves, the operator talks."""
        self.source.tell(AnnouncementStarted(call, at(seconds)))
        self.source.tell(CallerLeft(queue, call, at(seconds)))
        self.source.tell(OperatorConnected(queue, "101", call, at(seconds)))

    def hangs_up(self, call: str, seconds: float, queue: str = "support") -> None:
        self.source.tell(AnnouncementStarted(call, at(seconds)))
        self.source.tell(CallerGaveUp(queue, call, at(seconds)))
        self.source.tell(CallerLeft(queue, call, at(seconds)))

    def presses_one(self, call: str, seconds: float, queue: str = "support") -> None:
        self.source.tell(AnnouncementStarted(call, at(seconds)))
        self.source.tell(CallerLeft(queue, call, at(seconds)))

    async def connects(self, seconds: float, *waiting: Waiting) -> None:
        """The link is up (again), and Asterisk tells the truth."""
        self.clock.time = at(seconds)
        member = Member("support", "101", Device.BUSY, paused=False, reason="",
                        in_call=False, last_call=None)  # fmt: skip
        told = tuple(replace(one, number="") for one in waiting)
        self.source.truth = Resync((member,), told, at(seconds))
        await self.live.resync()

    async def tick(self, seconds: float) -> dict[str, str]:
        """What is set anew by the tick at this second, by call."""
        self.clock.time = at(seconds)
        before = dict(self.channels.languages)
        await self.service.tick()
        return {
            channel.rpartition("-")[2]: language
            for channel, language in self.channels.languages.items()
            if before.get(channel) != language
        }

    async def until(self, since: float, seconds: float) -> None:
        """Tick each second."""
        second = since
        while second <= seconds:
            await self.tick(second)
            second += 1

    async def kept(self, seconds: float) -> dict[str, list[Announcement]]:
        """The ledger as it stands in the database, by call."""
        self.clock.time = at(seconds)
        await self.ledger.flush()
        rows = sorted(self.store.rows.values(), key=lambda one: one.at)
        return {one.call: [each for each in rows if each.call == one.call] for one in rows}
