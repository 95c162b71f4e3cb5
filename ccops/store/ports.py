"""The database as the services want to see it: each of their ports in a few lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from ccops.domain.figures import ContactCount, DayFigures
from ccops.domain.ledger import Announcement, Ending, Past
from ccops.domain.records import OfferOutcome
from ccops.domain.situation import Block, Disturbance, Memory
from ccops.domain.wishes import OperatorWish
from ccops.store import announcements, blocks, callers, disturbances, figures, operators
from ccops.store.models import ContactRow, OfferRow
from ccops.store.session import Database, UnreadableError


class StoredWishes:
    """Operators' wishes (``OperatorStore`` of services.operators)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wishes(self) -> Mapping[str, OperatorWish]:
        async with self._database.read() as session:
            return await operators.wishes(session)

    async def save(self, wish: OperatorWish) -> None:
        async with self._database.write() as session:
            await operators.save_wish(session, wish)


class StoredFigures:
    """Figures from the contacts (``FiguresSource`` of services.today)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def day(
        self, since: datetime, until: datetime, service_levels: Mapping[str, int]
    ) -> DayFigures:
        async with self._database.read() as session:
            return await figures.today(session, since, until, service_levels)

    async def answered_by_operator(self, since: datetime, until: datetime) -> Mapping[str, int]:
        async with self._database.read() as session:
            rows = await session.execute(
                select(OfferRow.operator, func.count())
                .join(ContactRow, ContactRow.id == OfferRow.contact_id)
                .where(
                    ContactRow.started_at >= since,
                    ContactRow.started_at < until,
                    OfferRow.outcome == OfferOutcome.ANSWERED,
                )
                .group_by(OfferRow.operator)
            )
            return {row[0]: row[1] for row in rows}

    async def contact_counts(self) -> list[ContactCount]:
        """How many contacts there are, by line, sub-line and outcome, over all time."""
        async with self._database.read() as session:
            return await figures.contact_counts(session)


class Writable:
    """Whether the database can be written at this moment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> None:
        """Raises what the database raises. Takes the write lock and changes nothing."""
        async with self._database.write() as session:
            await session.execute(text("SELECT 1"))


class StoredDisturbances:
    """Disturbances (``DisturbanceStore`` of services.disturbances)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self) -> list[Disturbance]:
        async with self._database.read() as session:
            return await disturbances.disturbances(session, ended=False)

    async def ended(self, limit: int) -> list[Disturbance]:
        async with self._database.read() as session:
            return await disturbances.disturbances(session, ended=True, limit=limit)

    async def start(self, begun: Disturbance) -> Disturbance:
        async with self._database.write() as session:
            return await disturbances.start_disturbance(session, begun)

    async def end(self, id_: int, at: datetime, by: str) -> Disturbance | None:
        async with self._database.write() as session:
            return await disturbances.end_disturbance(session, id_, at, by)


class StoredBlocks:
    """Blocked numbers (``BlockStore`` of services.blocks)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holding(self, at: datetime) -> list[Block]:
        async with self._database.read() as session:
            return await blocks.blocks(session, at, past=False)

    async def past(self, at: datetime, limit: int) -> list[Block]:
        async with self._database.read() as session:
            return await blocks.blocks(session, at, past=True, limit=limit)

    async def add(self, block: Block) -> Block:
        async with self._database.write() as session:
            return await blocks.add_block(session, block)

    async def lift(self, id_: int, at: datetime, by: str) -> Block | None:
        async with self._database.write() as session:
            return await blocks.lift_block(session, id_, at, by)


class StoredLedger:
    """Announcements to waiting callers (``LedgerStore`` of services.ledger)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, batch: Sequence[Announcement]) -> None:
        await self._database.transact(lambda connection: announcements.save(connection, batch))

    async def past(self, since: datetime) -> Past:
        async with self._database.read() as session:
            return await announcements.past(session, since)

    async def endings(self, calls: Collection[str]) -> list[Ending]:
        async with self._database.read() as session:
            return await announcements.endings(session, calls)

    async def between(
        self, since: datetime, until: datetime, queue: str = ""
    ) -> AsyncIterator[Sequence[Announcement]]:
        """For reports: those that began in [``since``, ``until``), the oldest first, in batches.

        Raises UnreadableError.
        """
        try:
            async with self._database.read() as session:
                async for batch in announcements.between(session, since, until, queue):
                    yield batch
        except (SQLAlchemyError, OSError) as error:
            raise UnreadableError(
                "The records cannot be read: the database does not answer, or is older than this"
                " version of ccops.",
                remedy="Start the hotline once, which brings it up to date: ccops run.",
            ) from error


class StoredCallers:
    """How callers want to be spoken to (``CallerStore`` of services.memory)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, number: str, since: datetime) -> Memory | None:
        async with self._database.read() as session:
            return await callers.find_caller(session, number, since)

    async def save(self, seen: Mapping[str, tuple[Memory, datetime]]) -> None:
        async with self._database.write() as session:
            await callers.save_callers(session, seen)

    async def forget(self, before: datetime) -> int:
        async with self._database.write() as session:
            return await callers.forget_callers(session, before)
