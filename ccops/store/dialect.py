"""The one place that knows how each database says INSERT … ON CONFLICT.

Statements are built once: building one costs more than running it on SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from ccops.store.models import Base

Rows = Sequence[Mapping[str, Any]]


def upsert(connection: Connection, model: type[Base], rows: Rows) -> None:
    """Insert ``rows``; where the primary key exists already, put the new values in its place."""
    if rows:
        statement = _upsert(connection.dialect.name, model, tuple(rows[0]))
        connection.execute(statement, rows)


def insert_new(connection: Connection, model: type[Base], rows: Rows) -> None:
    """Insert ``rows``; those that would break a unique key are there already and are left out."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, model), rows)


def insert_all(connection: Connection, model: type[Base], rows: Rows) -> None:
    """Insert ``rows``, none of which may be there already."""
    if rows:
        connection.execute(_table(model).insert(), rows)


@cache
def _upsert(
    dialect: str, model: type[Base], columns: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    table = _table(model)
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in columns if name not in keys},
    )


@cache
def _insert_new(dialect: str, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    return _insert(dialect, _table(model)).on_conflict_do_nothing()


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
