"""Which announcement is set when: the plan, and the service on a moved clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.announce import AnnouncementPlan, Change, Timing
from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    AnnouncementStarted,
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    OperatorCompleted,
    Resync,
    Roster,
)
from ccops.errors import CcopsError
from ccops.services.announcements import AnnouncementService
from ccops.services.live import LiveService
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TIMINGS = {"support": Timing(first=3, every=60)}


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def caller(call: str, position: int = 1, joined: float = 0, queue: str = "support") -> Waiting:
    return Waiting(call, f"PJSIP/trunk-{call}", queue, "", "uz", at(joined), position)


def variant_of(waiting: Waiting) -> str:
    return f"uz_p{waiting.position}"


class Plan:
    """Feeds a plan with callers, and carries out what it asks for."""

    def __init__(self) -> None:
        self.plan = AnnouncementPlan()

    def at(self, seconds: float, *waiting: Waiting) -> list[tuple[str, str]]:
        changes = self.plan.due(waiting, TIMINGS, variant_of, at(seconds))
        for change in changes:
            self.plan.done(change)
        return [(change.call, change.variant) for change in changes]


@pytest.fixture
def plan() -> Plan:
    return Plan()


def test_a_minute_of_a_caller(plan: Plan) -> None:
    assert plan.at(0, caller("a", 5)) == [("a", "uz_p5")]
    assert plan.at(2, caller("a", 5)) == []
    assert plan.at(2.5, caller("a", 4)) == [("a", "uz_p4")]
    plan.plan.started("a", at(3))
    assert plan.at(4, caller("a", 3)) == []  # nothing for a minute, whatever moves
    assert plan.at(58, caller("a", 2)) == []
    assert plan.at(59, caller("a", 2)) == [("a", "uz_p2")]
    assert plan.at(63, caller("a", 1)) == [("a", "uz_p1")]
    plan.plan.started("a", at(63))
    assert plan.at(64, caller("a", 1)) == []


def test_an_announcement_held_up_by_a_ring_is_kept_right_until_it_comes(plan: Plan) -> None:
    plan.at(0, caller("a", 2))
    plan.plan.started("a", at(3))
    assert plan.at(60, caller("a", 2)) == []
    assert plan.at(75, caller("a", 1)) == [("a", "uz_p1")]  # should have come at 63
    plan.plan.started("a", at(80))
    assert plan.at(123, caller("a", 3)) == []
    assert plan.at(136, caller("a", 3)) == [("a", "uz_p3")]


def test_music_that_stops_long_before_its_time_is_no_announcement(plan: Plan) -> None:
    plan.at(0, caller("a"))
    plan.plan.started("a", at(3))
    plan.plan.started("a", at(30))
    plan.plan.started("stranger", at(30))
    assert plan.at(59, caller("a", 2)) == [("a", "uz_p2")]


def test_callers_found_waiting_are_kept_right_until_they_are_heard(plan: Plan) -> None:
    assert plan.at(1000, caller("a", 4, joined=100)) == [("a", "uz_p4")]
    assert plan.at(1030, caller("a", 3, joined=100)) == [("a", "uz_p3")]
    plan.plan.started("a", at(1031))
    assert plan.at(1032, caller("a", 2, joined=100)) == []


def test_a_return_to_the_queue_begins_anew(plan: Plan) -> None:
    plan.at(0, caller("a", 4))
    plan.plan.started("a", at(3))
    assert plan.at(20) == []
    assert plan.at(30, caller("a", 4, joined=30)) == [("a", "uz_p4")]
    plan.plan.started("a", at(33))
    assert plan.at(40, caller("a", 4, joined=39)) == [("a", "uz_p4")]


def test_a_change_is_asked_for_until_it_is_done() -> None:
    plan = AnnouncementPlan()
    change = Change("a", "PJSIP/trunk-a", "uz_p1")
    for _ in range(2):
        assert plan.due([caller("a")], TIMINGS, variant_of, T0) == [change]
    plan.done(change)
    plan.done(replace(change, call="gone"))
    assert plan.due([caller("a")], TIMINGS, variant_of, T0) == []


def test_other_queues_announce_nothing(plan: Plan) -> None:
    assert plan.at(0, caller("a", queue="tax")) == []


def test_a_departure_ahead_of_300_costs_few_commands(plan: Plan) -> None:
    """Three hundred who joined over five minutes; the head leaves each second."""
    queue = [caller(f"c{n}", joined=float(n)) for n in range(300)]
    for waiting in queue:
        plan.at(310, waiting)

    def positions(callers: Iterable[Waiting]) -> list[Waiting]:
        return [replace(c, position=place) for place, c in enumerate(callers, start=1)]

    plan.at(310, *positions(queue))
    for n, waiting in enumerate(queue):
        plan.plan.started(waiting.call, at(311 + n % 60))
    costs = []
    for second in range(312 + 60, 312 + 120):
        queue.pop(0)
        costs.append(len(plan.at(second, *positions(queue))))
        for waiting in queue:
            if (second - 311) % 60 == int(waiting.call[1:]) % 60:
                plan.plan.started(waiting.call, at(second))
    assert 0 < max(costs) <= 6 * 5  # five callers are due each second, for the lead of four


class Source:
    connected = True

    def subscribe(self, handler: Callable[[LiveEvent], None]) -> Callable[[], None]:
        self.tell = handler
        return lambda: None

    async def picture(self) -> Resync:
        return Resync((), (), T0)


class Lost(CcopsError):  # noqa: N818
    code = "lost"


class Channels:
    def __init__(self) -> None:
        self.languages: dict[str, str] = {}
        self.lines: dict[str, str] = {}
        self.asked: list[str] = []
        self.gone: set[str] = set()
        self.away = False
        self.set = asyncio.Event()

    async def set_language(self, channel: str, language: str) -> bool:
        if self.away:
            raise Lost("no link")
        if channel in self.gone:
            return False
        self.languages[channel] = language
        self.set.set()
        return True

    async def line(self, channel: str) -> str:
        self.asked.append(channel)
        return self.lines.get(channel, "")


class World:
    def __init__(self) -> None:
        self.clock, self.source, self.channels = ManualClock(), Source(), Channels()
        self.hotline = hotline()
        self.live = LiveService(self.source, self.clock, Roster({"support": 10}, {}))
        self.service = AnnouncementService(
            self.live, self.channels, self.clock, lambda: self.hotline
        )
        self.source.tell(
            MemberChanged(Member("support", "101", Device.FREE, False, "", False, None), T0)
        )
        for _ in range(3):
            self.source.tell(OperatorCompleted("support", "101", T0, talk=50))

    async def tick(self, seconds: float) -> dict[str, str]:
        """What is set anew by the tick at this second, by call."""
        self.clock.time = at(seconds)
        before = dict(self.channels.languages)
        await self.service.tick()
        return {
            channel.rpartition("-")[2]: language
            for channel, language in self.channels.languages.items()
            if before.get(channel) != language
        }


@pytest.fixture
def world() -> World:
    return World()


async def test_position_and_wait_are_told_in_the_callers_language(world: World) -> None:
    world.source.tell(CallerJoined(caller("a", 1)))
    world.source.tell(CallerJoined(replace(caller("b", 2), language="ru")))
    world.source.tell(CallerJoined(replace(caller("c", 3), language="")))
    assert await world.tick(0) == {"a": "uz_p1_m1_free", "b": "ru_p2_m2_free"}
    world.source.tell(CallerLeft("support", "a", at(1)))
    assert await world.tick(1) == {"b": "ru_p1_m1_free"}
    world.source.tell(AnnouncementStarted("b", at(3)))
    world.source.tell(CallerJoined(caller("vip", 1, joined=5)))
    assert await world.tick(5) == {"vip": "uz_p1_m1_free"}
    assert await world.tick(59) == {"b": "ru_p2_m2_free"}
    assert world.service.changed == 5


async def test_without_operators_only_the_position_is_told(world: World) -> None:
    paused = Member("support", "101", Device.FREE, True, "lunch", False, None)
    world.source.tell(MemberChanged(paused, T0))
    world.source.tell(CallerJoined(caller("a")))
    assert await world.tick(0) == {"a": "uz_p1_free"}


async def test_the_price_is_that_of_the_dialled_line(world: World) -> None:
    lines = dict(world.hotline.lines)
    lines["1001"] = lines["1000"].model_copy(update={"wait_is_paid": True})
    world.hotline = world.hotline.model_copy(update={"lines": lines})
    world.channels.lines = {"PJSIP/trunk-a": "1001", "PJSIP/trunk-b": "1000"}
    for place, call in enumerate("abc", start=1):
        world.source.tell(CallerJoined(caller(call, place)))
    assert await world.tick(0) == {"a": "uz_p1_m1_paid", "b": "uz_p2_m2_free", "c": "uz_p3_m3"}
    await world.tick(1)
    assert len(world.channels.asked) == 3


async def test_a_caller_who_has_gone_holds_up_nobody(world: World) -> None:
    world.source.tell(CallerJoined(caller("a", 1)))
    world.source.tell(CallerJoined(caller("b", 2)))
    world.channels.gone = {"PJSIP/trunk-a"}
    assert await world.tick(0) == {"b": "uz_p2_m2_free"}
    assert (world.service.changed, world.service.failed) == (1, 1)


async def test_what_asterisk_did_not_answer_is_set_later(world: World) -> None:
    world.source.tell(CallerJoined(caller("a")))
    world.channels.away = True
    assert await world.tick(0) == {}
    assert world.service.failed == 1
    world.channels.away = False
    world.source.connected = False
    assert await world.tick(1) == {}
    world.source.connected = True
    assert await world.tick(2) == {"a": "uz_p1_m1_free"}


async def test_whoever_joins_is_looked_at_immediately(world: World) -> None:
    async def joins() -> None:
        world.source.tell(CallerJoined(caller("a")))
        async with asyncio.timeout(0.5):
            await world.channels.set.wait()
        run.cancel()

    async with asyncio.TaskGroup() as group:
        run = group.create_task(world.service.run())
        group.create_task(joins())
    assert world.channels.languages == {"PJSIP/trunk-a": "uz_p1_m1_free"}
