"""The store that ``services.journal`` asks for: everything of one batch in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.raw import Checkpoint, RawLine, RejectedLine
from ccops.domain.records import Contact
from ccops.store import contacts, raw
from ccops.store.session import Database


class SqlJournalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def checkpoint(self, source: str) -> Checkpoint | None:
        async with self._database.read() as session:
            return await raw.checkpoint(session, source)

    async def last_start(self) -> datetime | None:
        async with self._database.read() as session:
            return await raw.last_start(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlJournalTransaction]:
        async with self._database.write() as session:
            yield SqlJournalTransaction(session)


class SqlJournalTransaction:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(
        self,
        lines: Sequence[RawLine],
        rejected: Sequence[RejectedLine],
        reached: Iterable[Checkpoint],
    ) -> None:
        await raw.save(self._session, lines, rejected, reached)

    async def of_linkedids(self, linkedids: Iterable[str]) -> list[RawLine]:
        return await raw.of_linkedids(self._session, linkedids)

    async def of_uniqueids(self, uniqueids: Iterable[str]) -> list[RawLine]:
        return await raw.of_uniqueids(self._session, uniqueids)

    async def contacts(self, ids: Sequence[str]) -> list[Contact]:
        return await contacts.load(self._session, ids)

    async def open_contacts(self, started_before: datetime) -> list[str]:
        return await contacts.open_ids(self._session, started_before)

    async def replace(self, new: Sequence[Contact], stored: Mapping[str, Contact]) -> None:
        await contacts.replace(self._session, new, stored)

    async def remove(self, ids: Iterable[str]) -> None:
        await contacts.remove(self._session, ids)
