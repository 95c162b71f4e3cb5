"""Opening the database, and sessions on it.

On SQLite readers never wait for the writer (WAL), readers cannot write by mistake, and there is one
writer at a time: writers queue in this process instead of meeting SQLITE_BUSY. On PostgreSQL all
share one pool. Errors do not show the values that were to be written: there are callers' numbers
among them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from ccops.errors import CcopsError
from ccops.store.migrate import is_current, upgrade

T = TypeVar("T")

BUSY_TIMEOUT = 5.0
"""Seconds to wait for a lock that another process holds."""


def sqlite_url(path: Path) -> str:
    """Address of a SQLite file."""
    return URL.create("sqlite+aiosqlite", database=str(path)).render_as_string(hide_password=False)


class UnreadableError(CcopsError):
    """The database cannot be read."""

    code = "database_unreadable"


class Database:
    """The open database: ``read()`` and ``write()`` for the odd query, ``transact()`` for work in
    bulk."""

    def __init__(
        self, writer: AsyncEngine, reader: AsyncEngine, bulk: Engine | None = None
    ) -> None:
        self.engine = writer
        self._bulk = bulk
        self._writing = asyncio.Lock()
        self._reader_engine = reader
        self._writers = async_sessionmaker(writer, expire_on_commit=False)
        self._readers = async_sessionmaker(reader, expire_on_commit=False)

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open ``url`` (a SQLAlchemy address) and bring its tables up to date.

        Raises UnreadableError where that is no database, or one that cannot be reached.
        """
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            if address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            database = cls(
                _async_sqlite(address, write=True),
                _async_sqlite(address, write=False),
                _bulk_sqlite(address),
            )
        else:
            engine = create_async_engine(address, pool_pre_ping=True, hide_parameters=True)
            database = cls(engine, engine)
        try:
            if not await is_current(database._reader_engine):
                await upgrade(database.engine)
        except DatabaseError as error:
            await database.close()
            raise UnreadableError(
                f"The database cannot be used: {error.orig}.",
                remedy="If it is damaged, put it aside and bring back a copy; if another process"
                " holds it, wait for that one to end.",
            ) from error
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    def to_read(cls, url: str) -> Database:
        """``url`` as it is, for ``read()`` alone: nothing is made, brought up to date or written.

        For a process beside the running ccops, or without it. Raises UnreadableError where there
        is no such file.
        """
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            if not address.database or not Path(address.database).is_file():
                raise UnreadableError(
                    "There are no records yet.",
                    remedy="They begin when the hotline is started for the first time: ccops run.",
                )
            engine = _async_sqlite(address, write=False)
        else:
            engine = create_async_engine(
                address,
                pool_pre_ping=True,
                hide_parameters=True,
                execution_options={"postgresql_readonly": True},
            )
        return cls(engine, engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; sees one consistent state."""
        async with self._readers() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: committed at the end, rolled back on an exception."""
        async with self._turn(), self._writers() as session, session.begin():
            yield session

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction, away from the event loop.

        Every statement of an asynchronous session costs several trips to the driver's thread on
        SQLite; a batch of sixteen costs one this way. Where the driver is asynchronous itself
        (PostgreSQL), ``work`` runs on it.
        """
        if self._bulk is None:
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)
        async with self._turn():
            loop = asyncio.get_running_loop()
            job = loop.run_in_executor(None, _transact, self._bulk, work)
            try:
                return await asyncio.shield(job)
            except asyncio.CancelledError:
                # A thread cannot be stopped; the writer's turn ends with it.
                await asyncio.wait([job])
                raise

    async def close(self) -> None:
        await self._reader_engine.dispose()
        await self.engine.dispose()
        if self._bulk is not None:
            self._bulk.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._bulk is None:
            yield
        else:
            async with self._writing:
                yield


def _transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _async_sqlite(address: URL, *, write: bool) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_size=1 if write else 4,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT},
    )
    _prepare(engine.sync_engine, write=write)
    return engine


def _bulk_sqlite(address: URL) -> Engine:
    engine = create_engine(
        address.set(drivername="sqlite"),
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        # One thread at a time, but not always the same one.
        connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
    )
    _prepare(engine, write=True)
    return engine


def _prepare(engine: Engine, *, write: bool) -> None:
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

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
