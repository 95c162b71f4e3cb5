"""What callers are told, from joining the queue to the next announcement, on a moved clock."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ccops.domain.ledger import Talk
from ccops.domain.live_events import AnnouncementStarted, CallerLeft, OperatorCompleted
from tests.unit.announce_world import T0, World, at, caller
from tests.unit.hotline_sample import hotline


@pytest.fixture
def world() -> World:
    world = World()
    world.operator()
    for _ in range(200):
        world.source.tell(OperatorCompleted("support", "101", T0, talk=50))
        world.store.talks.append(Talk("support", "uz", T0, 50.0))
    return world


def minutes(variant: str) -> int:
    return int(variant.split("_")[2].removeprefix("m"))


async def test_position_and_wait_are_told_in_the_callers_language(world: World) -> None:
    world.joins(caller("a", 1))
    world.joins(replace(caller("b", 2), language="ru"))
    world.joins(replace(caller("c", 3), language=""))
    told = await world.tick(0)
    assert told.keys() == {"a", "b"}
    assert told["a"].startswith("uz_p1_m")
    assert told["a"].endswith("_free")
    assert told["b"].startswith("ru_p2_m")
    assert minutes(told["b"]) > minutes(told["a"])
    world.source.tell(CallerLeft("support", "a", at(1)))
    assert (await world.tick(1))["b"].startswith("ru_p1_m")
    world.hears("b", 3)
    await world.tick(4)
    world.joins(caller("vip", 1, joined=5))
    assert (await world.tick(5)).keys() == {"vip"}
    assert (await world.tick(59))["b"].startswith("ru_p2_m")


async def test_who_wants_slow_speech_gets_it(world: World) -> None:
    world.joins(replace(caller("a", 2), slow=True))
    assert (await world.tick(0))["a"].endswith("_free_slow")


async def test_without_operators_that_is_told_and_no_time(world: World) -> None:
    world.operator(paused=True)
    world.joins(caller("a"))
    assert await world.tick(0) == {"a": "uz_p1_x_free"}


async def test_a_queue_of_one_language_is_told_as_its_own() -> None:
    split = World(
        hotline(**{"101": {"name": "Aziza", "queues": ["support"], "languages": ["ru"]}}),
    )
    split.operator("support_ru")
    split.joins(replace(caller("a", queue="support_ru"), language="ru"))
    split.joins(caller("b", queue="support_uz"))
    told = await split.tick(0)
    assert told["a"].startswith("ru_p1_m")
    assert told["b"] == "uz_p1_x_free"


async def test_after_a_return_the_time_is_not_told_twice_a_minute(world: World) -> None:
    """KZ 12.1: at intervals of not less than one minute."""
    world.joins(caller("a", 2))
    await world.tick(0)
    world.hears("a", 3)
    await world.tick(4)
    world.answered("a", 20)
    world.joins(caller("a", 1, joined=25))  # the operator's telephone failed
    assert await world.tick(25) == {"a": "uz_p1"}
    world.hears("a", 28)
    assert await world.tick(29) == {}
    assert (await world.tick(84))["a"].startswith("uz_p1_m")


async def test_the_music_that_an_answer_ends_has_told_nothing(world: World) -> None:
    """An operator rings when the announcement is due, and answers: the music stops for that."""
    world.joins(caller("a", 1))
    await world.tick(0)
    world.answered("a", 12)
    world.joins(caller("a", 1, joined=30))
    assert (await world.tick(30))["a"].startswith("uz_p1_m")


async def test_what_was_heard_is_kept_to(world: World) -> None:
    """What is left of the promised time is told, as long as nothing speaks against it."""
    for call, place in (("x", 1), ("a", 2)):
        world.joins(caller(call, place))
    for heard in (3, 63):
        await world.until(heard - 3, heard - 1)
        world.hears("a", heard)
        await world.tick(heard + 1)
    first, second = (await world.kept(65))["a"]
    assert first.bound is not None
    assert second.promised == pytest.approx(first.bound - 60, abs=1.5)


async def test_the_price_is_that_of_the_dialled_line(world: World) -> None:
    lines = dict(world.hotline.lines)
    lines["1001"] = lines["1000"].model_copy(update={"wait_is_paid": True})
    world.hotline = world.hotline.model_copy(update={"lines": lines})
    world.channels.lines = {"PJSIP/trunk-a": "1001", "PJSIP/trunk-b": "1000"}
    for place, call in enumerate("abc", start=1):
        world.joins(caller(call, place))
    told = await world.tick(0)
    assert told["a"].endswith("_paid")
    assert told["b"].endswith("_free")
    assert told["c"].rpartition("_")[2].startswith("m")
    await world.tick(1)
    assert len(world.channels.asked) == 3


async def test_a_caller_who_has_gone_holds_up_nobody(world: World) -> None:
    world.joins(caller("a", 1))
    world.joins(caller("b", 2))
    world.channels.gone = {"PJSIP/trunk-a"}
    assert (await world.tick(0)).keys() == {"b"}
    assert (world.service.changed, world.service.failed) == (1, 1)


async def test_what_asterisk_did_not_answer_is_set_later(world: World) -> None:
    world.joins(caller("a"))
    world.channels.away = True
    assert await world.tick(0) == {}
    assert world.service.failed == 1
    world.channels.away = False
    world.source.connected = False
    assert await world.tick(1) == {}
    world.source.connected = True
    assert (await world.tick(2)).keys() == {"a"}


async def test_a_queue_that_is_configured_no_more_announces_nothing(world: World) -> None:
    world.joins(caller("a", queue="closed"))
    assert await world.tick(0) == {}


async def test_music_of_somebody_who_does_not_wait_means_nothing(world: World) -> None:
    world.source.tell(AnnouncementStarted("stranger", at(3)))
    await world.tick(5)
    assert await world.kept(5) == {}


async def test_whoever_joins_is_looked_at_immediately(world: World) -> None:
    async def joins() -> None:
        world.joins(caller("a"))
        async with asyncio.timeout(0.5):
            await world.channels.set.wait()
        run.cancel()

    async with asyncio.TaskGroup() as group:
        run = group.create_task(world.service.run())
        group.create_task(joins())
    assert world.channels.languages.keys() == {"PJSIP/trunk-a"}


async def test_ccops_restarted_between_two_announcements(world: World) -> None:
    """The next ones come when they would have, and say what they would have said."""
    callers = [caller(call, place) for place, call in enumerate("xya", start=1)]
    for one in callers:
        world.joins(one)
    await world.tick(0)
    for one in callers:
        world.hears(one.call, 3)
    await world.tick(5)
    await world.kept(6)

    again = World(store=world.store)
    again.clock.time = at(20)
    await again.ledger.load()
    await again.connects(20, *(replace(one, joined_at=at(1)) for one in callers))
    assert await again.tick(20) == {}
    told = await again.tick(60)
    await world.tick(60)
    assert told == {
        channel.rpartition("-")[2]: language
        for channel, language in world.channels.languages.items()
    }


async def test_what_was_promised_before_a_restart_binds(world: World) -> None:
    for call, place in (("x", 1), ("a", 2)):
        world.joins(caller(call, place))
    await world.tick(2)
    world.hears("a", 3)
    await world.tick(5)
    (first,) = (await world.kept(6))["a"]

    again = World(store=world.store)
    again.clock.time = at(20)
    await again.ledger.load()
    await again.connects(20, caller("x", 1), caller("a", 2))
    await again.until(20, 62)
    again.hears("a", 63)
    await again.tick(65)
    second = (await again.kept(66))["a"][-1]
    assert first.bound is not None
    assert second.promised == pytest.approx(first.bound - 60, abs=1.5)


async def test_ccops_restarted_during_a_return(world: World) -> None:
    world.joins(caller("a", 4))
    await world.tick(0)
    world.hears("a", 3)
    await world.tick(5)
    await world.kept(6)

    again = World(store=world.store)
    again.clock.time = at(30)
    await again.ledger.load()
    await again.connects(30, caller("a", 1, joined=29))
    assert await again.tick(30) == {"a": "uz_p1"}
