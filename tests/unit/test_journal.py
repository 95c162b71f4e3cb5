"""The journal with real files and a real SQLite database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ccops.asterisk.rows import parse_cel, parse_queue
from ccops.asterisk.tail import Tail
from ccops.domain.derive import Rules
from ccops.domain.records import (
    Contact,
    Evidence,
    LostCause,
    Outcome,
    Promise,
    PromiseKind,
    VisitOutcome,
)
from ccops.services.journal import Journal, Source
from ccops.store import contacts, promises
from ccops.store.journal import SqlJournalStore, SqlJournalTransaction
from ccops.store.session import Database, sqlite_url
from ccops.tasks import TaskRunner

T0 = 1_740_974_400
RULES = Rules({"taxes": "body"}, lambda number: f"+{number}")
CALLER = "a-1.0"
OPERATOR = "a-1.1"


def cel(event: str, after: float, channel: str = CALLER, call: str = CALLER, **more: str) -> str:
    names = {CALLER: "PJSIP/trunk-00000000", OPERATOR: "PJSIP/701-00000001"}
    columns = [
        event,
        f"{T0 + after:.6f}",
        channel,
        call,
        names.get(channel, "PJSIP/trunk-00000009"),
        "998712000001" if channel != OPERATOR else "",
        "1900",
        "operators" if channel == OPERATOR else "incoming",
        *("", "", ""),
        more.get("extra", "").replace('"', '""'),
        "",
    ]
    return ",".join(f'"{column}"' for column in columns) + "\n"


def moment(after: float) -> datetime:
    return datetime.fromtimestamp(T0 + after, UTC)


def bridge(event: str, after: float, channel: str) -> str:
    extra = '{"bridge_id":"b1","bridge_technology":"simple_bridge"}'
    return cel(event, after, channel, extra=extra)


def queue(event: str, after: int, *data: str, call: str = CALLER, member: str = "NONE") -> str:
    return "|".join([str(T0 + after), call, "taxes", member, event, *data]) + "\n"


ANSWERED_CEL = [
    cel("CHAN_START", 0.1),
    cel("CHAN_START", 3.0, OPERATOR),
    cel("ANSWER", 5.0, OPERATOR),
    bridge("BRIDGE_ENTER", 5.1, OPERATOR),
    bridge("BRIDGE_ENTER", 5.1, CALLER),
    bridge("BRIDGE_EXIT", 15.1, CALLER),
    cel("CHAN_END", 15.2),
    cel("CHAN_END", 15.3, OPERATOR),
]
ANSWERED_QUEUE = [
    queue("ENTERQUEUE", 2, "", "998712000001", "1"),
    queue("CONNECT", 5, "3", OPERATOR, "2", member="701"),
    queue("COMPLETECALLER", 15, "3", "10", "1", member="701"),
]


class Told:
    """What the journal reported."""

    def __init__(self) -> None:
        self.lags: dict[str, float] = {}
        self.counts = {"cel": 0, "queue_log": 0}
        self.late = asyncio.Event()

    def lag(self, source: str, seconds: float) -> None:
        self.lags[source] = seconds
        if seconds > 0.02:
            self.late.set()

    def rows(self, source: str, count: int) -> None:
        self.counts[source] += count


class Desk:
    """Two files, a database, and a journal that can be started and stopped."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.cel = folder / "ccops.csv"
        self.queue = folder / "queue_log"
        self.database = database
        self.file = folder / "db.sqlite"
        self.rules = RULES
        self.told = Told()

    def make(self) -> Journal:
        return Journal(
            [
                Source("cel", lambda point: Tail(self.cel, "cel", point), parse_cel),
                Source("queue_log", lambda p: Tail(self.queue, "queue_log", p), parse_queue),
            ],
            SqlJournalStore(self.database),
            lambda: self.rules,
            metrics=self.told,
            poll=0.01,
            retry=(0.01,),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Journal]:
        journal = self.make()
        runner = TaskRunner("test")
        runner.start("journal", journal.run, restart=False)
        try:
            yield journal
        finally:
            assert await runner.stop() == []

    async def take_in(self) -> list[Contact]:
        async with self.running() as journal:
            await journal.caught_up()
        return await self.contacts()

    async def contacts(self) -> list[Contact]:
        async with self.database.read() as session:
            connection = await session.connection()
            return (await connection.run_sync(contacts.recent))[::-1]

    async def take_in_promises(self) -> list[Promise]:
        await self.take_in()
        return await self.promises()

    async def promises(self) -> list[Promise]:
        async with self.database.read() as session:
            return await promises.promises(session)

    async def count(self, table: str) -> int:
        async with self.database.read() as session:
            return int(await session.scalar(text(f"select count(*) from {table}")) or 0)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield Desk(tmp_path, database)
    await database.close()


def write(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(lines)


def check_answered(contact: Contact) -> None:
    assert contact.id == CALLER
    assert contact.number == "+998712000001"
    assert contact.sub_line == "body"
    assert contact.outcome is Outcome.ANSWERED
    assert (contact.wait, contact.talk) == (3.0, 10.0)
    assert [(leg.role, leg.party) for leg in contact.legs] == [
        ("caller", "+998712000001"),
        ("operator", "701"),
    ]


async def test_both_files_make_one_contact(desk: Desk) -> None:
    write(desk.cel, *ANSWERED_CEL)
    write(desk.queue, *ANSWERED_QUEUE)
    (contact,) = await desk.take_in()
    check_answered(contact)
    assert await desk.count("raw_rows") == len(ANSWERED_CEL) + len(ANSWERED_QUEUE)


PROMISED = cel("CCOPS_CALLBACK", 6.5, extra='{"extra":"queue 998712000001 taxes"}')


async def test_a_promise_is_kept_with_its_row_and_once(desk: Desk) -> None:
    write(desk.queue, queue("ENTERQUEUE", 2, "", "998712000001", "1"))
    write(desk.cel, cel("CHAN_START", 0.1), cel("CCOPS_LINE", 0.2, extra='{"extra":"1900"}'))
    assert await desk.promises() == []
    write(desk.cel, PROMISED)
    (promise,) = await desk.take_in_promises()
    assert (promise.kind, promise.number) == (PromiseKind.QUEUE, "+998712000001")
    assert (promise.line, promise.queue) == ("1900", "taxes")
    assert (promise.arrived_at, promise.at) == (moment(2), moment(6.5))
    # the dialplan says it again, as ccops died before it could say what comes next
    write(desk.cel, cel("CCOPS_CALLBACK", 8.0, extra='{"extra":"queue 998712000001 taxes"}'))
    write(desk.cel, cel("CHAN_END", 9.0))
    assert await desk.take_in_promises() == [promise]
    assert [contact.outcome for contact in await desk.contacts()] == [Outcome.DEFERRED]


async def test_a_promise_of_a_batch_that_fails_is_kept_with_the_next_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = SqlJournalTransaction.promise
    tried: list[Sequence[Promise]] = []

    def once(transaction: SqlJournalTransaction, made: Sequence[Promise]) -> None:
        replace(transaction, made)
        if not tried:
            tried.append(made)
            raise OSError("disk full")

    monkeypatch.setattr(SqlJournalTransaction, "promise", once)
    write(desk.cel, cel("CHAN_START", 0.1), PROMISED, cel("CHAN_END", 9.0))
    assert len(await desk.take_in_promises()) == 1
    assert await desk.count("raw_rows") == 3


async def test_rows_that_come_one_by_one_change_the_same_contact(desk: Desk) -> None:
    seen = []
    async with desk.running() as journal:
        for path, lines in ((desk.queue, ANSWERED_QUEUE), (desk.cel, ANSWERED_CEL)):
            for line in lines:
                write(path, line)
                await journal.caught_up()
                seen.append([contact.outcome for contact in await desk.contacts()])
    # queue_log alone knows of no contact; its rows wait for the channel's.
    assert seen[:3] == [[], [], []]
    assert seen[3:] == [[Outcome.OPEN]] * 4 + [[Outcome.ANSWERED]] * 4
    check_answered((await desk.contacts())[0])


async def test_a_call_in_memory_is_not_read_from_the_database(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []
    read = SqlJournalTransaction.contacts

    def contacts_of(transaction: SqlJournalTransaction, ids: Sequence[str]) -> list[Contact]:
        asked.append(ids)
        return read(transaction, ids)

    monkeypatch.setattr(SqlJournalTransaction, "contacts", contacts_of)
    async with desk.running() as journal:
        for path, lines in ((desk.cel, ANSWERED_CEL), (desk.queue, ANSWERED_QUEUE)):
            for line in lines:
                write(path, line)
                await journal.caught_up()
    check_answered((await desk.contacts())[0])
    assert asked == []


async def test_a_restart_goes_on_where_it_stopped(desk: Desk) -> None:
    for lines in zip(ANSWERED_CEL, [*ANSWERED_QUEUE, "", "", "", "", ""], strict=True):
        write(desk.cel, lines[0])
        write(desk.queue, lines[1])
        await desk.take_in()
    check_answered((await desk.contacts())[0])
    assert await desk.count("raw_rows") == len(ANSWERED_CEL) + len(ANSWERED_QUEUE)


async def test_a_lost_checkpoint_stores_nothing_twice(desk: Desk) -> None:
    write(desk.cel, *ANSWERED_CEL)
    write(desk.queue, *ANSWERED_QUEUE)
    before = await desk.take_in()
    async with desk.database.write() as session:
        await session.execute(text("delete from checkpoints"))
    assert await desk.take_in() == before
    assert await desk.count("raw_rows") == len(ANSWERED_CEL) + len(ANSWERED_QUEUE)


async def test_a_line_that_is_none_is_kept_aside(desk: Desk) -> None:
    write(desk.cel, ANSWERED_CEL[0], '"CHAN_START","17', "\n", *ANSWERED_CEL[1:])
    write(desk.queue, *ANSWERED_QUEUE, "nonsense\n")
    async with desk.running() as journal:
        await journal.caught_up()
        assert journal.rejected == 2
    check_answered((await desk.contacts())[0])
    async with desk.database.read() as session:
        rows = await session.execute(text("select source, reason, line from rejected_rows"))
        kept = {source: (reason, line) for source, reason, line in rows}
    assert kept["cel"] == ("quotes do not match: the row was cut", '"CHAN_START","17')
    assert kept["queue_log"][1] == "nonsense"


async def test_bytes_that_are_no_text_stop_nothing(desk: Desk) -> None:
    desk.cel.write_bytes(b"\xff\x00\n" + "".join(ANSWERED_CEL).encode())
    write(desk.queue, *ANSWERED_QUEUE)
    check_answered((await desk.take_in())[0])
    async with desk.database.read() as session:
        assert await session.scalar(text("select line from rejected_rows")) == r"\xff\x00"


async def test_calls_open_when_asterisk_died_are_closed(desk: Desk) -> None:
    write(desk.cel, ANSWERED_CEL[0])
    write(desk.queue, ANSWERED_QUEUE[0])
    assert [contact.outcome for contact in await desk.take_in()] == [Outcome.OPEN]
    new_call = cel("CHAN_START", 31.0, "a-31.0", "a-31.0")
    write(desk.cel, new_call)
    write(desk.queue, queue("QUEUESTART", 30, call="NONE"))
    dead, alive = await desk.take_in()
    assert dead.outcome is Outcome.LOST
    assert dead.lost_cause is LostCause.DISCONNECTED
    assert dead.evidence is Evidence.INFERRED
    assert dead.ended_at == datetime.fromtimestamp(T0 + 2, UTC)
    assert dead.visits[0].outcome is VisitOutcome.DISCONNECTED
    assert alive.outcome is Outcome.OPEN
    # Another start of ccops must come to the same result.
    assert await desk.take_in() == [dead, alive]


async def test_the_link_may_tell_of_the_restart_too(desk: Desk) -> None:
    write(desk.cel, ANSWERED_CEL[0])
    async with desk.running() as journal:
        await journal.caught_up()
        journal.asterisk_started(datetime.fromtimestamp(T0 + 60, UTC))
        await journal.caught_up()
        (contact,) = await desk.contacts()
    assert contact.outcome is Outcome.LEFT_IN_MENU
    assert contact.evidence is Evidence.INFERRED


async def test_callers_who_are_joined_stay_two_contacts(desk: Desk) -> None:
    other = "a-7.0"
    write(desk.cel, cel("CHAN_START", 0.0), cel("CHAN_START", 1.0, other, other))
    assert len(await desk.take_in()) == 2
    async with desk.running() as journal:
        await journal.caught_up()
        write(desk.cel, cel("BRIDGE_ENTER", 2.0, other, CALLER, extra='{"bridge_id":"b"}'))
        await journal.caught_up()
        joined = await desk.contacts()
    assert [contact.id for contact in joined] == [CALLER, other]
    assert [leg.uniqueid for leg in joined[0].legs] == [CALLER]


async def test_a_locked_database_is_waited_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccops.store.session.BUSY_TIMEOUT", 0.01)
    await desk.database.close()
    desk.database = await Database.open(sqlite_url(desk.file))
    async with desk.running() as journal:
        await journal.caught_up()
        with closing(sqlite3.connect(desk.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            write(desk.cel, *ANSWERED_CEL)
            write(desk.queue, *ANSWERED_QUEUE)

            desk.told.late.clear()
            await asyncio.wait_for(desk.told.late.wait(), 10)
            assert journal.failed_writes > 0
            assert journal.lags()["cel"] > 0
            assert await desk.contacts() == []
            other.execute("COMMIT")
        await journal.caught_up()
    check_answered((await desk.contacts())[0])
    assert await desk.count("raw_rows") == len(ANSWERED_CEL) + len(ANSWERED_QUEUE)
    await desk.database.close()


async def test_a_call_that_cannot_be_derived_stops_nothing(desk: Desk) -> None:
    def strange(number: str) -> str:
        if number.endswith("1"):
            raise RuntimeError("strange")
        return number

    desk.rules = Rules({}, strange)
    other = cel("CHAN_START", 1.0, "a-9.0", "a-9.0").replace("998712000001", "998712000002")
    write(desk.cel, *ANSWERED_CEL, other)
    assert [contact.id for contact in await desk.take_in()] == ["a-9.0"]
    # Once the fault is corrected, the stored rows give the contact.
    desk.rules = RULES
    write(desk.queue, *ANSWERED_QUEUE)
    check_answered((await desk.take_in())[0])


async def test_metrics_tell_rows_and_lag(desk: Desk) -> None:
    write(desk.cel, *ANSWERED_CEL)
    write(desk.queue, "nonsense\n")
    await desk.take_in()
    assert desk.told.counts == {"cel": len(ANSWERED_CEL), "queue_log": 0}
    assert desk.told.lags.keys() == {"cel", "queue_log"}
    assert all(0.0 <= lag < 5.0 for lag in desk.told.lags.values())
