"""Running the migrations from within ccops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the tables to ``revision``; does nothing when they are there already."""
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, command.upgrade, revision)


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the tables back to ``revision`` (``base``: no tables)."""
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, command.downgrade, revision)


def _migrate(
    connection: Connection, direction: Callable[[Config, str], None], revision: str
) -> None:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%")
    )
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    direction(config, revision)
