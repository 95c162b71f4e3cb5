"""Today's figures, read at most once a second however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.figures import DayFigures

FRESH = 1.0
"""Seconds for which an answer is given again."""


class FiguresSource(Protocol):
    """The records."""

    async def day(
        self, since: datetime, until: datetime, service_levels: Mapping[str, int]
    ) -> DayFigures: ...

    async def answered_by_operator(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Calls answered, by operator id."""
        ...


class Today:
    """The hotline's current day, in its own time zone."""

    def __init__(self, source: FiguresSource, clock: Clock, hotline: Callable[[], Hotline]) -> None:
        self._source = source
        self._clock = clock
        self._hotline = hotline
        self._turn = asyncio.Lock()
        self._read_at = float("-inf")
        self._figures: DayFigures | None = None
        self._calls: Mapping[str, int] = {}

    async def figures(self) -> DayFigures:
        """Figures not older than a second. Raises what the database raises."""
        async with self._turn:
            if self._figures is None or self._clock.monotonic() - self._read_at >= FRESH:
                since, until = day_of(self._clock.now(), self._hotline().time_zone)
                levels = {
                    name: queue.service_level for name, queue in self._hotline().queues.items()
                }
                self._figures = await self._source.day(since, until, levels)
                self._calls = await self._source.answered_by_operator(since, until)
                self._read_at = self._clock.monotonic()
            return self._figures

    def calls_by_operator(self) -> Mapping[str, int]:
        """As of the last time that figures were asked for."""
        return self._calls


def day_of(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """Midnight before and after ``moment`` in ``zone``, in UTC; 23, 24 or 25 hours apart."""
    local = moment.astimezone(ZoneInfo(zone))
    since = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    until = since + timedelta(days=1)  # by the clock on the wall
    return since.astimezone(UTC), until.astimezone(UTC)
