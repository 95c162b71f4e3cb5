"""Remembers how callers want to be spoken to (T1, T12), for ``remember_language`` days.

A call never waits for the database: what is noted is kept here until it has been written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.situation import Memory

log = structlog.get_logger(__name__)

CLEAN_EVERY = 86400.0
RETRY = 10.0
LONGEST = 36_500
"""Days; a longer time would reach before the calendar."""
MOST_WAITING = 10_000
"""Numbers kept while the database is away: ten days of calls."""


class CallerStore(Protocol):
    """Where callers are remembered."""

    async def find(self, number: str, since: datetime) -> Memory | None:
        """None also for who has not called since."""
        ...

    async def save(self, callers: Mapping[str, tuple[Memory, datetime]]) -> None:
        """By number: what to remember, and since when."""
        ...

    async def forget(self, before: datetime) -> int:
        """Remove who has not called since; returns how many."""
        ...


class CallerMemory:
    """Language and pace of each number that called."""

    def __init__(
        self,
        store: CallerStore,
        clock: Clock,
        hotline: Callable[[], Hotline],
        *,
        clean_every: float = CLEAN_EVERY,
        retry: float = RETRY,
    ) -> None:
        """``clean_every``, ``retry``: seconds between deletions, and after the store failed."""
        self._store = store
        self._clock = clock
        self._hotline = hotline
        self._clean_every = clean_every
        self._retry = retry
        self._waiting: dict[str, tuple[Memory, datetime]] = {}
        self._noted = asyncio.Event()

    async def recall(self, number: str) -> Memory | None:
        """What is remembered of ``number`` (E.164). Raises what the store raises."""
        if not self._hotline().remember_language:
            return None
        if number in self._waiting:
            return self._waiting[number][0]
        return await self._store.find(number, self._horizon())

    def note(self, number: str, memory: Memory) -> None:
        """Remember from now on; written soon."""
        if not self._hotline().remember_language:
            return
        self._waiting.pop(number, None)
        self._waiting[number] = memory, self._clock.now()
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._noted.set()

    async def run(self) -> None:
        """Write what was noted, and forget daily who has not called for long; until cancelled."""
        while True:
            try:
                await self._keep_up()
            except Exception as error:
                log.warning("callers cannot be remembered now", reason=type(error).__name__)
                await asyncio.sleep(self._retry)

    async def _keep_up(self) -> None:
        await self._write()
        forgotten = await self._store.forget(self._horizon())
        log.info("callers forgotten", callers=forgotten, days=self._hotline().remember_language)
        cleaned = self._clock.monotonic()
        while (left := cleaned + self._clean_every - self._clock.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._noted.wait()
            except TimeoutError:
                return
            await self._write()

    async def _write(self) -> None:
        """What is noted meanwhile, or could not be written, waits for the next time."""
        self._noted.clear()
        written = dict(self._waiting)
        if not written:
            return
        await self._store.save(written)
        for number, seen in written.items():
            if self._waiting.get(number) is seen:
                del self._waiting[number]

    def _horizon(self) -> datetime:
        return self._clock.now() - timedelta(days=min(self._hotline().remember_language, LONGEST))
