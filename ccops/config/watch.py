"""Notice changes of ``hotline.yaml`` while running: a bad file never replaces a good one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from ccops.config.faults import ConfigFaults, Fault
from ccops.config.loader import load
from ccops.config.model import Hotline

log = structlog.get_logger(__name__)

Stamp = tuple[int, int, int] | None
"""Inode, time of change and size; None while there is no file."""


class ConfigWatch:
    """Polls the file, and hands over what became of it.

    A change is taken once the file has stayed the same from one poll to the next, so neither a
    half-written file nor the gap while an editor replaces it is taken for the new state.
    ``on_good`` gets each hotline that differs from the one in force, and any after a bad one;
    ``on_bad`` gets the faults, and what was in force stays so.
    """

    def __init__(
        self,
        path: Path,
        in_force: Hotline,
        on_good: Callable[[Hotline], Awaitable[None]],
        on_bad: Callable[[Sequence[Fault]], Awaitable[None]],
        *,
        interval: float = 1.0,
    ) -> None:
        """``in_force`` is what the application has loaded; ``interval`` is in seconds."""
        self._path = path
        self._in_force = in_force
        self._on_good = on_good
        self._on_bad = on_bad
        self._interval = interval
        self._seen: Stamp = None
        self._taken: object = object()  # equals no stamp: the first stable file is looked at
        self._bad = False

    async def run(self) -> None:
        """Poll for ever; end it by cancelling."""
        while True:
            await self.poll()
            await asyncio.sleep(self._interval)

    async def poll(self) -> None:
        """Look once."""
        stamp = await asyncio.to_thread(_stamp, self._path)
        stable, self._seen = stamp == self._seen, stamp
        if not stable or stamp == self._taken:
            return
        self._taken = stamp
        try:
            hotline = await asyncio.to_thread(load, self._path)
        except ConfigFaults as error:
            self._bad = True
            log.warning("hotline.yaml has faults, the old one stays", faults=len(error.faults))
            await self._on_bad(error.faults)
            return
        if hotline != self._in_force or self._bad:
            self._bad = True  # until on_good has succeeded, whatever comes next is to be taken
            await self._on_good(hotline)
            log.info("hotline.yaml was taken over")
        self._in_force, self._bad = hotline, False


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
