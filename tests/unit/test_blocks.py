"""The block list, over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ccops.domain.situation import Block
from ccops.errors import CcopsError
from ccops.services.blocks import Blocks
from ccops.store.ports import StoredBlocks
from ccops.store.session import Database, sqlite_url
from ccops.tasks import TaskRunner
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

NUMBER = "+998901234542"
SAMPLE = hotline()
HOTLINE = SAMPLE.model_copy(update={"lines": {"+998712000001": SAMPLE.lines["1000"]}})


@dataclass
class Site:
    """One process's view of the database."""

    database: Database
    clock: ManualClock

    def __post_init__(self) -> None:
        self.blocks = Blocks(StoredBlocks(self.database), self.clock, lambda: HOTLINE)

    def blocked(self, number: str) -> bool:
        return self.blocks.find(number, self.clock.now()) is not None


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield Site(database, ManualClock())
    await database.close()


@pytest.mark.parametrize(
    "written", ["+998901234542", "998901234542", "901234542", "+998 (90) 123-45-42"]
)
async def test_a_number_is_the_same_however_it_is_written(site: Site, written: str) -> None:
    block = await site.blocks.add(written, "threats", None, "cli")
    assert block.number == NUMBER
    assert site.blocked(NUMBER)
    assert site.blocked("998901234542")
    assert not site.blocked("+998901234543")
    assert not site.blocked("")


async def test_a_block_expires_by_itself_and_stays_on_record(site: Site) -> None:
    until = site.clock.now() + timedelta(hours=2)
    block = await site.blocks.add(NUMBER, "threats", until, "page:aziza")
    site.clock.advance(7199)
    assert site.blocked(NUMBER)
    site.clock.advance(1)
    assert not site.blocked(NUMBER)
    assert site.blocks.all() == ()
    assert await site.blocks.history() == [block]
    await site.blocks.load()
    assert not site.blocked(NUMBER)


async def test_lifting_notes_who_and_when(site: Site) -> None:
    block = await site.blocks.add(NUMBER, "threats", None, "cli:aziza")
    site.clock.advance(60)
    lifted = await site.blocks.lift(block.id, "page:bobur")
    assert not site.blocked(NUMBER)
    assert (lifted.lifted_at, lifted.lifted_by) == (site.clock.now(), "page:bobur")
    assert (lifted.blocked_by, lifted.reason) == ("cli:aziza", "threats")
    site.clock.advance(60)
    assert await site.blocks.lift(block.id, "api") == lifted
    with pytest.raises(CcopsError) as caught:
        await site.blocks.lift(block.id + 1, "api")
    assert caught.value.code == "block_unknown"


async def test_blocking_again_replaces_what_held_and_keeps_the_trail(site: Site) -> None:
    old = await site.blocks.add(NUMBER, "threats", site.clock.now() + timedelta(1), "cli:aziza")
    site.clock.advance(60)
    new = await site.blocks.add(NUMBER, "again", None, "cli:bobur")
    assert site.blocks.all() == (new,)
    (past,) = await site.blocks.history()
    assert (past.id, past.lifted_by) == (old.id, "cli:bobur")
    await site.blocks.load()
    assert site.blocks.all() == (new,)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "block_number"),
        ("anonymous", "block_number"),
        ("call me", "block_number"),
        ("+998-90-1234", "block_number"),
        ("+999999999999", "block_number"),
        ("1234567890123456", "block_number"),
        ("103", "block_number"),
        ("1050", "block_number"),
        ("٠١٢٣٤٥٦٧", "block_number"),
        ("101", "block_own_number"),
        ("712000001", "block_own_number"),
    ],
)
async def test_what_is_no_callers_number_is_refused(site: Site, number: str, code: str) -> None:
    with pytest.raises(CcopsError) as caught:
        await site.blocks.add(number, "threats", None, "cli")
    assert caught.value.code == code
    assert caught.value.remedy
    assert not number or number not in str(caught.value), "no number in a message"
    assert site.blocks.all() == ()


async def test_a_number_as_only_a_trunk_writes_it_can_be_blocked(site: Site) -> None:
    block = await site.blocks.add("2345678", "threats", None, "cli")
    assert block.number == "2345678"
    assert site.blocked("2345678")


async def test_a_block_needs_a_reason_and_an_end_to_come(site: Site) -> None:
    for reason in ("", " \n", "x" * 301, "a\x1b[31mb"):
        with pytest.raises(CcopsError) as caught:
            await site.blocks.add(NUMBER, reason, None, "cli")
        assert caught.value.code == "block_reason"
    with pytest.raises(CcopsError) as caught:
        await site.blocks.add(NUMBER, "threats", site.clock.now(), "cli")
    assert caught.value.code == "moment_past"


async def test_another_process_is_noticed(site: Site) -> None:
    other = Site(site.database, site.clock)
    block = await other.blocks.add(NUMBER, "threats", None, "cli")
    assert not site.blocked(NUMBER)
    await site.blocks.load()
    assert site.blocked(NUMBER)
    await other.blocks.lift(block.id, "cli")
    await site.blocks.load()
    assert not site.blocked(NUMBER)


async def test_no_number_is_logged(site: Site) -> None:
    with capture_logs() as said:
        block = await site.blocks.add(NUMBER, "threats", None, "cli")
        await site.blocks.lift(block.id, "cli")
    assert len(said) == 2
    assert NUMBER[4:] not in str(said)


async def test_while_the_database_is_away_what_is_known_holds_and_it_is_told_once(
    site: Site,
) -> None:
    store = StoredBlocks(site.database)
    away, failed, again = True, asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def holding(at: datetime) -> list[Block]:
        (failed if away else again).release()
        if away:
            raise OSError
        return await store.holding(at)

    flaky = StoredBlocks(site.database)
    flaky.holding = holding  # type: ignore[method-assign]
    blocks = Blocks(flaky, site.clock, lambda: HOTLINE, read_every=0.001)
    await blocks.add(NUMBER, "threats", None, "cli")
    tasks = TaskRunner("test")
    with capture_logs() as said:
        tasks.start("blocks", blocks.run)
        async with asyncio.timeout(5):
            for _ in range(3):
                await failed.acquire()
            assert blocks.find(NUMBER, site.clock.now()) is not None
            away = False
            for _ in range(2):
                await again.acquire()
    await tasks.stop()
    assert [each["log_level"] for each in said] == ["error", "info"]
    assert blocks.find(NUMBER, site.clock.now()) is not None
