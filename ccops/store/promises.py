"""Numbers to call back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.records import Promise
from ccops.store.dialect import insert_new
from ccops.store.models import PromiseRow


async def save_promises(session: AsyncSession, promises: Iterable[Promise]) -> None:
    """Keep promises; one whose source is known already changes nothing."""
    rows = [asdict(promise) for promise in promises]
    if rows:
        connection = await session.connection()
        await connection.run_sync(insert_new, PromiseRow, rows)


async def promises(session: AsyncSession) -> list[Promise]:
    """All promises, oldest first."""
    rows = await session.scalars(select(PromiseRow).order_by(PromiseRow.at, PromiseRow.id))
    return [
        Promise(
            source=row.source,
            kind=row.kind,
            call=row.call,
            number=row.number,
            line=row.line,
            queue=row.queue,
            language=row.language,
            arrived_at=row.arrived_at,
            at=row.at,
        )
        for row in rows
    ]
