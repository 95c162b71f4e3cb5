"""Which announcement is set when, and what is told again after how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.announce import AnnouncementPlan, Change, Saying, Timing
from ccops.domain.live import Waiting
from ccops.domain.variants import Variant
from ccops.domain.wait_promises import Estimate

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TIMINGS = {"support": Timing(first=3, every=60)}


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def caller(call: str, position: int = 1, joined: float = 0, queue: str = "support") -> Waiting:
    return Waiting(call, f"PJSIP/trunk-{call}", queue, "", "uz", at(joined), position)


def saying(waiting: Waiting, tell_time: bool) -> Saying:
    """A minute for each place."""
    seconds = 60.0 * waiting.position
    variant = Variant.of("uz", waiting.position, seconds, time=tell_time)
    estimate = Estimate(seconds / 2, seconds, waiting.position, T0)
    return Saying(variant, waiting.position, 1.0, estimate)


class Plan:
    """Feeds a plan with callers, and carries out what it asks for."""

    def __init__(self) -> None:
        self.plan = AnnouncementPlan()

    def at(self, seconds: float, *waiting: Waiting) -> list[tuple[str, str]]:
        changes = self.plan.due(waiting, TIMINGS, saying, at(seconds))
        for change in changes:
            self.plan.done(change)
        return [(change.call, change.variant.name) for change in changes]

    def hears(self, call: str, seconds: float) -> str:
        """What this caller hears then; empty for nothing of ours."""
        heard = self.plan.started(call, at(seconds))
        if heard is None:
            return ""
        self.plan.heard(call, at(seconds), told=heard.variant.minutes is not None)
        return heard.variant.name


@pytest.fixture
def plan() -> Plan:
    return Plan()


def test_a_minute_of_a_caller(plan: Plan) -> None:
    assert plan.at(0, caller("a", 5)) == [("a", "uz_p5_m5")]
    assert plan.at(2, caller("a", 5)) == []
    assert plan.at(2.5, caller("a", 4)) == [("a", "uz_p4_m4")]
    assert plan.hears("a", 3) == "uz_p4_m4"
    assert plan.at(4, caller("a", 3)) == []  # nothing for a minute, whatever moves
    assert plan.at(58, caller("a", 2)) == []
    assert plan.at(59, caller("a", 2)) == [("a", "uz_p2_m2")]
    assert plan.at(63, caller("a", 1)) == [("a", "uz_p1_m1")]
    assert plan.hears("a", 63) == "uz_p1_m1"
    assert plan.at(64, caller("a", 1)) == []


def test_an_announcement_held_up_by_a_ring_is_kept_right_until_it_comes(plan: Plan) -> None:
    plan.at(0, caller("a", 2))
    plan.hears("a", 3)
    assert plan.at(60, caller("a", 2)) == []
    assert plan.at(75, caller("a", 1)) == [("a", "uz_p1_m1")]  # should have come at 63
    assert plan.hears("a", 80) == "uz_p1_m1"
    assert plan.at(123, caller("a", 3)) == []
    assert plan.at(136, caller("a", 3)) == [("a", "uz_p3_m3")]


def test_music_that_stops_long_before_its_time_is_no_announcement(plan: Plan) -> None:
    plan.at(0, caller("a"))
    assert plan.hears("a", 3) == "uz_p1_m1"
    assert plan.hears("a", 30) == ""
    assert plan.hears("stranger", 30) == ""
    assert plan.at(59, caller("a", 2)) == [("a", "uz_p2_m2")]


def test_callers_found_waiting_are_kept_right_until_they_are_heard(plan: Plan) -> None:
    assert plan.at(1000, caller("a", 4, joined=100)) == [("a", "uz_p4_m4")]
    assert plan.at(1030, caller("a", 3, joined=100)) == [("a", "uz_p3_m3")]
    plan.hears("a", 1031)
    assert plan.at(1032, caller("a", 2, joined=100)) == []


def test_after_a_return_only_the_place_is_told_within_the_minute(plan: Plan) -> None:
    plan.at(0, caller("a", 4))
    plan.hears("a", 3)
    assert plan.at(20) == []
    assert plan.at(30, caller("a", 4, joined=30)) == [("a", "uz_p4")]
    assert plan.hears("a", 33) == "uz_p4"
    assert plan.at(92, caller("a", 3, joined=30)) == [("a", "uz_p3_m3")]
    assert plan.hears("a", 93) == "uz_p3_m3"


@pytest.mark.parametrize(("joined", "variant"), [(59, "uz_p4"), (60, "uz_p4_m4")])
def test_the_minute_is_kept_across_a_return(plan: Plan, joined: float, variant: str) -> None:
    """Told at 3; the first announcement comes 3 s after the return."""
    plan.at(0, caller("a", 4))
    plan.hears("a", 3)
    plan.at(40)
    plan.at(joined, caller("a", 4, joined=joined))
    assert plan.hears("a", joined + 3) == variant


def test_an_announcement_after_a_return_that_comes_later_tells_the_time_again(plan: Plan) -> None:
    plan.at(0, caller("a", 4))
    plan.hears("a", 3)
    assert plan.at(40, caller("a", 2, joined=40)) == [("a", "uz_p2")]
    assert plan.at(62, caller("a", 2, joined=40)) == []  # an operator rings
    assert plan.at(63, caller("a", 2, joined=40)) == [("a", "uz_p2_m2")]


def test_what_was_heard_before_a_restart_goes_on(plan: Plan) -> None:
    plan.plan.heard("a", at(3), told=True)
    assert plan.at(30, caller("a", 2)) == []  # the next one is not due before 63
    assert plan.at(59, caller("a", 2)) == [("a", "uz_p2_m2")]
    plan.plan.heard("b", at(3), told=True)
    assert plan.at(40, caller("b", 2, joined=38)) == [("b", "uz_p2")]  # came back meanwhile


def test_what_was_heard_before_a_restart_may_be_known_late(plan: Plan) -> None:
    assert plan.at(30, caller("a", 2)) == [("a", "uz_p2_m2")]
    plan.plan.heard("a", at(3), told=True)
    assert plan.at(31, caller("a", 1)) == []
    plan.plan.heard("a", at(-57), told=True)  # and not in order
    assert plan.at(58, caller("a", 1)) == []
    assert plan.at(59, caller("a", 1)) == [("a", "uz_p1_m1")]


def test_a_language_that_could_not_be_set_is_not_what_was_heard(plan: Plan) -> None:
    plan.at(0, caller("a", 3))
    plan.plan.due([caller("a", 2)], TIMINGS, saying, at(2))  # lost
    heard = plan.plan.started("a", at(3))
    assert heard is not None
    assert heard.variant.name == "uz_p3_m3"
    assert heard.position == 2
    plan.plan.due([caller("b")], TIMINGS, saying, at(2))
    assert plan.hears("b", 3) == ""  # the general text


def test_a_change_is_asked_for_until_it_is_done() -> None:
    plan = AnnouncementPlan()
    change = Change("a", "PJSIP/trunk-a", Variant("uz", 1, 1))
    for _ in range(2):
        assert plan.due([caller("a")], TIMINGS, saying, T0) == [change]
    plan.done(change)
    plan.done(replace(change, call="gone"))
    assert plan.due([caller("a")], TIMINGS, saying, T0) == []


def test_other_queues_announce_nothing(plan: Plan) -> None:
    assert plan.at(0, caller("a", queue="tax")) == []


def test_a_departure_ahead_of_300_costs_few_commands(plan: Plan) -> None:
    """Three hundred who joined over five minutes; the head leaves each second."""
    queue = [caller(f"c{n}", joined=float(n)) for n in range(300)]

    def positions(callers: Iterable[Waiting]) -> list[Waiting]:
        return [replace(c, position=place) for place, c in enumerate(callers, start=1)]

    plan.at(310, *positions(queue))
    for n, waiting in enumerate(queue):
        plan.hears(waiting.call, 311 + n % 60)
    costs = []
    for second in range(312 + 60, 312 + 120):
        queue.pop(0)
        costs.append(len(plan.at(second, *positions(queue))))
        for waiting in queue:
            if (second - 311) % 60 == int(waiting.call[1:]) % 60:
                plan.hears(waiting.call, second)
    assert 0 < max(costs) <= 6 * 5  # five callers are due each second, for the lead of four
