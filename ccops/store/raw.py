"""Raw rows: Asterisk's own lines, stored once, with the checkpoint up to which they are held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.raw import Checkpoint, RawLine, RejectedLine
from ccops.store.dialect import insert_new, upsert
from ccops.store.models import CheckpointRow, RawRow, RejectedRow

CHUNK = 500


async def checkpoint(session: AsyncSession, source: str) -> Checkpoint | None:
    """Where taking in ``source`` has to go on; None when nothing has been taken in."""
    row = await session.get(CheckpointRow, source)
    if row is None:
        return None
    return Checkpoint(row.source, row.generation, row.offset, row.tail_hash)


async def save(
    session: AsyncSession,
    lines: Sequence[RawLine],
    rejected: Sequence[RejectedLine],
    reached: Iterable[Checkpoint],
) -> None:
    """Store lines with the checkpoints they lead to: all or nothing.

    A line that is held already is left as it is.
    """
    await insert_new(session, RawRow, [_values(line) for line in lines])
    await insert_new(session, RejectedRow, [_values(line) for line in rejected])
    await upsert(session, CheckpointRow, [_values(point) for point in reached])


async def of_linkedids(session: AsyncSession, linkedids: Iterable[str]) -> list[RawLine]:
    """CEL lines with one of these linkedids."""
    return await _lines(session, RawRow.linkedid, linkedids)


async def of_uniqueids(session: AsyncSession, uniqueids: Iterable[str]) -> list[RawLine]:
    """Lines of both files that tell of one of these channels."""
    return await _lines(session, RawRow.uniqueid, uniqueids)


async def last_start(session: AsyncSession) -> datetime | None:
    """When Asterisk last started, as queue_log tells it."""
    # The uniqueid is what the index finds.
    return await session.scalar(
        select(func.max(RawRow.at)).where(RawRow.uniqueid == "NONE", RawRow.event == "QUEUESTART")
    )


async def _lines(session: AsyncSession, column: Any, wanted: Iterable[str]) -> list[RawLine]:
    table = RawRow.__table__.c
    names = sorted(wanted)
    found: list[RawLine] = []
    for start in range(0, len(names), CHUNK):
        rows = await session.execute(
            select(
                table.source,
                table.generation,
                table.offset,
                table.uniqueid,
                table.linkedid,
                table.event,
                table.at,
                table.line,
            )
            .where(column.in_(names[start : start + CHUNK]))
            .order_by(table.id)
        )
        found.extend(RawLine(*row) for row in rows)
    return found


def _values(record: RawLine | RejectedLine | Checkpoint) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
