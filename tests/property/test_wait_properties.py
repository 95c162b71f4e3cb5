"""What must hold for any expected wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    LiveEvent,
    OperatorConnected,
    Resync,
)
from ccops.domain.variants import MORE, spoken_minutes
from ccops.domain.wait import expected_wait
from ccops.domain.wait_promises import DROP, HOLD, Estimate, Promises
from ccops.domain.wait_turns import Turns

positions = st.integers(1, 300)
staff = st.floats(0.1, 100)
handle_times = st.floats(1, 3600)
rates = st.floats(0, 0.1)
expectations = st.floats(1, 4000)
ratios = st.lists(st.floats(0, 20), max_size=400)
T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def wait(position: int, operators: float, handle_time: float, rate: float) -> float:
    seconds = expected_wait(position, operators, handle_time, rate)
    assert seconds is not None
    return seconds


@given(positions, staff, handle_times, rates)
def test_further_back_is_longer_more_staff_and_more_leaving_are_not(
    k: int, s: float, a: float, rate: float
) -> None:
    here = wait(k, s, a, rate)
    assert 0 < here < wait(k + 1, s, a, rate)
    assert wait(k, s + 1, a, rate) < here
    assert wait(k, s, a, rate + 0.01) <= here


@given(positions, staff, handle_times)
def test_without_leaving_it_is_a_plain_product(k: int, s: float, a: float) -> None:
    assert wait(k, s, a, 0) == pytest.approx(k * a / s)


def taught(learnt: list[float]) -> Promises:
    promises = Promises()
    for ratio in learnt:
        promises.learn("support", 100, 100 * ratio)
    return promises


@given(ratios, expectations, expectations)
def test_a_longer_wait_is_promised_for_no_less(
    learnt: list[float], one: float, other: float
) -> None:
    promises = taught(learnt)
    short, long = (promises.promise("support", "a", e, T0) for e in sorted((one, other)))
    assert 0 <= short.promised <= long.promised
    assert short.minutes <= long.minutes
    for estimate in (short, long):
        assert estimate.minutes == spoken_minutes(estimate.promised)
        assert estimate.until >= T0 + timedelta(seconds=estimate.promised)


@given(st.lists(st.floats(0, 20), min_size=20, max_size=300), expectations)
def test_of_the_waits_learnt_four_fifths_are_within_and_few_are_late(
    learnt: list[float], expected: float
) -> None:
    promised = taught(learnt).promise("support", "a", expected, T0).promised
    actual = [expected * ratio for ratio in learnt]
    slack = 1e-6
    assert sum(wait <= promised + slack for wait in actual) >= 0.8 * len(actual)
    assert sum(wait <= promised + 60 + slack for wait in actual) >= 0.95 * len(actual)


@given(ratios, st.lists(st.tuples(st.integers(50, 70), expectations), min_size=2, max_size=15))
def test_another_moment_is_promised_only_with_cause(
    learnt: list[float], announcements: list[tuple[int, float]]
) -> None:
    promises = taught(learnt)
    now = T0
    before: Estimate | None = None
    for interval, expected in announcements:
        now += timedelta(seconds=interval)
        afresh = promises.promise("support", "somebody else", expected, now)
        estimate = promises.promise("support", "a", expected, now)
        promises.spoken("support", "a", estimate, now)
        if before is not None:
            left = (before.until - now).total_seconds()
            if left > 0 and DROP * left <= afresh.promised <= HOLD * left:
                assert estimate.until == before.until
                if before.minutes != MORE:
                    assert estimate.minutes <= before.minutes
            else:
                assert estimate == afresh
        before = estimate


CALLS = [f"call-{n}" for n in range(5)]
steps = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "give up", "answer", "resync", "free"]),
        st.sampled_from(CALLS),
        st.integers(1, 6),
    ),
    max_size=40,
)


@given(steps)
def test_every_stay_has_one_turn_and_never_before_it_joined(
    told: list[tuple[str, str, int]],
) -> None:
    turns = Turns()
    now = T0
    stays: list[tuple[str, datetime]] = []
    ended = []
    waiting: dict[str, Waiting] = {}
    for what, call, position in told:
        now += timedelta(seconds=10)
        events: list[LiveEvent] = []
        if what == "join":
            caller = Waiting(call, "", "support", "", "uz", now, position)
            if call not in waiting:
                waiting[call] = caller
                stays.append((call, now))
            events = [CallerJoined(caller)]
        elif what == "resync":
            waiting.pop(call, None)
            events = [Resync((), tuple(waiting.values()), now)]
        elif what == "free":
            ended += turns.free("support", now)
        else:
            waiting.pop(call, None)
            events = [CallerLeft("support", call, now)]
            if what == "give up":
                events.insert(0, CallerGaveUp("support", call, now))
            if what == "answer":
                events.append(OperatorConnected("support", "101", call, now))
        for event in events:
            ended += turns.take(event)
    ended += turns.take(Resync((), (), now))
    assert sorted((turn.call, turn.joined_at) for turn in ended) == sorted(stays)
    assert all(turn.at is None or turn.at >= turn.joined_at for turn in ended)
