"""One picture per second for all viewers.

The picture is put together once, however many pages are open, and not at all while nobody looks.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog

from ccops.domain.figures import DayFigures
from ccops.web.ports import WebPorts
from ccops.web.setting import revision
from ccops.web.views import live_view

log = structlog.get_logger(__name__)

AT_MOST_EVERY = 1.0
"""Seconds between two pictures, however much happens."""
AT_LEAST_EVERY = 2.0
"""Seconds after which a picture is sent although nothing happened: some things change with time
alone, and the page knows by it that it is still connected."""
FIGURES_EVERY = 3.0
"""Seconds between two readings of today's figures from the database."""


class Feed:
    """Makes the picture while there are viewers and hands each new one to all of them."""

    def __init__(
        self,
        ports: WebPorts,
        *,
        at_most_every: float = AT_MOST_EVERY,
        at_least_every: float = AT_LEAST_EVERY,
    ) -> None:
        self._ports = ports
        self._at_most_every = at_most_every
        self._at_least_every = at_least_every
        self._viewers: set[asyncio.Queue[str | None]] = set()
        self._wanted = asyncio.Event()
        self._changed = asyncio.Event()
        self._figures: DayFigures | None = None
        self._figures_read = float("-inf")

    async def run(self) -> None:
        """Make pictures for ever, while there is somebody to look at them."""
        while True:
            await self._wanted.wait()
            self._changed.clear()
            picture = await self.picture()
            for viewer in self._viewers:
                _replace(viewer, picture)
            await asyncio.sleep(self._at_most_every)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._at_least_every - self._at_most_every):
                    await self._changed.wait()

    async def watch(self) -> None:
        """Notice for ever that the live picture has changed."""
        async for _ in self._ports.live.changes():
            self._changed.set()

    async def picture(self) -> str:
        """The picture of now, as the page gets it."""
        hotline = self._ports.hotline()
        view = live_view(
            self._ports.live.snapshot(),
            await self._ports.health.check(),
            await self.today(),
            hotline,
            self._ports.service.disturbances.all(),
        )
        view["revision"] = revision(hotline)
        return json.dumps(view, ensure_ascii=False, separators=(",", ":"))

    async def follow(self) -> AsyncIterator[str]:
        """Pictures as they come, the first at once; ends when the application shuts down.

        A slow viewer misses pictures rather than getting them late.
        """
        viewer: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1)
        viewer.put_nowait(await self.picture())
        self._viewers.add(viewer)
        self._wanted.set()
        try:
            while (picture := await viewer.get()) is not None:
                yield picture
        finally:
            self._viewers.discard(viewer)
            if not self._viewers:
                self._wanted.clear()

    async def today(self) -> DayFigures | None:
        """Figures of today, at most three seconds old; None while they cannot be read."""
        now = self._ports.clock.monotonic()
        if now - self._figures_read >= FIGURES_EVERY:
            self._figures_read = now
            try:
                self._figures = await self._ports.figures()
            except Exception:
                # The page goes on without figures; the health of the database says why.
                log.exception("figures of today cannot be read")
                self._figures = None
        return self._figures

    def close(self) -> None:
        """End all streams."""
        for viewer in self._viewers:
            _replace(viewer, None)


def _replace(viewer: asyncio.Queue[str | None], picture: str | None) -> None:
    if viewer.full():
        viewer.get_nowait()
    viewer.put_nowait(picture)
