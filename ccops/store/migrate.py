"""Running the migrations from within ccops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the tables to ``revision``; does nothing when they are there already."""
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, command.upgrade, revision)


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the tables are the newest. Only reads: a lock of another process does not matter."""
    async with engine.connect() as connection:
        present = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    return present == ScriptDirectory.from_config(_config()).get_current_head()


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the tables back to ``revision`` (``base``: no tables)."""
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, command.downgrade, revision)


def _migrate(
    connection: Connection, direction: Callable[[Config, str], None], revision: str
) -> None:
    config = _config()
    config.attributes["connection"] = connection
    direction(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    return config
