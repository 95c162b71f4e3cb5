"""Whatever way the rows of a recorded day arrive, the contacts and promises are the same."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccops.domain.calls import Calls
from ccops.domain.derive import derive
from ccops.domain.raw import Batch, CelRow, Checkpoint, QueueRow, RawLine
from ccops.domain.records import Contact, Outcome
from ccops.services.journal import Journal, Source
from ccops.store import contacts, promises
from ccops.store.journal import SqlJournalStore
from ccops.store.session import Database, sqlite_url
from ccops.tasks import TaskRunner
from tests.golden.test_derive_cases import CASES, RULES, read

Row = CelRow | QueueRow

DAY = [read(path) for path in CASES]
CEL = sorted((row for case in DAY for row in case.cel), key=lambda row: row.at)
QUEUE = sorted((row for case in DAY for row in case.queue), key=lambda row: row.at)
START = max(row.at for row in QUEUE if row.event == "QUEUESTART")


def grouped(rows: list[Row]) -> dict[str, Contact]:
    """The contacts when rows reach the calls one after the other."""
    calls = Calls(1000)
    for number, row in enumerate(rows):
        ids = (row.uniqueid, row.linkedid) if isinstance(row, CelRow) else (row.callid, "")
        calls.add(RawLine("file", "", number, *ids, row.event, row.at, ""), row)
    return {
        contact.id: contact
        for call in calls
        for contact in derive(call.cel, call.queue, RULES, START)
    }


EXPECTED = grouped([*CEL, *QUEUE])
PROMISED = [
    f"call:{contact.id}:{contact.number}"
    for contact in EXPECTED.values()
    if contact.outcome is Outcome.DEFERRED
]


def test_the_day_is_worth_shuffling() -> None:
    assert len(EXPECTED) >= 18
    assert len(PROMISED) == 1
    assert {contact.outcome for contact in EXPECTED.values()} == set(Outcome) - {Outcome.OPEN}


@given(st.integers(min_value=0))
@settings(max_examples=50, deadline=None)
def test_cel_may_arrive_in_any_order(seed: int) -> None:
    """CEL's times tell its order; those of queue_log only do between one second and the next."""
    cel = CEL.copy()
    random.Random(seed).shuffle(cel)
    assert grouped([*cel, *QUEUE]) == EXPECTED


@given(st.integers(min_value=0, max_value=len(CEL)), st.integers(min_value=0, max_value=len(QUEUE)))
@settings(max_examples=50, deadline=None)
def test_a_day_cut_anywhere_is_sound(cel: int, queue: int) -> None:
    """Half a day's rows: every contact has exactly one outcome, and nothing negative."""
    for contact in grouped([*CEL[:cel], *QUEUE[:queue]]).values():
        assert contact.wait >= 0
        assert contact.talk >= 0
        assert (contact.lost_cause is not None) == (contact.outcome is Outcome.LOST)
        if contact.outcome in (Outcome.LOST, Outcome.LEFT_IN_MENU, Outcome.SELF_SERVED):
            assert contact.ended_at is not None
        if contact.outcome is Outcome.ANSWERED:
            assert any(leg.role == "operator" for leg in contact.legs)
        for visit in contact.visits:
            assert visit.left_at is None or visit.left_at >= visit.entered_at


class Feed:
    """A source that hands out rows in given pieces, and some of them again."""

    def __init__(
        self, name: str, rows: list[Row], pieces: list[int], point: Checkpoint | None
    ) -> None:
        self._name = name
        self._rows = rows
        self._pieces = pieces
        self._at = point.offset if point is not None else 0

    async def read(self) -> Batch | None:
        if self._at >= len(self._rows):
            return None
        size = self._pieces[self._at % len(self._pieces)]
        # A size below zero goes back first: rows that were stored already come again.
        start = max(0, self._at + min(size, 0))
        stop = min(len(self._rows), self._at + abs(size))
        self._at = stop
        lines = tuple((n, str(n).encode()) for n in range(start, stop))
        return Batch(lines, Checkpoint(self._name, "g", stop, ""))

    def close(self) -> None:
        pass


pieces = st.lists(st.integers(min_value=-20, max_value=60).filter(bool), min_size=1, max_size=12)


@given(pieces, pieces, st.integers(min_value=0, max_value=2))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_chunks_repetitions_and_restarts_change_nothing(
    cel: list[int], queue: list[int], restarts: int
) -> None:
    async def deliver(folder: Path) -> tuple[dict[str, Contact], list[str]]:
        database = await Database.open(sqlite_url(folder / "db.sqlite"))
        for part in range(restarts + 1):
            known = (part + 1) / (restarts + 1)
            sources = [
                source("cel", CEL[: int(len(CEL) * known)], cel),
                source("queue_log", QUEUE[: int(len(QUEUE) * known)], queue),
            ]
            journal = Journal(sources, SqlJournalStore(database), lambda: RULES, poll=0.001)
            runner = TaskRunner("test")
            runner.start("journal", journal.run, restart=False)
            await asyncio.wait_for(journal.caught_up(), 60)
            assert await runner.stop() == []
        ids = list(EXPECTED)
        stored = await database.transact(lambda connection: contacts.load(connection, ids))
        async with database.read() as session:
            promised = [promise.source for promise in await promises.promises(session)]
        await database.close()
        return {contact.id: contact for contact in stored}, promised

    def source(name: str, rows: list[Row], sizes: list[int]) -> Source:
        def parse(line: str) -> Row:
            return rows[int(line)]

        def follow(point: Checkpoint | None) -> Feed:
            return Feed(name, rows, sizes, point)

        return Source(name, follow, parse)

    with TemporaryDirectory() as folder:
        assert asyncio.run(deliver(Path(folder))) == (EXPECTED, PROMISED)
