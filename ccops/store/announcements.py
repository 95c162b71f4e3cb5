"""The ledger of announcements: writing it, reading it back, and how the callers' stays ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.ledger import Announcement, Ending, Past, Talk
from ccops.domain.records import AnnouncementFate, VisitOutcome
from ccops.store.dialect import insert_new
from ccops.store.models import AnnouncementRow, ContactRow, VisitRow

CHUNK = 500
"""Calls in one statement, rows in one answer."""

_COLUMNS = [getattr(AnnouncementRow, each.name) for each in fields(Announcement)]
_NEW_FATE = (
    update(AnnouncementRow.__table__)  # type: ignore[arg-type]
    .where(
        AnnouncementRow.__table__.c.call == bindparam("of_call"),
        AnnouncementRow.__table__.c.at == bindparam("of_moment"),
    )
    .values(
        fate=bindparam("new_fate"),
        happened=bindparam("new_happened"),
        actual=bindparam("new_actual"),
    )
)


def save(connection: Connection, announcements: Sequence[Announcement]) -> None:
    """Keep them; what is known by call and moment already gets its new fate."""
    if not announcements:
        return
    insert_new(connection, AnnouncementRow, [asdict(each) for each in announcements])
    connection.execute(
        _NEW_FATE,
        [
            {
                "of_call": each.call,
                "of_moment": each.at,
                "new_fate": each.fate,
                "new_happened": each.happened,
                "new_actual": each.actual,
            }
            for each in announcements
        ],
    )


async def past(session: AsyncSession, since: datetime) -> Past:
    """Announcements and calls not older than ``since``, and all announcements that are pending."""
    row, contact, visit = AnnouncementRow, ContactRow, VisitRow
    announced = await session.execute(
        select(*_COLUMNS)
        .where(or_(row.at >= since, row.fate == AnnouncementFate.WAITING))
        .order_by(row.at, row.id)
    )
    talks = await session.execute(
        select(visit.queue, contact.language, contact.ended_at, visit.talk)
        .join(visit, visit.contact_id == contact.id)
        .where(contact.ended_at >= since, visit.outcome == VisitOutcome.ANSWERED)
        .order_by(contact.ended_at, contact.id, visit.ordinal)
    )
    return Past(
        [_announcement(one) for one in announced],
        [Talk(queue, language, at, talk) for queue, language, at, talk in talks if at is not None],
    )


async def between(
    session: AsyncSession, since: datetime, until: datetime, queue: str = ""
) -> AsyncIterator[Sequence[Announcement]]:
    """Those that began in [``since``, ``until``), the oldest first, some hundred at a time."""
    row = AnnouncementRow
    wanted = select(*_COLUMNS).where(row.at >= since, row.at < until).order_by(row.at, row.id)
    if queue:
        wanted = wanted.where(row.queue == queue)
    result = await session.stream(wanted.execution_options(yield_per=CHUNK))
    async for rows in result.partitions():
        yield [_announcement(one) for one in rows]


async def endings(session: AsyncSession, calls: Collection[str]) -> list[Ending]:
    """How the stays in queues of these calls ended.

    A call is the uniqueid of the caller's channel, which is the first of its contact: the id.
    """
    found: list[Ending] = []
    for chunk in _chunks(sorted(calls)):
        rows = await session.scalars(
            select(VisitRow)
            .where(VisitRow.contact_id.in_(chunk), VisitRow.outcome != VisitOutcome.OPEN)
            .order_by(VisitRow.contact_id, VisitRow.ordinal)
        )
        found += [
            Ending(
                call=row.contact_id,
                queue=row.queue,
                entered_at=row.entered_at,
                left_at=row.left_at,
                answered=row.outcome is VisitOutcome.ANSWERED,
            )
            for row in rows
            if row.left_at is not None
        ]
    return found


def _announcement(row: Row[tuple[object, ...]]) -> Announcement:
    return Announcement(**row._mapping)


def _chunks(calls: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(calls), CHUNK):
        yield calls[start : start + CHUNK]
