"""Blocked numbers, and every block there ever was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, insert, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.situation import Block
from ccops.store.models import BlockRow


async def blocks(
    session: AsyncSession, at: datetime, *, past: bool, limit: int | None = None
) -> list[Block]:
    """Those that hold at ``at``, or those that no longer do; the latest first."""
    holds = and_(BlockRow.lifted_at.is_(None), or_(BlockRow.until.is_(None), BlockRow.until > at))
    rows = await session.scalars(
        select(BlockRow)
        .where(not_(holds) if past else holds)
        .order_by(BlockRow.blocked_at.desc(), BlockRow.id.desc())
        .limit(limit)
    )
    return [_block(row) for row in rows]


async def add_block(session: AsyncSession, block: Block) -> Block:
    """Put ``block`` in the place of what holds for the same number; its ``id`` is given here."""
    await session.execute(
        update(BlockRow)
        .where(
            BlockRow.number == block.number,
            BlockRow.lifted_at.is_(None),
            or_(BlockRow.until.is_(None), BlockRow.until > block.blocked_at),
        )
        .values(lifted_at=block.blocked_at, lifted_by=block.blocked_by)
    )
    row = await session.scalar(
        insert(BlockRow).returning(BlockRow),
        {
            "number": block.number,
            "reason": block.reason,
            "blocked_at": block.blocked_at,
            "blocked_by": block.blocked_by,
            "until": block.until,
            "lifted_by": "",
        },
    )
    assert row is not None
    return _block(row)


async def lift_block(session: AsyncSession, id_: int, at: datetime, by: str) -> Block | None:
    """Lift it; one that no longer holds stays as it is. None where there is no such one."""
    await session.execute(
        update(BlockRow)
        .where(
            BlockRow.id == id_,
            BlockRow.lifted_at.is_(None),
            or_(BlockRow.until.is_(None), BlockRow.until > at),
        )
        .values(lifted_at=at, lifted_by=by)
    )
    row = await session.get(BlockRow, id_)
    return None if row is None else _block(row)


def _block(row: BlockRow) -> Block:
    return Block(
        id=row.id,
        number=row.number,
        reason=row.reason,
        blocked_at=row.blocked_at,
        blocked_by=row.blocked_by,
        until=row.until,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
    )
