"""Opening the database, and sessions on it.

On SQLite readers never wait for the writer (WAL), readers cannot write by mistake, and there is
one writing connection: writers queue in this process instead of meeting SQLITE_BUSY. On PostgreSQL
both are the same pool.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from ccops.store.migrate import upgrade

BUSY_TIMEOUT = 5.0
"""Seconds to wait for a lock that another process holds."""


def sqlite_url(path: Path) -> str:
    """Address of a SQLite file."""
    return URL.create("sqlite+aiosqlite", database=str(path)).render_as_string(hide_password=False)


class Database:
    """The open database. ``read()`` and ``write()`` are the only ways in."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.engine = writer
        self._reader_engine = reader
        self._writers = async_sessionmaker(writer, expire_on_commit=False)
        self._readers = async_sessionmaker(reader, expire_on_commit=False)

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open ``url`` (a SQLAlchemy address) and bring its tables up to date."""
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            database = cls(_sqlite(address, write=True), _sqlite(address, write=False))
        else:
            engine = create_async_engine(address, pool_pre_ping=True)
            database = cls(engine, engine)
        try:
            await upgrade(database.engine)
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; sees one consistent state."""
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: committed at the end, rolled back on an exception."""
        async with self._writers() as session, session.begin():
            yield session

    async def close(self) -> None:
        await self._reader_engine.dispose()
        await self.engine.dispose()


def _sqlite(address: URL, *, write: bool) -> AsyncEngine:
    if write and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        address,
        pool_size=1 if write else 4,
        max_overflow=0,
        connect_args={"timeout": BUSY_TIMEOUT},
    )

    def connected(connection: Any, _record: Any) -> None:
        # The driver's own idea of when to begin is switched off; `begun` decides.
        connection.isolation_level = None
        cursor = connection.cursor()
        if write:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA foreign_keys=ON")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begun(connection: Connection) -> None:
        # IMMEDIATE: a transaction that reads first and writes later cannot fail half-way on a lock.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begun)
    return engine
