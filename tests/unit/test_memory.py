"""How callers are remembered: at once, written soon, forgotten in time, whatever the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ccops.domain.situation import Memory
from ccops.services import memory as service
from ccops.services.memory import CallerMemory, CallerStore
from ccops.store.ports import StoredCallers
from ccops.store.session import Database, sqlite_url
from ccops.tasks import TaskRunner
from tests.manual_clock import ManualClock
from tests.unit.dialogue_calls import HOTLINE, KNOWN
from tests.unit.fake_asterisk import eventually

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OTHER = "+998901234567"
RUSSIAN = Memory("ru")
SLOWLY = Memory("uz", slow=True)


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncIterator[StoredCallers]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield StoredCallers(database)
    await database.close()


class Store:
    """In memory; can be away."""

    def __init__(self) -> None:
        self.callers: dict[str, tuple[Memory, datetime]] = {}
        self.away = False
        self.saves = 0
        self.writing: asyncio.Event | None = None

    async def find(self, number: str, since: datetime) -> Memory | None:
        memory, at = self.callers.get(number, (None, since))
        return memory if at >= since else None

    async def save(self, callers: Mapping[str, tuple[Memory, datetime]]) -> None:
        self.saves += 1
        if self.writing is not None:
            await self.writing.wait()
        if self.away:
            raise ConnectionError("no database")
        self.callers |= callers

    async def forget(self, before: datetime) -> int:
        old = [number for number, (_, at) in self.callers.items() if at < before]
        for number in old:
            del self.callers[number]
        return len(old)


class Running:
    """A memory whose task runs."""

    def __init__(self, store: CallerStore, *, days: int = 90, **options: float) -> None:
        self.clock = ManualClock(START)
        what = HOTLINE.model_copy(update={"remember_language": days})
        self.memory = CallerMemory(store, self.clock, lambda: what, **options)
        self._tasks = TaskRunner("test")

    async def __aenter__(self) -> Running:
        self._tasks.start("memory", self.memory.run)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.stop()


async def test_the_tables(stored: StoredCallers) -> None:
    later = START + timedelta(days=1)
    await stored.save({KNOWN: (RUSSIAN, START), OTHER: (RUSSIAN, START)})
    await stored.save({OTHER: (SLOWLY, later)})
    assert await stored.find(KNOWN, START) == RUSSIAN
    assert await stored.find(KNOWN, START + timedelta(seconds=1)) is None
    assert await stored.find(OTHER, later) == SLOWLY
    assert await stored.find("+998", START) is None
    assert await stored.forget(later) == 1
    assert await stored.find(KNOWN, START) is None
    assert await stored.find(OTHER, later) == SLOWLY


async def test_what_is_noted_is_remembered_by_the_next_process(stored: StoredCallers) -> None:
    async with Running(stored) as first:
        first.memory.note(KNOWN, RUSSIAN)
        first.memory.note(KNOWN, SLOWLY)
        assert await first.memory.recall(KNOWN) == SLOWLY, "before it is written"
        async with asyncio.timeout(5):
            while await stored.find(KNOWN, START) is None:  # noqa: ASYNC110 — in the database
                await asyncio.sleep(0.002)
        assert await first.memory.recall(KNOWN) == SLOWLY, "and after"
    async with Running(stored) as second:
        assert await second.memory.recall(KNOWN) == SLOWLY
        assert await second.memory.recall(OTHER) is None


async def test_who_has_not_called_for_long_is_forgotten() -> None:
    store = Store()
    store.callers = {
        KNOWN: (RUSSIAN, START - timedelta(days=10, seconds=1)),
        OTHER: (RUSSIAN, START - timedelta(days=10)),
    }
    running = Running(store, days=10)
    assert await running.memory.recall(KNOWN) is None, "also before the row is removed"
    assert await running.memory.recall(OTHER) == RUSSIAN
    with capture_logs() as logs:
        async with running:
            await eventually(lambda: KNOWN not in store.callers)
    assert list(store.callers) == [OTHER]
    assert logs[0]["callers"] == 1


async def test_it_is_looked_for_the_forgotten_again_and_again() -> None:
    store = Store()
    async with Running(store, days=10, clean_every=0.001) as running:
        await asyncio.sleep(0)
        store.callers[KNOWN] = RUSSIAN, START - timedelta(days=11)
        await eventually(lambda: not store.callers)
        running.memory.note(OTHER, SLOWLY)
        await eventually(lambda: OTHER in store.callers)


@pytest.mark.parametrize(("days", "left"), [(0, set()), (10**9, {KNOWN})])
async def test_never_and_for_ever(days: int, left: set[str]) -> None:
    store = Store()
    store.callers[KNOWN] = RUSSIAN, START - timedelta(days=900)
    with capture_logs() as logs:
        async with Running(store, days=days) as running:
            await eventually(lambda: logs)
            running.memory.note(OTHER, SLOWLY)
            expected = SLOWLY if days else None
            assert await running.memory.recall(OTHER) == expected
            assert await running.memory.recall(KNOWN) == (RUSSIAN if days else None)
    assert store.callers.keys() - {OTHER} == left


async def test_while_the_database_is_away_nothing_is_lost() -> None:
    store = Store()
    store.away = True
    with capture_logs() as logs:
        async with Running(store, retry=0.001) as running:
            running.memory.note(KNOWN, RUSSIAN)
            await eventually(lambda: store.saves >= 2)
            assert await running.memory.recall(KNOWN) == RUSSIAN
            store.away = False
            await eventually(lambda: KNOWN in store.callers)
    assert KNOWN not in str(logs)
    assert logs[0]["reason"] == "ConnectionError"


async def test_what_is_said_while_it_is_written_is_written_next() -> None:
    store = Store()
    store.writing = asyncio.Event()
    async with Running(store) as running:
        running.memory.note(KNOWN, RUSSIAN)
        await eventually(lambda: store.saves == 1)
        running.memory.note(KNOWN, SLOWLY)
        store.writing.set()
        await eventually(lambda: store.callers.get(KNOWN) == (SLOWLY, START))


async def test_a_long_absence_of_the_database_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 2)
    store = Store()
    running = Running(store)
    for place in range(4):
        running.memory.note(f"+99890000000{place}", RUSSIAN)
        running.memory.note(KNOWN, SLOWLY)
    async with running:
        await eventually(lambda: store.callers)
    assert list(store.callers) == ["+998900000003", KNOWN], "the latest are kept"
