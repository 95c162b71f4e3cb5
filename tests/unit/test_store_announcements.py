"""The ledger's queries, against a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ccops.domain.ledger import Announcement, Ending, Talk
from ccops.domain.records import AnnouncementFate, Contact, Outcome, Visit, VisitOutcome
from ccops.store import announcements, contacts
from ccops.store.ports import StoredLedger
from ccops.store.session import Database, sqlite_url

START = datetime(2026, 3, 3, 4, 0, 0, 123456, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def announcement(call: str = "c1", seconds: float = 0, queue: str = "taxes") -> Announcement:
    return Announcement(
        call=call,
        queue=queue,
        language="ru",
        at=at(seconds),
        waited=3.25,
        position=2,
        operators=1.5,
        expected=81.5,
        promised=170.0,
        spoken=3,
        variant="ru_p2_m3_free_slow",
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield database
    await database.close()


@pytest.fixture
def ledger(database: Database) -> StoredLedger:
    return StoredLedger(database)


async def test_what_is_kept_comes_back(ledger: StoredLedger) -> None:
    one, other = announcement(), replace(announcement("c2", 1), expected=None, spoken=None)
    await ledger.save([other, one])
    assert (await ledger.past(at(0))).announcements == [one, other]
    await ledger.save([])


async def test_the_same_announcement_gets_its_new_fate(ledger: StoredLedger) -> None:
    one = announcement()
    await ledger.save([one, announcement(seconds=60)])
    settled = one.left(at(20)).would_have_been_answered(at(55))
    await ledger.save([settled])
    await ledger.save([settled, announcement("c2", 90)])
    kept = (await ledger.past(at(0))).announcements
    assert kept == [settled, announcement(seconds=60), announcement("c2", 90)]
    await ledger.save([one])
    assert (await ledger.past(at(0))).announcements[0] == one


async def test_the_past_is_recent_or_pending(ledger: StoredLedger) -> None:
    pending = announcement("old", -90000)
    known = announcement("known", -90000).lost_sight_of()
    await ledger.save([pending, known, announcement()])
    past = await ledger.past(at(-3600))
    assert past.announcements == [pending, announcement()]
    assert past.talks == []


async def test_a_period_of_one_queue_or_all(database: Database, ledger: StoredLedger) -> None:
    many = [announcement(f"c{n}", n) for n in range(1100)]
    await ledger.save([*many, announcement("other", 3.5, queue="support")])

    async def read(since: float, until: float, queue: str = "") -> list[str]:
        async with database.read() as session:
            return [
                one.call
                async for batch in announcements.between(session, at(since), at(until), queue)
                for one in batch
            ]

    assert await read(2, 5) == ["c2", "c3", "other", "c4"]
    assert await read(2, 5, "support") == ["other"]
    assert len(await read(0, 2000)) == 1101
    assert await read(-10, 0) == []


def visit(queue: str, entered: float, left: float | None, outcome: VisitOutcome) -> Visit:
    return Visit(
        queue=queue,
        entered_at=at(entered),
        left_at=None if left is None else at(left),
        position=1,
        outcome=outcome,
        wait=0.0 if left is None else left - entered,
        operator="101" if outcome is VisitOutcome.ANSWERED else "",
        talk=61.5 if outcome is VisitOutcome.ANSWERED else 0.0,
    )


def contact(name: str, ended: float | None, *visits: Visit) -> Contact:
    return Contact(
        id=name,
        line="1900",
        number="+998712000001",
        language="ru",
        queue="taxes",
        sub_line="main",
        started_at=at(0),
        ended_at=None if ended is None else at(ended),
        outcome=Outcome.OPEN if ended is None else Outcome.ANSWERED,
        lost_cause=None,
        wait=1.0,
        talk=61.5,
        legs=(),
        visits=visits,
        segments=(),
    )


async def test_how_stays_ended_and_calls_went(database: Database, ledger: StoredLedger) -> None:
    stored = [
        contact(
            "c1",
            200,
            visit("taxes", 0, 20, VisitOutcome.TIMED_OUT),
            visit("taxes", 30, 40, VisitOutcome.ANSWERED),
        ),
        contact("c2", None, visit("taxes", 5, None, VisitOutcome.OPEN)),
        contact("c3", 100, visit("support", 5, 50, VisitOutcome.ANSWERED)),
        contact("c4", None, visit("support", 5, 50, VisitOutcome.ANSWERED)),
    ]
    await database.transact(lambda connection: contacts.replace(connection, stored, {}))
    assert await ledger.endings(["c1", "c2", "c9"]) == [
        Ending("c1", "taxes", at(0), at(20), answered=False),
        Ending("c1", "taxes", at(30), at(40), answered=True),
    ]
    assert await ledger.endings([]) == []
    assert (await ledger.past(at(50))).talks == [
        Talk("support", "ru", at(100), 61.5),
        Talk("taxes", "ru", at(200), 61.5),
    ]
    assert (await ledger.past(at(150))).talks == [Talk("taxes", "ru", at(200), 61.5)]


async def test_fates_are_short_words(database: Database, ledger: StoredLedger) -> None:
    await ledger.save([announcement().left(at(5))])
    async with database.read() as session:
        rows = [
            one async for batch in announcements.between(session, at(0), at(9)) for one in batch
        ]
    assert rows[0].fate is AnnouncementFate.LEFT
