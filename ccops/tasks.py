"""Background tasks with a name, an owner and an end.

asyncio forgets a bare ``create_task``: its exception is lost and nobody cancels it. Every task of
ccops is started through a :class:`TaskRunner`, which restarts what must not stop, reports what
failed, and stops everything within a deadline, naming what still runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

RESTART_DELAY = 1.0


class TaskRunner:
    """Owns the background tasks of one part of the system."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def start(
        self, name: str, work: Callable[[], Awaitable[None]], *, restart: bool = True
    ) -> asyncio.Task[None]:
        """Run ``work`` as a named task.

        With ``restart`` a failure is logged and the work begins anew after a second; without, a
        failure is logged and the task ends.
        """
        task = asyncio.create_task(self._guard(name, work, restart), name=f"{self.owner}/{name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self, deadline: float = 5.0) -> list[str]:
        """Cancel all tasks; returns the names of those still running after ``deadline`` seconds."""
        self._closing = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if not tasks:
            return []
        _done, pending = await asyncio.wait(tasks, timeout=deadline)
        names = sorted(task.get_name() for task in pending)
        if names:
            log.warning("tasks still running after the deadline", owner=self.owner, tasks=names)
        return names

    async def _guard(self, name: str, work: Callable[[], Awaitable[None]], restart: bool) -> None:
        while not self._closing:
            try:
                await work()
                return
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("background task failed", owner=self.owner, task=name)
                if not restart:
                    return
            await asyncio.sleep(RESTART_DELAY)
