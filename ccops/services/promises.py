"""Takes in the promises that the fallback script wrote while ccops was away (decision 3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ccops.domain.records import Promise, PromiseKind

log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0
ASIDE = ".rejected"


class PromiseSpool:
    """Watches the spool; a file is removed once its promise is safely stored."""

    def __init__(self, folder: Path, save: Callable[[Promise], Awaitable[None]]) -> None:
        self._folder = folder
        self._save = save

    async def run(self) -> None:
        while True:
            await self.take_in()
            await asyncio.sleep(LOOK_EVERY)

    async def take_in(self) -> int:
        """Store what lies there; returns how many. A file that makes no sense is kept aside."""
        taken = 0
        for file in await asyncio.to_thread(self._files):
            try:
                promise = await asyncio.to_thread(_read, file)
            except (ValueError, KeyError, TypeError, ArithmeticError, OSError) as error:
                reason = type(error).__name__
                log.error("a promise cannot be read; it is kept", file=file.name, reason=reason)
                await asyncio.to_thread(file.replace, file.with_suffix(ASIDE))
                continue
            await self._save(promise)
            await asyncio.to_thread(file.unlink)
            taken += 1
        if taken:
            log.info("took in promises made while ccops was away", promises=taken)
        return taken

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))


def _read(file: Path) -> Promise:
    content = json.loads(file.read_text(encoding="utf-8"))
    at = datetime.fromtimestamp(float(content["at"]), UTC)
    return Promise(
        source=file.stem,
        kind=PromiseKind.FALLBACK,
        call=str(content["call"]),
        number=str(content["number"]),
        line=str(content["line"]),
        queue="",
        language=str(content["language"]),
        arrived_at=at,
        at=at,
    )
