"""Disturbances: those that hold, and every one there ever was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.situation import Disturbance
from ccops.store.models import DisturbanceRow


async def disturbances(
    session: AsyncSession, *, ended: bool, limit: int | None = None
) -> list[Disturbance]:
    """Those that hold, or those that have ended; the latest first."""
    moment = DisturbanceRow.ended_at if ended else DisturbanceRow.started_at
    rows = await session.scalars(
        select(DisturbanceRow)
        .where(DisturbanceRow.ended_at.is_not(None) if ended else DisturbanceRow.ended_at.is_(None))
        .order_by(moment.desc(), DisturbanceRow.id.desc())
        .limit(limit)
    )
    return [_disturbance(row) for row in rows]


async def start_disturbance(session: AsyncSession, begun: Disturbance) -> Disturbance:
    """Put ``begun`` in the place of what holds for the same line; its ``id`` is given here."""
    await session.execute(
        update(DisturbanceRow)
        .where(DisturbanceRow.line == begun.line, DisturbanceRow.ended_at.is_(None))
        .values(ended_at=begun.started_at, ended_by=begun.started_by)
    )
    row = await session.scalar(
        insert(DisturbanceRow).returning(DisturbanceRow),
        {
            "line": begun.line,
            "reason": begun.reason,
            "texts": dict(begun.texts),
            "stops_calls": begun.stops_calls,
            "resumes_at": begun.resumes_at,
            "started_at": begun.started_at,
            "started_by": begun.started_by,
            "ended_by": "",
        },
    )
    assert row is not None
    return _disturbance(row)


async def end_disturbance(
    session: AsyncSession, id_: int, at: datetime, by: str
) -> Disturbance | None:
    """End it; one that has ended already stays as it is. None where there is no such one."""
    await session.execute(
        update(DisturbanceRow)
        .where(DisturbanceRow.id == id_, DisturbanceRow.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
    )
    row = await session.get(DisturbanceRow, id_)
    return None if row is None else _disturbance(row)


def _disturbance(row: DisturbanceRow) -> Disturbance:
    return Disturbance(
        id=row.id,
        line=row.line,
        reason=row.reason,
        texts=row.texts,
        stops_calls=row.stops_calls,
        resumes_at=row.resumes_at,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
