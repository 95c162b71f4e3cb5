"""The migrations build exactly what the models say, and take it away again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ccops.store.migrate import downgrade, upgrade
from ccops.store.models import Base
from ccops.store.session import Database, UnreadableError, sqlite_url


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'db.sqlite'}")
    yield engine
    await engine.dispose()


async def differences(engine: AsyncEngine) -> list[object]:
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), Base.metadata)
        )


async def test_an_empty_database_upgraded_is_what_the_models_say(engine: AsyncEngine) -> None:
    assert await differences(engine) != []
    await upgrade(engine)
    assert await differences(engine) == []


async def test_upgrading_twice_changes_nothing(engine: AsyncEngine) -> None:
    await upgrade(engine)
    await upgrade(engine)
    assert await differences(engine) == []


async def test_down_to_base_leaves_no_table_and_up_again_works(engine: AsyncEngine) -> None:
    await upgrade(engine)
    await downgrade(engine, "base")
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert tables == ["alembic_version"]
    await upgrade(engine)
    assert await differences(engine) == []


async def test_promises_come_along_up_and_down(engine: AsyncEngine) -> None:
    await upgrade(engine, "0001")
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO promises (spool_id, number, line, at)"
                " VALUES ('7.json', '+998905550101', '1176', '2026-03-01 09:00:00.000000')"
            )
        )
    await upgrade(engine)
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM promises"))).mappings().one()
    assert (row["source"], row["kind"], row["arrived_at"]) == ("7.json", "fallback", row["at"])
    await downgrade(engine, "0001")
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM promises"))).mappings().one()
    assert (row["spool_id"], row["number"]) == ("7.json", "+998905550101")


async def test_a_lock_of_another_process_does_not_keep_the_database_from_being_opened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "db.sqlite"
    await (await Database.open(sqlite_url(path))).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await (await Database.open(sqlite_url(path))).close()


async def test_what_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(UnreadableError, match="cannot be used: file is not a database"):
        await Database.open(sqlite_url(path))
