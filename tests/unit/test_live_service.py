"""The live picture kept up to date by a source that tells events and the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ccops.domain.live import Waiting
from ccops.domain.live_events import CallerJoined, CallerLeft, LiveEvent, Resync, Roster
from ccops.services.live import LiveService, roster_of
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Source:
    def __init__(self) -> None:
        self.connected = True
        self.truth = Resync((), (), T0)
        self.tell: Callable[[LiveEvent], None] = lambda _: None

    def subscribe(self, handler: Callable[[LiveEvent], None]) -> Callable[[], None]:
        self.tell = handler
        return lambda: None

    async def picture(self) -> Resync:
        return self.truth


def caller(call: str, position: int = 1) -> Waiting:
    return Waiting(call, "PJSIP/trunk-1", "support", "", "uz", T0, position)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def live(source: Source) -> LiveService:
    return LiveService(
        source, ManualClock(), Roster({"support": 10}, {"101": "A"}), lambda: {"101": 4}
    )


def waiting(live: LiveService) -> list[str]:
    return [c.call for c in live.snapshot().queues[0].waiting]


async def test_events_and_the_truth_make_the_picture(live: LiveService, source: Source) -> None:
    source.tell(CallerJoined(caller("old")))
    assert waiting(live) == ["old"]
    source.truth = Resync((), (caller("a", 1), caller("b", 2)), T0)
    await live.resync()
    source.tell(CallerLeft("support", "a", T0))
    assert waiting(live) == ["b"]
    assert live.snapshot().operators[0].calls_today == 4
    assert live.snapshot().link_up
    source.connected = False
    assert not live.snapshot().link_up


async def test_many_changes_wake_a_reader_once_and_each_reader(
    live: LiveService, source: Source
) -> None:
    readers = [live.changes(), live.changes()]

    async def tell() -> None:
        source.tell(CallerJoined(caller("a")))
        source.tell(CallerJoined(caller("b")))

    await asyncio.gather(anext(readers[0]), anext(readers[1]), tell())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await anext(readers[0])
    live.configure(Roster({"tax": 0}, {}))
    async with asyncio.timeout(1):
        await anext(readers[1])
    assert [q.name for q in live.snapshot().queues] == ["tax", "support"]
    await readers[1].aclose()


async def test_a_listener_that_fails_harms_nobody(live: LiveService, source: Source) -> None:
    seen: list[LiveEvent] = []

    def fails(_: LiveEvent) -> None:
        raise RuntimeError("boom")

    live.listen(fails)
    live.listen(seen.append)
    source.tell(CallerJoined(caller("a")))
    assert waiting(live) == ["a"]
    assert len(seen) == 1


async def test_a_picture_that_cannot_be_read_leaves_the_old_one(
    live: LiveService, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.tell(CallerJoined(caller("a")))

    async def lost() -> Resync:
        raise ConnectionError

    monkeypatch.setattr(source, "picture", lost)
    with pytest.raises(ConnectionError):
        await live.resync()
    source.tell(CallerJoined(caller("b", 2)))
    assert waiting(live) == ["a", "b"]


def test_the_roster_follows_the_configuration() -> None:
    roster = roster_of(hotline())
    assert list(roster.wrap_up.items()) == [("support", 10), ("tax", 10)]
    assert list(roster.names.items()) == [("101", "Aziza"), ("102", "Bobur")]


def test_where_operators_differ_the_roster_has_a_queue_per_language() -> None:
    vera = {"name": "Vera", "queues": ["tax"], "languages": ["ru"]}
    roster = roster_of(hotline(**{"101": vera}))
    assert list(roster.wrap_up) == ["support", "tax_uz", "tax_ru"]
