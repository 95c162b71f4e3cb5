"""Operators' wishes, and the trail of their changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.wishes import OperatorWish
from ccops.store.dialect import upsert
from ccops.store.models import OperatorEventRow, OperatorWishRow


async def wishes(session: AsyncSession) -> dict[str, OperatorWish]:
    """The last wish of every operator who ever said one, by operator id."""
    rows = await session.scalars(select(OperatorWishRow).order_by(OperatorWishRow.operator))
    return {
        row.operator: OperatorWish(
            row.operator, row.logged_in, row.paused, row.reason, row.since, row.changed_by
        )
        for row in rows
    }


async def save_wish(session: AsyncSession, wish: OperatorWish) -> None:
    """Put ``wish`` in the place of the operator's last one and add it to the trail."""
    values = {
        "operator": wish.operator,
        "logged_in": wish.logged_in,
        "paused": wish.paused,
        "reason": wish.reason,
        "changed_by": wish.changed_by,
    }
    connection = await session.connection()
    await connection.run_sync(upsert, OperatorWishRow, [{**values, "since": wish.since}])
    await connection.execute(insert(OperatorEventRow), [{**values, "at": wish.since}])


async def wish_trail(session: AsyncSession, operator: str, since: datetime) -> list[OperatorWish]:
    """Every wish that ``operator`` said at ``since`` or later, oldest first."""
    rows = await session.scalars(
        select(OperatorEventRow)
        .where(OperatorEventRow.operator == operator, OperatorEventRow.at >= since)
        .order_by(OperatorEventRow.at, OperatorEventRow.id)
    )
    return [
        OperatorWish(row.operator, row.logged_in, row.paused, row.reason, row.at, row.changed_by)
        for row in rows
    ]
