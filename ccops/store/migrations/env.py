"""Alembic's entry: runs inside the connection that ``ccops.store.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from ccops.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most of a table: alembic then copies it.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
