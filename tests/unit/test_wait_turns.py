"""When the turn of those who left unserved would have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    LiveEvent,
    OperatorConnected,
    Resync,
)
from ccops.domain.wait_turns import Turn, Turns
from tests.bench.wait_cases import CASES
from tests.bench.wait_days import QUEUE, Asked, Case, Idle, day, moment

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


class Line:
    """A queue told event by event; collects what is known of each call's turn."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.seconds: dict[str, float | None] = {}
        self._waiting: list[str] = []

    def join(self, call: str, seconds: float, position: int | None = None) -> None:
        place = position or len(self._waiting) + 1
        self._waiting.insert(place - 1, call)
        caller = Waiting(call, "", "support", "", "uz", at(seconds), place)
        self._note(self.turns.take(CallerJoined(caller)))

    def give_up(self, call: str, seconds: float) -> None:
        self._tell(CallerGaveUp("support", call, at(seconds)))
        self.leave(call, seconds)

    def leave(self, call: str, seconds: float) -> None:
        self._waiting.remove(call)
        self._tell(CallerLeft("support", call, at(seconds)))

    def answer(self, call: str, seconds: float) -> None:
        self.leave(call, seconds)
        self._tell(OperatorConnected("support", "101", call, at(seconds)))

    def free(self, seconds: float) -> None:
        self._note(self.turns.free("support", at(seconds)))

    def _tell(self, event: LiveEvent) -> None:
        self._note(self.turns.take(event))

    def _note(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            assert turn.call not in self.seconds, "a turn is told once"
            self.seconds[turn.call] = None if turn.at is None else (turn.at - T0).total_seconds()


@pytest.fixture
def line() -> Line:
    return Line()


def test_who_is_answered_has_the_turn_then(line: Line) -> None:
    line.join("a", 0)
    line.answer("a", 30)
    assert line.seconds == {"a": 30}


def test_the_next_answered_behind_a_ghost_takes_its_turn(line: Line) -> None:
    for call in ("a", "ghost", "b", "c"):
        line.join(call, 0)
    line.give_up("ghost", 10)
    line.answer("a", 20)
    assert line.seconds == {"a": 20}
    line.answer("b", 50)
    assert line.seconds == {"a": 20, "ghost": 50, "b": 50}


def test_a_ghost_behind_all_has_its_turn_when_an_operator_is_free(line: Line) -> None:
    line.join("a", 0)
    line.join("ghost", 0)
    line.give_up("ghost", 10)
    line.free(15)  # a is rung just now, and has not answered
    assert line.seconds == {}
    assert list(line.turns.ghosts_first()) == []
    line.answer("a", 20)
    assert list(line.turns.ghosts_first()) == ["support"]
    line.free(65)
    assert line.seconds == {"a": 20, "ghost": 65}
    assert list(line.turns.ghosts_first()) == []


def test_whoever_leaves_by_a_key_is_a_ghost_too(line: Line) -> None:
    line.join("callback", 0)
    line.join("b", 0)
    line.leave("callback", 10)
    line.answer("b", 40)
    assert line.seconds == {"callback": 40, "b": 40}


def test_who_is_let_past_the_others_ends_nobodys_waiting(line: Line) -> None:
    for call in ("a", "ghost", "skilled"):
        line.join(call, 0)
    line.give_up("ghost", 5)
    line.answer("skilled", 10)
    assert line.seconds == {"ghost": 10, "skilled": 10}
    line.answer("a", 20)
    assert line.seconds["a"] == 20


def test_precedence_goes_before_ghosts(line: Line) -> None:
    line.join("ghost", 0)
    line.join("b", 1)
    line.give_up("ghost", 5)
    line.join("urgent", 10, position=1)
    line.answer("urgent", 20)
    assert line.seconds == {"urgent": 20}
    line.answer("b", 60)
    assert line.seconds["ghost"] == 60


def test_who_comes_in_between_stands_right_behind_the_one_before(line: Line) -> None:
    for call in ("a", "ghost", "b"):
        line.join(call, 0)
    line.give_up("ghost", 5)
    line.join("second", 10, position=2)
    line.answer("a", 20)
    line.answer("second", 30)
    assert "ghost" not in line.seconds
    line.answer("b", 40)
    assert line.seconds["ghost"] == 40


def test_a_turn_that_does_not_come_within_an_hour_is_not_known(line: Line) -> None:
    line.join("evening", 0)
    line.give_up("evening", 10)
    line.join("morning", 40_000)
    line.answer("morning", 40_005)
    assert line.seconds == {"evening": None, "morning": 40_005}
    line.join("late", 50_000)
    line.give_up("late", 50_010)
    line.free(53_611)
    assert line.seconds["late"] is None


def test_who_comes_back_stands_in_line_once(line: Line) -> None:
    line.join("a", 0)
    line.give_up("a", 10)
    line.join("a", 20)
    assert line.seconds.pop("a") is None
    line.answer("a", 30)
    assert line.seconds == {"a": 30}


def test_facts_told_twice_or_about_strangers_change_nothing(line: Line) -> None:
    line.join("a", 0)
    line.join("b", 0)
    line.turns.take(CallerJoined(Waiting("a", "", "support", "", "uz", at(3), 3)))
    line.turns.take(CallerLeft("support", "stranger", at(5)))
    assert line.turns.take(OperatorConnected("support", "101", "stranger", at(5))) == []
    line.give_up("a", 10)
    line.turns.take(CallerLeft("support", "a", at(12)))
    line.answer("b", 20)
    assert line.seconds == {"a": 20, "b": 20}


def test_after_a_gap_only_who_still_waits_is_known() -> None:
    turns = Turns()
    waiting = [Waiting(call, "", "support", "", "uz", at(i), i) for i, call in enumerate("abcd", 1)]
    for caller in waiting:
        turns.take(CallerJoined(caller))
    turns.take(CallerGaveUp("support", "b", at(10)))
    turns.take(CallerLeft("support", "b", at(10)))
    whole_seconds = replace(waiting[2], joined_at=at(4), position=1)
    again = replace(waiting[3], joined_at=at(90), position=2)
    new = Waiting("e", "", "support", "", "uz", at(95), 3)
    told = turns.take(Resync((), (new, again, whole_seconds), at(100)))
    assert [(turn.call, turn.at) for turn in told] == [("a", None), ("b", None), ("d", None)]

    ends = []
    for call in "cde":
        ends += turns.take(CallerLeft("support", call, at(110)))
        ends += turns.take(OperatorConnected("support", "101", call, at(110)))
    assert [(turn.call, turn.joined_at) for turn in ends] == [
        ("c", at(3)),  # as it was seen
        ("d", at(90)),
        ("e", at(95)),
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_on_simulated_days_every_turn_is_that_of_the_simulation(case: Case) -> None:
    simulated = day(case, 1000)
    turns = Turns()
    known: dict[str, datetime | None] = {}
    for now, what in simulated.happened:
        if isinstance(what, Idle):
            told = turns.free(QUEUE, moment(now))
        else:
            told = [] if isinstance(what, Asked) else turns.take(what)
        known.update((turn.call, turn.at) for turn in told)
    assert simulated.given_up > 20
    assert known == {call: moment(when) for call, when in simulated.served.items()}
