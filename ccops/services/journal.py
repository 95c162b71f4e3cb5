"""The journal: Asterisk's files → raw rows → contacts (decisions 4 and 5).

Raw rows, the checkpoint behind them and the contacts derived from them are written in one
transaction, so there is no moment at which a crash could leave one without the other. While the
database is away nothing is lost: the rows wait in Asterisk's files.
"""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import TypeVar

import structlog

from ccops.clock import Clock, SystemClock
from ccops.domain.calls import Call, Calls
from ccops.domain.derive import Rules, derive, promises
from ccops.domain.derive.callbacks import CALLBACK
from ccops.domain.raw import Batch, CelRow, Checkpoint, Place, QueueRow, RawLine, RejectedLine
from ccops.domain.records import Contact, Promise
from ccops.services.journal_ports import (
    Follower,
    JournalMetrics,
    JournalStore,
    JournalTransaction,
    Source,
)

__all__ = ["Journal", "Source"]

log = structlog.get_logger(__name__)

T = TypeVar("T")

POLL = 0.2
"""Seconds between two looks at files in which nothing was new."""
RETRY = (0.5, 1.0, 2.0, 5.0)
"""Seconds before trying again to write; the last one for ever."""
MANY = 100
"""Lines in one batch from which on there is no pause: the journal is behind."""
CALLS_KEPT = 1000
"""Calls held in memory; others are read again when a row of theirs comes."""
REASON_LENGTH = 200


_Rows = dict[Place, CelRow | QueueRow]


@dataclass(frozen=True)
class _Understood:
    lines: list[RawLine]
    rejected: list[RejectedLine]
    reached: list[Checkpoint]
    rows: _Rows


@dataclass(frozen=True)
class _Taken:
    """What became of some batches."""

    new: _Understood
    derived: Mapping[Call, tuple[Contact, ...]]
    restarted_at: datetime | None


class Journal:
    """Follows the sources for ever. Give the CEL file before queue_log: what the queue wrote about
    a channel event is then never read later than the event itself."""

    def __init__(
        self,
        sources: Sequence[Source],
        store: JournalStore,
        rules: Callable[[], Rules],
        *,
        clock: Clock | None = None,
        metrics: JournalMetrics | None = None,
        poll: float = POLL,
        retry: Sequence[float] = RETRY,
    ) -> None:
        self.rejected = 0
        """Lines kept aside since the start of this process."""
        self.failed_writes = 0
        self._sources = {source.name: source for source in sources}
        self._store = store
        self._rules = rules
        self._clock = clock or SystemClock()
        self._metrics = metrics
        self._poll = poll
        self._retry = retry
        self._calls = Calls(CALLS_KEPT)
        self._restarted_at: datetime | None = None
        self._closed_before: datetime | None = None
        self._level_at = dict.fromkeys(self._sources, self._clock.monotonic())
        self._look = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []

    def lags(self) -> dict[str, float]:
        """Seconds since everything in each file was last known to be in the database."""
        now = self._clock.monotonic()
        return {name: max(0.0, now - level) for name, level in self._level_at.items()}

    async def caught_up(self) -> None:
        """Return once everything that is in the files now is in the database."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._look.set()
        await future

    def asterisk_started(self, at: datetime) -> None:
        """Tell when the Asterisk that runs now was started: calls from before are over."""
        if self._restarted_at is None or at > self._restarted_at:
            self._restarted_at = at
            self._look.set()

    async def run(self) -> None:
        """Take in what is new, until cancelled. Trouble with the database is waited out."""
        # What an earlier run left in memory may be ahead of the database.
        self._calls.clear()
        start, points = await self._patiently(self._where_to_begin)
        if start is not None:
            self.asterisk_started(start)
        followers = {name: self._sources[name].follow(point) for name, point in points.items()}
        try:
            while True:
                await self._pass(followers)
        finally:
            for follower in followers.values():
                follower.close()

    def _where_to_begin(
        self, transaction: JournalTransaction
    ) -> tuple[datetime | None, dict[str, Checkpoint | None]]:
        points = {name: transaction.checkpoint(name) for name in self._sources}
        return transaction.last_start(), points

    async def _pass(self, followers: Mapping[str, Follower]) -> None:
        waiting, self._waiting = self._waiting, []
        self._look.clear()
        try:
            began = self._clock.monotonic()
            read = {name: await follower.read() for name, follower in followers.items()}
            batches = {name: batch for name, batch in read.items() if batch is not None}
            if batches or self._restarted_at != self._closed_before:
                self._keep(
                    await self._patiently(partial(self._take_in, batches, self._restarted_at))
                )
            for name in read.keys() - batches.keys():
                self._level_at[name] = began
            self._report_lags()
        except BaseException:
            self._waiting = waiting + self._waiting
            raise
        if batches:
            # There may be more: whoever waits has to wait for the next look.
            self._waiting = waiting + self._waiting
            if any(len(batch.lines) >= MANY for batch in batches.values()):
                return
        else:
            for future in waiting:
                if not future.done():
                    future.set_result(None)
        if not self._waiting:
            await self._pause()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._look.wait(), self._poll)
        except TimeoutError:
            return

    def _understand(self, batches: Mapping[str, Batch]) -> _Understood:
        result = _Understood([], [], [], {})
        for name, batch in batches.items():
            parse = self._sources[name].parse
            generation = batch.reached.generation
            result.reached.append(batch.reached)
            for offset, line in batch.lines:
                text = _text(line)
                try:
                    row = parse(text)
                except ValueError as error:
                    reason = str(error)[:REASON_LENGTH]
                    result.rejected.append(RejectedLine(name, generation, offset, reason, text))
                    continue
                raw_line = _raw_line(name, generation, offset, row, text)
                result.lines.append(raw_line)
                result.rows[raw_line.place] = row
        return result

    def _take_in(
        self,
        batches: Mapping[str, Batch],
        restarted_at: datetime | None,
        transaction: JournalTransaction,
    ) -> _Taken:
        """Everything that happens to batches; runs in a thread, in one transaction."""
        new = self._understand(batches)
        starts = [row.at for row in new.rows.values() if row.event == "QUEUESTART"]
        restarted_at = max([*starts, *([restarted_at] if restarted_at else ())], default=None)
        transaction.save(new.lines, new.rejected, new.reached)
        touched = self._touched(transaction, new)
        if restarted_at is not None and restarted_at != self._closed_before:
            ended = set(transaction.open_contacts(restarted_at))
            touched |= dict.fromkeys(self._load(transaction, ended, ended, {}), True)
        derived = {
            call: self._derive(call, restarted_at)
            for call, now in touched.items()
            if now or call.over
        }
        stored: dict[str, Contact] = {}
        for call in derived:
            stored |= call.contacts
        current = {one.id: one for contacts in derived.values() for one in contacts}
        changed = [one for one in current.values() if stored.get(one.id) != one]
        transaction.replace(changed, stored)
        transaction.remove(stored.keys() - current.keys())
        transaction.promise(self._promised(touched, new))
        return _Taken(new, derived, restarted_at)

    def _touched(self, transaction: JournalTransaction, new: _Understood) -> dict[Call, bool]:
        """The calls to which the new rows belong, complete with their older rows; and whether
        anything happened that must show at once."""
        loaded = self._load(transaction, *self._calls.unknown(new.lines), new.rows)
        touched = dict.fromkeys(loaded, True)
        for line in new.lines:
            row = new.rows[line.place]
            call = self._calls.add(line, row)
            if call is not None:
                touched[call] = touched.get(call, False) or _tells(row)
        return {call: now for call, now in touched.items() if call in self._calls}

    def _load(
        self, transaction: JournalTransaction, linkedids: set[str], uniqueids: set[str], new: _Rows
    ) -> dict[Call, None]:
        """Bring calls into memory, and those that turn out to share channels with them."""
        loaded: dict[Call, None] = {}
        unknown: set[str] = set()
        recalled: set[str] = set()
        while linkedids or uniqueids:
            lines = transaction.of_linkedids(linkedids)
            lines += transaction.of_uniqueids(uniqueids)
            more = self._calls.unknown(lines)
            unknown |= more[1]
            # Only these can have contacts that memory does not have yet.
            recalled |= {
                line.uniqueid
                for line in lines
                if line.uniqueid in unknown and line.place not in new
            }
            linkedids, uniqueids = more[0] - linkedids, more[1] - uniqueids
            for line in lines:
                row = new.get(line.place) or self._sources[line.source].parse(line.line)
                call = self._calls.add(line, row)
                if call is not None:
                    loaded[call] = None
        present = {call: None for call in loaded if call in self._calls}
        for contact in transaction.contacts(sorted(recalled)) if recalled else ():
            for call in present:
                if contact.id in call.uniqueids:
                    call.contacts[contact.id] = contact
        return present

    def _promised(self, touched: Iterable[Call], new: _Understood) -> list[Promise]:
        """The promises of which the new rows tell."""
        told = {line.uniqueid for line in new.lines if line.event == CALLBACK}
        number = self._rules().number
        return [
            promise
            for call in touched
            if not told.isdisjoint(call.uniqueids)
            for promise in promises(call.cel, call.queue, number)
        ]

    def _derive(self, call: Call, restarted_at: datetime | None) -> tuple[Contact, ...]:
        try:
            return derive(call.cel, call.queue, self._rules(), restarted_at)
        except Exception as error:
            # One strange call must not stop the journal; its rows are stored, and deriving it
            # again after a correction repairs it. A whole traceback might show the number.
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error(
                "a call could not be derived",
                linkedid=min(call.linkedids, default=""),
                error=type(error).__name__,
                where=f"{where.filename}:{where.lineno}",
            )
            return tuple(call.contacts.values())

    async def _patiently(self, work: Callable[[JournalTransaction], T]) -> T:
        """Do something in a transaction, again and again until it succeeds."""
        for attempt in count():
            try:
                return await self._store.transact(work)
            except Exception as error:
                # What is in memory may be ahead of the database now: read it anew.
                self._calls.clear()
                # The cause alone: the text of the whole error would show callers' numbers.
                cause = str(getattr(error, "orig", "") or type(error).__name__)
                self.failed_writes += 1
                log.warning("the journal cannot use the database", cause=cause, attempt=attempt)
                self._report_lags()
                await asyncio.sleep(self._retry[min(attempt, len(self._retry) - 1)])
        raise AssertionError("count() has no end")

    def _keep(self, taken: _Taken) -> None:
        """What has been written becomes what is known to be in the database."""
        for call, contacts in taken.derived.items():
            call.contacts = {contact.id: contact for contact in contacts}
        self._closed_before = taken.restarted_at
        if taken.restarted_at is not None:
            self.asterisk_started(taken.restarted_at)
        self._calls.trim()
        rejected = taken.new.rejected
        self.rejected += len(rejected)
        if rejected:
            reasons = sorted({line.reason for line in rejected})
            log.warning("lines kept aside", lines=len(rejected), reasons=reasons)
        if self._metrics is not None:
            for name, lines in Counter(line.source for line in taken.new.lines).items():
                self._metrics.rows(name, lines)

    def _report_lags(self) -> None:
        if self._metrics is not None:
            for name, seconds in self.lags().items():
                self._metrics.lag(name, seconds)


def _tells(row: CelRow | QueueRow) -> bool:
    """Whether a row of a call that goes on changes what anybody counts.

    Deriving and writing a call anew for every row would double the journal's cost; what the other
    rows tell is written with the next one that does, at the latest with the call's end.
    """
    if isinstance(row, QueueRow):
        return True
    if row.event == "CHAN_START":
        return row.uniqueid == row.linkedid
    return row.event == CALLBACK or (row.event != "ANSWER" and not row.event.startswith("CCOPS_"))


def _text(line: bytes) -> str:
    """The line as text any database can keep; bytes that are no UTF-8 appear as ``\\xNN``."""
    return line.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _raw_line(
    source: str, generation: str, offset: int, row: CelRow | QueueRow, text: str
) -> RawLine:
    ids = (row.uniqueid, row.linkedid) if isinstance(row, CelRow) else (row.callid, "")
    return RawLine(source, generation, offset, *ids, row.event, row.at, text)
