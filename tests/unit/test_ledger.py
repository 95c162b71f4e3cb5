"""The ledger: what an announcement was worth, and how it learns what became of a caller."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccops.domain.ledger import Announcement, Ending, Result, Summary, Tally
from ccops.domain.live_events import CallerLeft, Device, OperatorConnected
from ccops.domain.records import AnnouncementFate
from ccops.services import ledger as service
from tests.unit.announce_world import Store, World, at, caller

ANSWERED, LEFT = AnnouncementFate.ANSWERED, AnnouncementFate.LEFT
WAITING, UNKNOWN = AnnouncementFate.WAITING, AnnouncementFate.UNKNOWN


def announcement(call: str = "a", seconds: float = 3, **values: Any) -> Announcement:
    return Announcement(
        **{
            "call": call,
            "queue": "support",
            "language": "uz",
            "at": at(seconds),
            "waited": 3.0,
            "position": 2,
            "operators": 1.0,
            "expected": 100.0,
            "promised": 170.0,
            "spoken": 3,
            "variant": "uz_p2_m3_free",
            **values,
        }
    )


# -- definitions


@pytest.mark.parametrize(
    ("spoken", "actual", "result"),
    [
        (0, 60.0, Result.KEPT),
        (0, 60.1, Result.LATE),
        (1, 60.0, Result.KEPT),
        (3, 180.0, Result.KEPT),
        (3, 181.0, Result.LATE),
        (3, 240.0, Result.LATE),
        (3, 240.1, Result.LATE_OVER_60),
        (99, 9000.0, Result.OPEN_ENDED),
        (99, 1.0, Result.OPEN_ENDED),
        (None, 10.0, Result.NO_TIME),
    ],
)
def test_what_a_promise_was_worth(spoken: int | None, actual: float, result: Result) -> None:
    one = announcement(spoken=spoken).answered(at(3 + actual))
    assert one.result is result
    assert one.actual == pytest.approx(actual)


def test_pending_until_it_is_known() -> None:
    assert announcement().result is None
    assert announcement(spoken=None).result is None


def test_who_left_is_judged_by_the_wait_that_would_have_been() -> None:
    left = announcement().left(at(53))
    assert (left.result, left.error) == (Result.UNKNOWN, None)
    left = left.would_have_been_answered(at(123))
    assert (left.result, left.happened, left.actual, left.error) == (Result.KEPT, 50, 120, 20)


def test_who_left_after_the_promise_had_passed_was_late_in_any_case() -> None:
    assert announcement(spoken=1).left(at(3 + 100)).result is Result.LATE
    assert announcement(spoken=1).left(at(3 + 130)).result is Result.LATE_OVER_60
    assert announcement(spoken=1).left(at(3 + 130)).error is None


def test_nobody_saw_the_end() -> None:
    assert announcement().lost_sight_of().result is Result.UNKNOWN
    assert announcement(spoken=None).lost_sight_of().result is Result.NO_TIME


def test_shares_are_of_the_judged() -> None:
    tally = Tally()
    assert (tally.share(0), tally.mean_error, tally.rmse) == (None, None, None)
    for one in (
        announcement().answered(at(3 + 90)),
        announcement().answered(at(3 + 130)),
        announcement().answered(at(3 + 200)),
        announcement().left(at(10)).would_have_been_answered(at(3 + 300)),
        announcement().left(at(10)),
        announcement(spoken=None, expected=None).answered(at(10)),
        announcement(spoken=99, expected=2000.0).answered(at(3 + 2100)),
        announcement(),
    ):
        tally.add(one)
    assert tally.announcements == 8
    assert tally.results == {
        Result.KEPT: 2,
        Result.LATE: 1,
        Result.LATE_OVER_60: 1,
        Result.OPEN_ENDED: 1,
        Result.NO_TIME: 1,
        Result.UNKNOWN: 1,
    }
    assert (tally.judged, tally.late, tally.pending) == (4, 2, 1)
    assert tally.share(tally.results[Result.KEPT]) == 0.5
    assert tally.errors == 5
    assert tally.mean_error == pytest.approx((-10 + 30 + 100 + 200 + 100) / 5)
    assert tally.rmse == pytest.approx(((100 + 900 + 10000 + 40000 + 10000) / 5) ** 0.5)


def test_a_summary_by_queue_step_and_hour() -> None:
    summary = Summary(ZoneInfo("Asia/Tashkent"))
    summary.add(
        [
            announcement().answered(at(60)),
            announcement(seconds=63, spoken=1).answered(at(200)),
            announcement("b", 3700, queue="tax", spoken=None).left(at(3800)),
        ]
    )
    assert summary.total.all.announcements == 3
    assert summary.total.left.announcements == 1
    assert {name: one.all.announcements for name, one in summary.queues.items()} == {
        "support": 2,
        "tax": 1,
    }
    assert summary.steps.keys() == {3, 1, None}
    assert summary.hours.keys() == {14, 15}  # 09:00 UTC


# -- keeping it


@pytest.fixture
def world() -> World:
    world = World()
    world.operator()
    return world


async def told(world: World, call: str, seconds: float = 0, position: int = 1) -> None:
    """The caller joins, and hears the first announcement."""
    world.joins(caller(call, position, joined=seconds))
    await world.tick(seconds)
    world.hears(call, seconds + 3)
    await world.tick(seconds + 5)


async def test_every_announcement_of_a_caller_who_is_answered(world: World) -> None:
    await told(world, "a")
    await world.tick(60)
    world.hears("a", 63)
    await world.tick(65)
    (pending, _) = (await world.kept(65))["a"]
    assert (pending.fate, pending.actual) == (WAITING, None)
    assert (pending.queue, pending.language, pending.at) == ("support", "uz", at(3))
    assert (pending.waited, pending.position, pending.operators) == (3, 1, 1)
    assert pending.expected is not None
    assert pending.promised is not None
    assert pending.promised > pending.expected
    assert pending.variant == f"uz_p1_m{pending.spoken}_free"
    world.answered("a", 75.5)
    first, second = (await world.kept(76))["a"]
    assert (first.fate, first.happened, first.actual) == (ANSWERED, 72.5, 72.5)
    assert (second.fate, second.waited, second.actual) == (ANSWERED, 63, 12.5)
    assert len(world.counts.results) == 2
    queue, result, error = world.counts.results[0]
    assert (queue, result) == ("support", "kept")
    assert error == pytest.approx(72.5 - (first.expected or 0))


async def test_the_music_that_an_answer_ends_is_no_announcement(world: World) -> None:
    """The operator rang when the announcement was due: the music stops for the answer."""
    await told(world, "a")
    await world.until(58, 68)
    world.answered("a", 68)
    assert [one.at for one in (await world.kept(70))["a"]] == [at(3)]


async def test_an_announcement_after_a_ring_comes_later(world: World) -> None:
    await told(world, "a")
    world.operator(device=Device.RINGING, seconds=58)
    await world.until(58, 80)
    world.operator(device=Device.FREE, seconds=80)
    world.hears("a", 80)
    await world.tick(82)
    world.answered("a", 90)
    first, second = (await world.kept(91))["a"]
    assert (first.actual, second.waited, second.actual) == (87, 80, 10)


async def test_who_hangs_up_during_the_announcement_has_heard_it(world: World) -> None:
    world.joins(caller("a"))
    await world.tick(0)
    world.hears("a", 3)
    world.hangs_up("a", 5)
    await world.tick(20)
    (one,) = (await world.kept(20))["a"]
    assert (one.fate, one.happened) == (LEFT, 2)


async def test_the_wait_that_would_have_been(world: World) -> None:
    """The operator takes whoever came after: so long would the one who left have waited."""
    await told(world, "a")
    await told(world, "b", 10, position=2)
    world.hangs_up("a", 40)
    (one,) = (await world.kept(51))["a"]
    assert (one.fate, one.happened, one.actual, one.result) == (LEFT, 37, None, Result.UNKNOWN)
    assert world.counts.results == []
    world.answered("b", 93)
    kept = await world.kept(94)
    assert [(one.fate, one.happened, one.actual) for one in kept["a"]] == [(LEFT, 37, 90)]
    assert [(one.fate, one.actual) for one in kept["b"]] == [(ANSWERED, 80)]
    assert len(world.counts.results) == 2


async def test_an_operator_free_for_nobody_would_have_taken_the_one_who_left(world: World) -> None:
    await told(world, "a")
    world.hangs_up("a", 40)
    world.operator(device=Device.FREE, seconds=70)
    await world.tick(70)
    (one,) = (await world.kept(71))["a"]
    assert (one.fate, one.happened, one.actual) == (LEFT, 37, 67)


async def test_key_one_in_the_queue_is_leaving_too(world: World) -> None:
    """It is told like an answer, of which no operator knows."""
    await told(world, "a")
    world.presses_one("a", 30)
    (one,) = (await world.kept(32))["a"]
    assert one.fate is WAITING
    (one,) = (await world.kept(41))["a"]
    assert (one.fate, one.happened, one.actual) == (LEFT, 27, None)


async def test_back_in_the_queue_the_same_wait_goes_on(world: World) -> None:
    """Pressed 1 by mistake, then star."""
    await told(world, "a")
    world.presses_one("a", 30)
    await world.kept(41)
    world.joins(caller("a", joined=50))
    (one,) = (await world.kept(51))["a"]
    assert (one.fate, one.happened) == (WAITING, None)
    await world.tick(51)
    world.hears("a", 53)
    await world.tick(55)
    world.answered("a", 70)
    first, second = (await world.kept(71))["a"]
    assert (first.actual, second.actual, second.spoken) == (67, 17, None)
    assert second.variant == "uz_p1"


async def test_in_a_queue_that_got_one_for_each_language_the_same_wait_goes_on(
    world: World,
) -> None:
    """Moved by a new configuration; in the other queue of hotline.yaml nobody goes on waiting."""
    await told(world, "a")
    world.presses_one("a", 30)
    world.joins(caller("a", joined=31, queue="support_uz"))
    world.answered("a", 70, "support_uz")
    (one,) = (await world.kept(71))["a"]
    assert (one.fate, one.actual) == (ANSWERED, 67)

    await told(world, "b")
    world.presses_one("b", 30)
    world.joins(caller("b", joined=31, queue="tax"))
    world.answered("b", 70, "tax")
    (one,) = (await world.kept(71))["b"]
    assert (one.fate, one.happened) == (LEFT, 27)


async def test_after_the_operator_hung_up_a_new_wait_begins(world: World) -> None:
    await told(world, "a")
    world.answered("a", 23)
    await told(world, "a", 100)
    world.answered("a", 110)
    assert [one.actual for one in (await world.kept(111))["a"]] == [20, 7]


async def test_without_operators_no_time_is_told_and_that_is_kept_too(world: World) -> None:
    world.operator(paused=True)
    await told(world, "a")
    world.operator()
    world.answered("a", 33)
    (one,) = (await world.kept(34))["a"]
    assert (one.spoken, one.expected, one.promised, one.actual) == (None, None, None, 30)
    assert world.counts.results == [("support", "no_time", None)]


async def test_a_turn_that_never_comes(world: World) -> None:
    await told(world, "a")
    world.hangs_up("a", 40)
    await world.kept(41 + 3600)
    await world.kept(43 + 3600)
    assert [result for _, result, _ in world.counts.results] == ["unknown"]


# -- restarts, gaps, and a database that is away


async def restarted(world: World, seconds: float, *waiting: str) -> World:
    again = World(store=world.store)
    again.clock.time = at(seconds)
    await again.ledger.load()
    await again.connects(seconds, *(caller(call, joined=1) for call in waiting))
    return again


async def test_who_still_waits_after_a_restart(world: World) -> None:
    await told(world, "a")
    await world.kept(6)
    again = await restarted(world, 20, "a")
    again.answered("a", 83)
    (one,) = (await again.kept(84))["a"]
    assert (one.fate, one.actual) == (ANSWERED, 80)


async def test_the_database_comes_after_asterisk(world: World) -> None:
    await told(world, "a")
    await world.kept(6)
    again = World(store=world.store)
    await again.connects(20, caller("a", joined=1))
    await again.ledger.load()
    again.hangs_up("a", 43)
    (one,) = (await again.kept(60))["a"]
    assert (one.fate, one.happened) == (LEFT, 40)


@pytest.mark.parametrize(
    ("ending", "fate", "happened", "actual"),
    [
        (Ending("a", "support", at(0), at(83), answered=True), ANSWERED, 80, 80),
        (Ending("a", "support", at(0), at(83), answered=False), LEFT, 80, None),
        (Ending("a", "support", at(0), at(1.5), answered=True), ANSWERED, 0, 0),
        (Ending("a", "support", at(-90), at(-60), answered=True), UNKNOWN, None, None),
        (Ending("a", "tax", at(0), at(83), answered=True), UNKNOWN, None, None),
    ],
)
async def test_who_was_gone_is_looked_up_in_the_records(
    world: World, ending: Ending, fate: AnnouncementFate, happened: float, actual: float
) -> None:
    await told(world, "a")
    await world.kept(6)
    again = await restarted(world, 100)
    (one,) = (await again.kept(102))["a"]
    assert one.fate is WAITING
    world.store.ended = [ending]
    await again.kept(120)
    (one,) = (await again.kept(100 + 620))["a"]
    assert (one.fate, one.happened, one.actual) == (fate, happened, actual)
    assert len(again.counts.results) == 1


async def test_who_left_while_the_link_was_down(world: World) -> None:
    await told(world, "a")
    await told(world, "b", 10)
    await world.connects(60, caller("b", joined=10.8))
    world.store.ended = [Ending("a", "support", at(0), at(33), answered=True)]
    world.answered("b", 63)
    kept = await world.kept(64)
    assert [(one.fate, one.actual) for one in kept["a"]] == [(ANSWERED, 30)]
    assert [(one.fate, one.actual) for one in kept["b"]] == [(ANSWERED, 50)]


async def test_who_left_and_came_back_while_the_link_was_down(world: World) -> None:
    await told(world, "a")
    await world.connects(60, caller("a", joined=50))
    world.store.ended = [Ending("a", "support", at(0), at(33), answered=True)]
    world.answered("a", 63)
    assert [one.actual for one in (await world.kept(64))["a"]] == [30]


async def test_whose_turn_was_missed_is_known_to_have_left(world: World) -> None:
    await told(world, "a")
    world.hangs_up("a", 20)
    await world.kept(35)
    await world.connects(60)
    (one,) = (await world.kept(61))["a"]
    assert (one.fate, one.actual) == (LEFT, None)
    assert len(world.counts.results) == 1


async def test_nothing_is_lost_while_the_database_is_away(world: World) -> None:
    await told(world, "a")
    await world.kept(6)
    world.store.away = True
    await told(world, "b", 20)
    with pytest.raises(OSError, match="away"):
        await world.ledger.flush()
    world.answered("a", 33)
    world.store.away = False
    kept = await world.kept(34)
    assert kept["a"][0].fate is ANSWERED
    assert kept["b"][0].fate is WAITING
    assert world.store.batches == [1, 2]
    await world.kept(35)
    assert world.store.batches == [1, 2]


async def test_what_cannot_be_held_back_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "HELD_BACK", 2)
    for second, call in ((0, "a"), (10, "b"), (20, "c")):
        await told(world, call, second)
    world.answered("c", 28)
    assert (await world.kept(30)).keys() == {"b", "c"}
    assert world.counts.lost == 1


async def test_what_changes_while_it_is_written_is_written_again(world: World) -> None:
    class Slow(Store):
        async def save(self, batch: object) -> None:
            await super().save(batch)  # type: ignore[arg-type]
            if len(self.batches) == 1:
                world.answered("a", 33)

    slow = Slow()
    world = World(store=slow)
    world.operator()
    await told(world, "a")
    await world.kept(6)
    (one,) = (await world.kept(34))["a"]
    assert one.fate is ANSWERED


async def test_the_background_task_writes_and_outlives_an_absent_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WRITE_EVERY", 0.001)
    world.store.away = True
    await told(world, "a")

    async def back() -> None:
        await world.store.refused.wait()
        assert world.store.rows == {}
        world.store.away = False
        async with asyncio.timeout(2):
            await world.store.saved.wait()
        run.cancel()

    async with asyncio.TaskGroup() as group:
        run = group.create_task(world.ledger.run())
        group.create_task(back())
    assert [one.call for one in world.store.rows.values()] == ["a"]


@pytest.mark.parametrize("away", [False, True])
async def test_what_is_left_is_written_at_the_end(world: World, away: bool) -> None:
    await told(world, "a")
    world.store.away = away
    await world.ledger.close()
    assert len(world.store.rows) == (0 if away else 1)


async def test_an_answer_that_is_told_late_is_an_answer(world: World) -> None:
    await told(world, "a")
    world.source.tell(CallerLeft("support", "a", at(20)))
    await world.kept(25)
    world.source.tell(OperatorConnected("support", "101", "a", at(26)))
    (one,) = (await world.kept(27))["a"]
    assert (one.fate, one.actual) == (ANSWERED, 23)


async def test_what_became_of_earlier_callers_is_learnt_after_a_restart(world: World) -> None:
    """Waits were much longer than expected: more is promised."""
    await told(world, "a")
    fresh = (await world.kept(6))["a"][0]
    assert fresh.promised is not None
    long = replace(fresh, call="earlier", expected=10.0)
    for number in range(200):
        moment = at(-number) - timedelta(seconds=3)
        world.store.rows["earlier", moment] = replace(long, at=moment).answered(
            moment + timedelta(seconds=100)
        )
    world.store.rows.pop(("a", fresh.at))
    again = await restarted(world, 300)
    again.operator()
    await told(again, "b", 300)
    learnt = (await again.kept(306))["b"][0]
    assert learnt.promised is not None
    assert learnt.promised > 2 * fresh.promised
