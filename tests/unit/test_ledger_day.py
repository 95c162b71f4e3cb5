"""A simulated morning of 4 operators: the ledger knows of every announcement what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ccops.domain.ledger import Announcement, Tally
from ccops.domain.live_events import AnnouncementStarted
from ccops.domain.records import AnnouncementFate
from tests.bench.wait_cases import C
from tests.bench.wait_days import Asked, Idle, day, moment
from tests.unit.announce_world import World


async def test_each_announcement_is_kept_with_the_wait_that_was_or_would_have_been() -> None:
    simulated = day(replace(C, hours=1.0), seed=3)
    world = World()
    asked: dict[tuple[str, float], float] = {}
    clock = 0.0
    for now, what in simulated.happened:
        while clock < now:
            clock += 1
            world.clock.time = moment(min(clock, now))
            await world.service.tick()
        match what:
            case Asked(call):
                asked[call, now] = simulated.served[call] - now
                await world.service.tick()
                world.source.tell(AnnouncementStarted(call, moment(now)))
            case Idle():
                pass  # the picture of the operators tells it
            case _:
                world.source.tell(what)
    world.clock.time += timedelta(minutes=5)
    await world.service.tick()
    await world.ledger.flush()

    kept = world.store.rows
    assert len(asked) > 100
    assert kept.keys() == {(call, moment(now)) for call, now in asked}
    tally = Tally()
    for (call, now), actual in asked.items():
        one: Announcement = kept[call, moment(now)]
        assert one.actual is not None, call
        assert abs(one.actual - actual) < 2, (
            call
        )  # operators who are free are looked at each second
        tally.add(one)
    fates = {one.fate for one in kept.values()}
    assert fates == {AnnouncementFate.ANSWERED, AnnouncementFate.LEFT}
    assert len(world.counts.results) == tally.judged == len(asked)
    share = tally.share(tally.judged - tally.late)
    assert share is not None
    assert share > 0.7
