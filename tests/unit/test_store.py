"""The queries, against a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from ccops.domain.figures import ContactCount, Figures
from ccops.domain.raw import Checkpoint, RawLine, RejectedLine
from ccops.domain.records import (
    Contact,
    Evidence,
    Leg,
    LostCause,
    Offer,
    OfferOutcome,
    Outcome,
    Promise,
    PromiseKind,
    Segment,
    Visit,
    VisitOutcome,
)
from ccops.domain.wishes import OperatorWish
from ccops.store import contacts, figures, operators, promises, raw
from ccops.store.models import CallerRow
from ccops.store.session import Database, sqlite_url

T = TypeVar("T")

START = datetime(2025, 3, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield database
    await database.close()


def contact(
    name: str = "c1",
    *,
    after: float = 0.0,
    outcome: Outcome = Outcome.ANSWERED,
    queue: str = "taxes",
    wait: float = 12.5,
    talk: float = 60.0,
) -> Contact:
    start = START + timedelta(seconds=after)
    end = None if outcome is Outcome.OPEN else start + timedelta(seconds=wait + talk)
    visit = Visit(
        queue=queue,
        entered_at=start,
        left_at=end,
        position=1,
        outcome=VisitOutcome.ANSWERED,
        wait=wait,
        operator="701",
        talk=talk,
        offers=(
            Offer("702", start, start + timedelta(seconds=5), OfferOutcome.NO_ANSWER),
            Offer("701", start, end, OfferOutcome.ANSWERED),
        ),
    )
    return Contact(
        id=name,
        line="1900",
        number="+998712000001",
        language="uz",
        queue=queue,
        sub_line=f"{queue}-body" if queue else "",
        started_at=start,
        ended_at=end,
        outcome=outcome,
        lost_cause=LostCause.ABANDONED if outcome is Outcome.LOST else None,
        wait=wait if queue else 0.0,
        talk=talk if outcome is Outcome.ANSWERED else 0.0,
        legs=(
            Leg(name, "PJSIP/trunk-1", "caller", "+998712000001", start, start, end, 16, "peer"),
            Leg(f"{name}.2", "PJSIP/701-2", "operator", "701", start, None, end, None, ""),
        ),
        visits=(visit,) if queue else (),
        segments=(Segment("b1", name, f"{name}.2", start, end),),
        choices=("main=1", "taxes=2"),
        evidence=Evidence.OBSERVED,
    )


async def on(session: AsyncSession, query: Callable[..., T], *arguments: Any, **more: Any) -> T:
    connection = await session.connection()
    return await connection.run_sync(query, *arguments, **more)


async def test_a_contact_comes_back_as_it_was_stored(database: Database) -> None:
    stored = contact()
    async with database.write() as session:
        await on(session, contacts.replace, [stored], {})
    async with database.read() as session:
        assert await on(session, contacts.load, ["c1", "unknown"]) == [stored]
        assert await on(session, contacts.recent) == [stored]
        assert await on(session, contacts.recent, before=START) == []


async def test_replacing_leaves_nothing_of_the_old_one(database: Database) -> None:
    old = contact()
    new = replace(contact(outcome=Outcome.LOST, talk=0.0), legs=(), segments=())
    new = replace(new, visits=(replace(new.visits[0], offers=()),))
    async with database.write() as session:
        await on(session, contacts.replace, [old], {})
    async with database.write() as session:
        await on(session, contacts.replace, [new], {"c1": old})
    async with database.read() as session:
        assert await on(session, contacts.load, ["c1"]) == [new]
        left = await session.scalar(text("select count(*) from offers"))
    assert left == 0


async def test_removing_takes_the_parts_along(database: Database) -> None:
    async with database.write() as session:
        await on(session, contacts.replace, [contact("a"), contact("b")], {})
    async with database.write() as session:
        await on(session, contacts.remove, ["a"])
    async with database.read() as session:
        assert [found.id for found in await on(session, contacts.recent)] == ["b"]
        for table in ("legs", "visits", "offers", "segments"):
            owners = await session.scalars(text(f"select distinct contact_id from {table}"))
            assert list(owners) == ["b"]


async def test_open_contacts_from_before_a_moment(database: Database) -> None:
    async with database.write() as session:
        await on(
            session,
            contacts.replace,
            [
                contact("ended"),
                contact("old", outcome=Outcome.OPEN),
                contact("new", after=60, outcome=Outcome.OPEN),
            ],
            {},
        )
    async with database.read() as session:
        assert await on(session, contacts.open_ids, START + timedelta(seconds=30)) == ["old"]


async def test_figures_follow_the_definitions(database: Database) -> None:
    stored = [
        contact("in-time", wait=30.0, talk=100.0),
        contact("late", after=3600, wait=31.0, talk=50.0),
        contact("short", after=10, outcome=Outcome.LOST, wait=9.9),
        contact("long", after=20, outcome=Outcome.LOST, wait=10.0, queue="labour"),
        contact("waiting", after=30, outcome=Outcome.OPEN, wait=0.0),
        contact("deferred", after=35, outcome=Outcome.DEFERRED, wait=20.0, queue="labour"),
        contact("menu", after=40, outcome=Outcome.OPEN, queue=""),
        contact("served", after=50, outcome=Outcome.SELF_SERVED, queue=""),
        contact("left", after=7199.999, outcome=Outcome.LEFT_IN_MENU, queue=""),
        contact("yesterday", after=-0.001),
        contact("tomorrow", after=7200),
    ]
    until = START + timedelta(hours=2)
    async with database.write() as session:
        await on(session, contacts.replace, stored, {})
    async with database.read() as session:
        day = await figures.today(session, START, until, {"taxes": 30, "labour": 60})
        counts = await figures.contact_counts(session)
    assert day.total == Figures(
        incoming=6,
        answered=2,
        lost=2,
        lost_short=1,
        deferred=1,
        self_served=1,
        left_in_menu=1,
        open=1,
        in_menu=1,
        in_time=1,
        mean_wait=30.5,
        mean_talk=75.0,
        max_wait=31.0,
    )
    assert day.total.answered_share == 2 / 6
    assert day.total.service_level == 1 / 6
    assert set(day.by_sub_line) == {"taxes-body", "labour-body"}
    assert day.by_queue["labour"] == Figures(incoming=2, lost=1, deferred=1, max_wait=20.0)
    assert list(day.by_hour) == [START, START + timedelta(hours=1)]
    assert [hour.incoming for hour in day.by_hour.values()] == [5, 1]
    assert sum(sub_line.incoming for sub_line in day.by_sub_line.values()) == day.total.incoming
    assert ContactCount("1900", "taxes-body", Outcome.ANSWERED, 4) in counts
    assert sum(row.count for row in counts) == len(stored)


async def test_a_period_without_contacts_has_no_means(database: Database) -> None:
    async with database.read() as session:
        day = await figures.today(session, START, START + timedelta(minutes=90), {})
        with pytest.raises(ValueError, match="length"):
            await figures.today(session, START, START, {})
    assert day.total == Figures()
    assert day.total.service_level is None
    assert len(day.by_hour) == 2


@pytest.mark.parametrize("query", ["today", "counts"])
async def test_figures_never_scan_the_whole_table(database: Database, query: str) -> None:
    plans: list[str] = []
    async with database.read() as session:
        connection = await session.connection()
        original = connection.sync_connection
        assert original is not None

        def explain(_c: object, _cursor: object, sql: str, params: object, *_: object) -> None:
            dbapi = original.connection.cursor()
            dbapi.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plans.extend(row[3] for row in dbapi.fetchall())

        event.listen(original, "before_cursor_execute", explain)
        if query == "today":
            await figures.today(session, START, START + timedelta(days=1), {"taxes": 20})
        else:
            await figures.contact_counts(session)
    wanted = "ix_contacts_started_at" if query == "today" else "COVERING INDEX ix_contacts_totals"
    assert any(wanted in step for step in plans), plans
    assert not any(step == "SCAN contacts" for step in plans), plans


async def test_a_raw_row_is_stored_once_with_its_checkpoint(database: Database) -> None:
    line = RawLine("cel", "g1", 0, "u1", "l1", "CHAN_START", START, "CHAN_START,…")
    bad = RejectedLine("cel", "g1", 20, "cut", "CHAN_")
    async with database.write() as session:
        await on(session, raw.save, [line], [bad], [Checkpoint("cel", "g1", 30, "h1")])
    async with database.write() as session:
        again = replace(line, line="something else")
        await on(session, raw.save, [again, replace(line, offset=30)], [bad], [])
    async with database.read() as session:
        assert await on(session, raw.of_linkedids, ["l1"]) == [line, replace(line, offset=30)]
        assert await on(session, raw.of_uniqueids, ["u1"]) == [line, replace(line, offset=30)]
        assert await on(session, raw.of_uniqueids, []) == []
        assert await on(session, raw.checkpoint, "cel") == Checkpoint("cel", "g1", 30, "h1")
        assert await on(session, raw.checkpoint, "queue_log") is None
        assert await session.scalar(text("select count(*) from rejected_rows")) == 1


async def test_a_wish_replaces_the_last_and_joins_the_trail(database: Database) -> None:
    ready = OperatorWish("701", True, False, "", START, "phone")
    pause = OperatorWish("701", True, True, "lunch", START + timedelta(minutes=5), "api:admin")
    for wish in (ready, pause):
        async with database.write() as session:
            await operators.save_wish(session, wish)
    async with database.read() as session:
        assert await operators.wishes(session) == {"701": pause}
        assert await operators.wish_trail(session, "701", START) == [ready, pause]
        assert await operators.wish_trail(session, "701", pause.since) == [pause]


async def test_a_promise_told_twice_is_kept_once(database: Database) -> None:
    first = Promise(
        source="1.promise",
        kind=PromiseKind.QUEUE,
        call="1.1",
        number="+998712000001",
        line="1900",
        queue="jobs",
        language="uz",
        arrived_at=START,
        at=START,
    )
    for promise in (first, replace(first, number="+998712000002")):
        async with database.write() as session:
            await on(session, promises.save, [promise])
    async with database.read() as session:
        assert await promises.promises(session) == [first]


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            await on(session, contacts.replace, [contact()], {})
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as session:
        assert await on(session, contacts.recent) == []


async def test_an_error_does_not_show_a_callers_number(database: Database) -> None:
    def twice(connection: Connection) -> None:
        row = {"number": "5550101", "language": "uz", "slow": False, "seen_at": START}
        connection.execute(insert(CallerRow), [row, row])

    with pytest.raises(IntegrityError) as caught:
        await database.transact(twice)
    assert "5550101" not in str(caught.value)


async def test_a_reader_cannot_write_and_does_not_wait_for_the_writer(database: Database) -> None:
    async with database.write() as writing:
        await on(writing, contacts.replace, [contact()], {})
        async with database.read() as session:
            assert await on(session, contacts.recent) == []
    async with database.read() as session:
        with pytest.raises(OperationalError, match="readonly"):
            await operators.save_wish(session, OperatorWish("1", True, False, "", START, "phone"))


async def test_times_are_kept_in_utc_and_naive_ones_refused(database: Database) -> None:
    local = START.astimezone(timezone(timedelta(hours=5)))
    async with database.write() as session:
        await operators.save_wish(session, OperatorWish("701", True, False, "", local, "phone"))
    async with database.read() as session:
        since = (await operators.wishes(session))["701"].since
    assert since == START
    assert since.tzinfo is UTC
    naive = OperatorWish("701", True, False, "", START.replace(tzinfo=None), "phone")
    with pytest.raises(StatementError, match="time zone"):
        async with database.write() as session:
            await operators.save_wish(session, naive)
