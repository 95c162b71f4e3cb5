"""The one place that knows how each database says INSERT … ON CONFLICT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.store.models import Base


async def upsert(
    session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert ``rows``; where the primary key exists already, put the new values in its place."""
    if not rows:
        return
    table = _table(model)
    keys = [column.name for column in table.primary_key]
    statement = _insert(session, table)
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in rows[0] if name not in keys},
    )
    await (await session.connection()).execute(statement, rows)


async def insert_new(
    session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert ``rows``; those that would break a unique key are there already and are left out."""
    if rows:
        statement = _insert(session, _table(model)).on_conflict_do_nothing()
        await (await session.connection()).execute(statement, rows)


def _insert(session: AsyncSession, table: Table) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
