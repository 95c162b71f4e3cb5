"""Reading again and again what another process may have written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def read_for_ever(what: str, load: Callable[[], Awaitable[None]], every: float) -> None:
    """Call ``load`` each ``every`` seconds. While it fails, what was read last stays in force; that
    is told once, and once that it is over."""
    failing = False
    while True:
        try:
            await load()
        except Exception as error:
            if not failing:
                log.error(f"{what} cannot be read", reason=type(error).__name__)
            failing = True
        else:
            if failing:
                log.info(f"{what} can be read again")
            failing = False
        await asyncio.sleep(every)
