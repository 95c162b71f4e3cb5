"""The store that ``services.journal`` asks for: everything of one batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from ccops.domain.raw import Checkpoint, RawLine, RejectedLine
from ccops.domain.records import Contact, Promise
from ccops.store import contacts, promises, raw
from ccops.store.session import Database

T = TypeVar("T")


class SqlJournalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def transact(self, work: Callable[[SqlJournalTransaction], T]) -> T:
        return await self._database.transact(
            lambda connection: work(SqlJournalTransaction(connection))
        )


class SqlJournalTransaction:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def checkpoint(self, source: str) -> Checkpoint | None:
        return raw.checkpoint(self._connection, source)

    def last_start(self) -> datetime | None:
        return raw.last_start(self._connection)

    def save(
        self,
        lines: Sequence[RawLine],
        rejected: Sequence[RejectedLine],
        reached: Iterable[Checkpoint],
    ) -> None:
        raw.save(self._connection, lines, rejected, reached)

    def of_linkedids(self, linkedids: Iterable[str]) -> list[RawLine]:
        return raw.of_linkedids(self._connection, linkedids)

    def of_uniqueids(self, uniqueids: Iterable[str]) -> list[RawLine]:
        return raw.of_uniqueids(self._connection, uniqueids)

    def contacts(self, ids: Sequence[str]) -> list[Contact]:
        return contacts.load(self._connection, ids)

    def open_contacts(self, started_before: datetime) -> list[str]:
        return contacts.open_ids(self._connection, started_before)

    def replace(self, new: Sequence[Contact], stored: Mapping[str, Contact]) -> None:
        contacts.replace(self._connection, new, stored)

    def remove(self, ids: Iterable[str]) -> None:
        contacts.remove(self._connection, ids)

    def promise(self, made: Sequence[Promise]) -> None:
        promises.save(self._connection, made)
