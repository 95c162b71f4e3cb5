"""What is promised: a high quantile of what has become of earlier announcements, held steadily."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.variants import MORE
from ccops.domain.wait_promises import Estimate, Promises
from ccops.domain.wait_turns import Turn

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


class Teller:
    """Promises for one caller of one queue."""

    def __init__(self) -> None:
        self.promises = Promises()

    def learn(self, *ratios: float) -> None:
        for ratio in ratios:
            self.promises.learn("support", 100, 100 * ratio)

    def ask(self, expected: float, seconds: float = 0, call: str = "a") -> Estimate:
        return self.promises.promise("support", call, expected, at(seconds))

    def tell(self, expected: float, seconds: float, call: str = "a") -> int:
        estimate = self.ask(expected, seconds, call)
        self.promises.spoken("support", call, estimate, at(seconds))
        return estimate.minutes

    def turn(self, seconds: float | None, call: str = "a") -> None:
        when = None if seconds is None else at(seconds)
        self.promises.judge(Turn("support", call, T0, when))


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
def exact() -> Teller:
    """Where every wait has been exactly as expected."""
    teller = Teller()
    teller.learn(*[1.0] * 300)
    return teller


def test_four_fifths_of_the_waits_are_within_the_promise(teller: Teller) -> None:
    teller.learn(*[1.0] * 79, *[1.5] * 21)
    estimate = teller.ask(100)
    assert estimate == Estimate(100, 150, 3, at(180))


def test_few_are_late_by_more_than_a_minute(teller: Teller) -> None:
    teller.learn(*[1.0] * 94, *[3.0] * 6)
    assert teller.ask(100).promised == 240
    assert teller.ask(30).promised == 30  # late by a minute at most, as it is


def test_before_anything_is_known_a_wait_may_hang_on_one_call(teller: Teller) -> None:
    estimate = teller.ask(100)
    assert 150 < estimate.promised < 350
    teller.learn(1.0)
    assert teller.ask(100).promised == pytest.approx(estimate.promised, rel=0.1)
    teller.learn(*[1.0] * 300)
    assert teller.ask(100).promised == 100


def test_only_recent_waits_count_and_each_queue_has_its_own(exact: Teller) -> None:
    exact.promises.learn("tax", 100, 900)
    assert exact.ask(100).promised == 100
    exact.learn(*[2.0] * 300)
    assert exact.ask(100).promised == 200


def test_a_wait_of_no_length_teaches_nothing(exact: Teller) -> None:
    for _ in range(300):
        exact.promises.learn("support", 0, 50)
    assert exact.ask(100).promised == 100


def test_music_that_stops_for_an_operator_was_no_announcement(teller: Teller) -> None:
    for call in range(300):
        teller.tell(100, 0, call=f"c{call}")
        teller.tell(50, 99.5, call=f"c{call}")
        teller.turn(100, call=f"c{call}")
    assert teller.ask(100).promised == 100


@pytest.mark.parametrize(
    ("expected", "minutes", "until"),
    [(20, 0, 60), (60, 1, 60), (61, 2, 120), (301, 7, 420), (1800, 30, 1800), (2000, MORE, 2000)],
)
def test_the_moment_promised_is_the_end_of_the_spoken_step(
    exact: Teller, expected: float, minutes: int, until: float
) -> None:
    estimate = exact.ask(expected)
    assert (estimate.minutes, estimate.until) == (minutes, at(until))


def test_asking_promises_nothing(exact: Teller) -> None:
    assert exact.ask(600).minutes == 10
    assert exact.ask(100).minutes == 2


def test_a_promise_is_held_and_counted_down(exact: Teller) -> None:
    told = [
        exact.tell(expected, seconds)
        for seconds, expected in enumerate_minutes([400, 430, 310, 230, 220, 100, 70])
    ]
    assert told == [7, 7, 5, 4, 3, 2, 1]
    assert exact.ask(70, 360).until == at(420)


def test_a_promise_is_changed_when_the_wait_differs_clearly(exact: Teller) -> None:
    assert exact.tell(400, 0) == 7
    assert exact.tell(460, 60) == 10  # 360 s are left
    assert exact.ask(460, 60).until == at(660)
    assert exact.tell(200, 120) == 4  # operators have come: 540 s are left
    assert exact.ask(200, 120).until == at(360)


def test_a_promise_that_is_over_is_made_anew(exact: Teller) -> None:
    assert exact.tell(50, 0) == 0
    assert exact.tell(50, 60) == 0
    assert exact.ask(100, 120).minutes == 2


def test_each_caller_has_a_promise_of_his_own(exact: Teller) -> None:
    exact.tell(400, 0, call="a")
    assert exact.tell(430, 60, call="b") == 10


def test_every_announcement_is_learnt_from_when_the_turn_comes(teller: Teller) -> None:
    for call in range(150):
        teller.tell(100, 0, call=f"c{call}")
        teller.tell(50, 60, call=f"c{call}")
        teller.turn(160, call=f"c{call}")
    assert teller.ask(100).promised == pytest.approx(200)  # 160 for 100, then 100 for 50


def test_a_turn_that_is_not_known_teaches_nothing_and_ends_the_promise(exact: Teller) -> None:
    exact.tell(400, 0)
    exact.turn(None)
    assert exact.ask(430, 60).minutes == 10
    exact.turn(900)
    assert exact.ask(100).promised == 100


def enumerate_minutes(expected: list[float]) -> list[tuple[float, float]]:
    return [(60.0 * minute, seconds) for minute, seconds in enumerate(expected)]
