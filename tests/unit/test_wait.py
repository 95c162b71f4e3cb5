"""The expected wait, and what it is estimated from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    OperatorCompleted,
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
