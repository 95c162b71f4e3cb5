"""The expected wait, and what it is estimated from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    OperatorCompleted,
    OperatorConnected,
    Resync,
)
from ccops.domain.wait import WaitEstimates, expected_wait

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def caller(call: str, joined: float = 0) -> Waiting:
    return Waiting(call, "PJSIP/trunk-1", "support", "", "uz", at(joined), 1)


@pytest.mark.parametrize(
    ("position", "operators", "handle_time", "abandonment", "seconds"),
    [
        (1, 1, 180, 0, 180),
        (3, 2, 180, 0, 270),
        (1, 4, 200, 0.01, 50),  # nobody ahead can give up
        (2, 4, 200, 0.01, 50 + 1 / 0.03),
        (2, 0.5, 100, 0, 400),
    ],
)
def test_the_formula(
    position: int, operators: float, handle_time: float, abandonment: float, seconds: float
) -> None:
    assert expected_wait(position, operators, handle_time, abandonment) == pytest.approx(seconds)


def test_without_operators_there_is_no_estimate() -> None:
    assert expected_wait(1, 0, 180, 0.01) is None
    assert WaitEstimates().expected("support", 1, 0, 10, T0) is None
    assert WaitEstimates().promise(caller("a"), 0, 10, T0) is None


def test_the_first_calls_replace_the_initial_handle_time() -> None:
    estimates = WaitEstimates()
    assert estimates.expected("support", 1, 1, 10, T0) == 190
    estimates.take(OperatorCompleted("support", "101", T0, talk=60))
    assert estimates.expected("support", 1, 1, 10, T0) == 150
    for _ in range(2):
        estimates.take(OperatorCompleted("support", "101", T0, talk=60))
    assert estimates.expected("support", 1, 1, 10, T0) == 70
    assert estimates.expected("tax", 1, 1, 10, T0) == 190


def test_only_the_last_calls_count() -> None:
    estimates = WaitEstimates()
    for talk in [1000] * 200 + [100] * 200:
        estimates.take(OperatorCompleted("support", "101", T0, talk=talk))
    assert estimates.expected("support", 1, 1, 0, T0) == 100


def test_calls_of_no_length_do_not_break_the_estimate() -> None:
    estimates = WaitEstimates()
    for _ in range(3):
        estimates.take(OperatorCompleted("support", "101", T0, talk=0))
    assert estimates.expected("support", 2, 1, 0, T0) == 2


def test_who_gives_up_shortens_the_wait_for_an_hour() -> None:
    estimates = WaitEstimates()
    estimates.take(CallerJoined(caller("a")))
    estimates.take(CallerJoined(caller("b")))
    estimates.take(CallerGaveUp("support", "a", at(40)))
    estimates.take(CallerLeft("support", "a", at(40)))
    estimates.take(CallerLeft("support", "b", at(60)))
    estimates.take(CallerLeft("support", "stranger", at(60)))
    expected = 180 + 1 / (1 / 180 + 1 / 100)  # one in 100 s of waiting
    assert estimates.expected("support", 2, 1, 0, at(60)) == pytest.approx(expected)
    assert estimates.expected("support", 2, 1, 0, at(60 + 3601)) == 360


def test_who_left_while_the_link_was_down_is_not_counted() -> None:
    estimates = WaitEstimates()
    estimates.take(CallerJoined(caller("gone")))
    estimates.take(Resync((), (caller("b", joined=50),), at(100)))
    estimates.take(CallerLeft("support", "gone", at(100)))
    estimates.take(CallerGaveUp("support", "b", at(150)))
    estimates.take(CallerLeft("support", "b", at(150)))
    expected = 180 + 1 / (1 / 180 + 1 / 100)
    assert estimates.expected("support", 2, 1, 0, at(150)) == pytest.approx(expected)


def test_the_waiting_of_those_who_still_wait_counts() -> None:
    estimates = WaitEstimates()
    for call in ("a", "b", "c"):
        estimates.take(CallerJoined(caller(call)))
    estimates.take(CallerGaveUp("support", "a", at(100)))
    estimates.take(CallerLeft("support", "a", at(100)))
    expected = 180 + 1 / (1 / 180 + 1 / 300)  # one in 300 s of waiting
    assert estimates.expected("support", 2, 1, 0, at(100)) == pytest.approx(expected)


def test_what_became_of_an_announcement_is_learnt_from_the_events() -> None:
    estimates = WaitEstimates()
    untaught = estimates.promise(caller("new"), 1, 0, T0)
    assert untaught is not None
    for n in range(150):
        for place, call in enumerate((f"answered-{n}", f"ghost-{n}"), start=1):
            joined = replace(caller(call), position=place)
            estimates.take(CallerJoined(joined))
            told = estimates.promise(replace(joined, position=1), 1, 0, at(3))
            assert told is not None
            estimates.spoken("support", call, told, at(3))
        estimates.take(CallerLeft("support", f"ghost-{n}", at(20)))
        estimates.take(CallerLeft("support", f"answered-{n}", at(93)))
        turns = estimates.take(OperatorConnected("support", "101", f"answered-{n}", at(93)))
        assert [turn.call for turn in turns] == [f"answered-{n}"]
        assert list(estimates.ghosts_first()) == ["support"]
        assert [turn.call for turn in estimates.free("support", at(183))] == [f"ghost-{n}"]
    taught = estimates.promise(caller("new"), 1, 0, T0)
    assert taught is not None
    assert taught.expected == untaught.expected == 180
    assert taught.promised == pytest.approx(180)  # half took 90 s, half 180 s, both at 3 s
    assert taught.promised < untaught.promised


def test_the_ledger_teaches_after_a_start() -> None:
    estimates = WaitEstimates()
    for _ in range(300):
        estimates.learn("support", 100, 200)
    promise = estimates.promise(caller("a"), 1, 0, T0)
    assert promise is not None
    assert promise.promised == 360


def test_who_has_left_hears_nothing() -> None:
    estimates = WaitEstimates()
    estimates.take(CallerJoined(caller("a")))
    told = estimates.promise(caller("a"), 1, 0, T0)
    assert told is not None
    estimates.take(CallerLeft("support", "a", at(10)))
    estimates.spoken("support", "a", replace(told, until=at(900)), at(10))
    estimates.take(CallerJoined(caller("a", joined=20)))
    assert estimates.promise(caller("a", joined=20), 1, 0, T0) == told
