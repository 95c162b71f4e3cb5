"""How callers want to be spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.config.types import Lang
from ccops.domain.situation import Memory
from ccops.store.dialect import upsert
from ccops.store.models import CallerRow


async def find_caller(session: AsyncSession, number: str, since: datetime) -> Memory | None:
    """What is remembered of ``number`` where it called at ``since`` or later."""
    row = await session.scalar(
        select(CallerRow).where(CallerRow.number == number, CallerRow.seen_at >= since)
    )
    return None if row is None else Memory(cast("Lang", row.language), row.slow)


async def save_callers(
    session: AsyncSession, callers: Mapping[str, tuple[Memory, datetime]]
) -> None:
    """Put these in the place of what was remembered of the numbers."""
    rows = [
        {"number": number, "language": memory.language, "slow": memory.slow, "seen_at": seen_at}
        for number, (memory, seen_at) in callers.items()
    ]
    connection = await session.connection()
    await connection.run_sync(upsert, CallerRow, rows)


async def forget_callers(session: AsyncSession, before: datetime) -> int:
    """Remove all who have not called since ``before``; returns how many."""
    result = await session.execute(delete(CallerRow).where(CallerRow.seen_at < before))
    return cast("CursorResult[tuple[()]]", result).rowcount
