"""Notice changes of ``hotline.yaml`` while running: a bad file never replaces a good one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from ccops.config.faults import ConfigFaults, Fault
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.errors import CcopsError

log = structlog.get_logger(__name__)

Stamp = tuple[int, int, int] | None
"""Inode, time of change and size; None while there is no file."""


class ConfigWatch:
    """Polls the file, and hands over what became of it.

    A change is taken once the file has stayed the same from one poll to the next, so neither a
    half-written file nor the gap while an editor replaces it is taken for the new state.
    ``on_good`` gets each hotline that differs from the one in force, and any after a bad one;
    while it fails, it gets the same one again. ``on_bad`` gets the faults; what was in force stays.
    """

    def __init__(
        self,
        path: Path,
        in_force: Hotline | None,
        on_good: Callable[[Hotline], Awaitable[None]],
        on_bad: Callable[[Sequence[Fault]], Awaitable[None]],
        *,
        interval: float = 1.0,
        again: float = 5.0,
    ) -> None:
        """``in_force``: what has taken effect already; None has the first good file taken over.

        ``interval``: seconds between two looks; ``again``: before ``on_good`` is tried once more.
        """
        self._path = path
        self._in_force = in_force
        self._on_good = on_good
        self._on_bad = on_bad
        self._interval = interval
        self._again = again
        self._seen: Stamp = None
        self._taken: object = object()  # equals no stamp: the first stable file is looked at
        self._doubt = False
        """Whether what is in force may not be what was good last."""

    async def run(self) -> None:
        """Poll for ever; end it by cancelling."""
        while True:
            done = await self.poll()
            await asyncio.sleep(self._interval if done else self._again)

    async def poll(self) -> bool:
        """Look once. False: a good file is there, and has not taken effect yet."""
        stamp = await asyncio.to_thread(_stamp, self._path)
        stable, self._seen = stamp == self._seen, stamp
        if not stable or stamp == self._taken:
            return True
        try:
            hotline = await asyncio.to_thread(load, self._path)
        except ConfigFaults as error:
            self._taken, self._doubt = stamp, True
            log.warning("hotline.yaml has faults, the old one stays", faults=len(error.faults))
            await self._on_bad(error.faults)
            return True
        if hotline != self._in_force or self._doubt:
            self._doubt = True  # whatever comes next is to be taken, until on_good has succeeded
            try:
                await self._on_good(hotline)
            except CcopsError as error:
                log.warning("hotline.yaml has not taken effect yet", reason=str(error))
                return False
            except Exception:
                log.exception("hotline.yaml has not taken effect yet")
                return False
            log.info("hotline.yaml was taken over")
        self._taken, self._in_force, self._doubt = stamp, hotline, False
        return True


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
