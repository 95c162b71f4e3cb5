"""Numbers to call back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.records import Promise
from ccops.store.dialect import insert_new
from ccops.store.models import PromiseRow


def save(connection: Connection, made: Iterable[Promise]) -> None:
    """Keep promises; one whose source is known already changes nothing."""
    insert_new(connection, PromiseRow, [asdict(promise) for promise in made])


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
