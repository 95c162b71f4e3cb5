"""Figures straight from the contacts.

Nothing is kept beside the contacts, so nothing can differ from them: one indexed query for the
day's cells and one covering-index scan for the counts over all time (docs/decisions records what
they cost).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.figures import SHORT_WAIT, Cell, ContactCount, DayFigures, day_figures
from ccops.store.models import ContactRow
from ccops.store.types import UtcDateTime

HOUR = timedelta(hours=1)
DEFAULT_SERVICE_LEVEL = 30


async def today(
    session: AsyncSession, since: datetime, until: datetime, service_levels: Mapping[str, int]
) -> DayFigures:
    """Figures of the contacts that started in [``since``, ``until``).

    ``service_levels``: seconds per queue within which an answer is in time (30 where not named).
    The period is cut into hours counted from ``since``, which must be before ``until``.
    """
    if since >= until:
        raise ValueError("the period must have a length")
    starts: list[datetime] = []
    while since + len(starts) * HOUR < until:
        starts.append(since + len(starts) * HOUR)
    # A nested loop over the hours and, for each, one range of the index on started_at.
    hours = union_all(
        *(
            select(
                literal(number).label("number"),
                literal(start, UtcDateTime()).label("start"),
                literal(min(start + HOUR, until), UtcDateTime()).label("stop"),
            )
            for number, start in enumerate(starts)
        )
    ).cte("hours")
    contact = ContactRow
    level = (
        case(dict(service_levels), value=contact.queue, else_=DEFAULT_SERVICE_LEVEL)
        if service_levels
        else literal(DEFAULT_SERVICE_LEVEL)
    )
    rows = await session.execute(
        select(
            hours.c.number,
            contact.queue,
            contact.sub_line,
            contact.outcome,
            func.count(),
            func.count(contact.ended_at),
            func.sum(case((contact.wait < SHORT_WAIT, 1), else_=0)),
            func.sum(case((contact.wait <= level, 1), else_=0)),
            func.sum(contact.wait),
            func.max(contact.wait),
            func.sum(case((contact.ended_at.is_not(None), contact.talk), else_=0.0)),
        )
        .select_from(hours)
        .join(
            contact,
            and_(contact.started_at >= hours.c.start, contact.started_at < hours.c.stop),
        )
        .group_by(hours.c.number, contact.queue, contact.sub_line, contact.outcome)
    )
    return day_figures(
        since, until, starts, (Cell(starts[number], *cell) for number, *cell in rows)
    )


async def contact_counts(session: AsyncSession) -> list[ContactCount]:
    """How many contacts there are, by line, sub-line and outcome, over all time."""
    contact = ContactRow
    rows = await session.execute(
        select(contact.line, contact.sub_line, contact.outcome, func.count())
        .group_by(contact.line, contact.sub_line, contact.outcome)
        .order_by(contact.line, contact.sub_line, contact.outcome)
    )
    return [ContactCount(*row) for row in rows]
