"""The live picture, event by event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.live import OperatorState, Waiting
from ccops.domain.live_events import (
    CallerJoined,
    CallerLeft,
    Device,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
    Resync,
    Roster,
)
from ccops.domain.live_state import LiveState

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def caller(call: str, position: int, queue: str = "support", joined: float = 0) -> Waiting:
    return Waiting(call, f"PJSIP/trunk-{call}", queue, "+998900000001", "uz", at(joined), position)


def member(
    operator: str = "101",
    queue: str = "support",
    *,
    device: Device = Device.FREE,
    reason: str | None = None,
    in_call: bool = False,
    last_call: float | None = None,
) -> Member:
    ended = None if last_call is None else at(last_call)
    return Member(queue, operator, device, reason is not None, reason or "", in_call, ended)


@pytest.fixture
def state() -> LiveState:
    return LiveState(
        Roster(wrap_up={"support": 10, "tax": 30}, names={"101": "Aziza", "102": "Bobur"})
    )


def waiting(state: LiveState, queue: str = "support") -> list[tuple[str, int]]:
    view = next(q for q in state.snapshot(T0).queues if q.name == queue)
    return [(c.call, c.position) for c in view.waiting]


def operator(state: LiveState, seconds: float, id_: str = "101") -> tuple[OperatorState, datetime]:
    view = next(o for o in state.snapshot(at(seconds)).operators if o.id == id_)
    return view.state, view.since


def test_an_empty_picture_shows_the_configured_queues_and_operators(state: LiveState) -> None:
    snapshot = state.snapshot(T0, link_up=False, calls_today={"102": 7})
    assert [q.name for q in snapshot.queues] == ["support", "tax"]
    assert [(o.id, o.name, o.state, o.calls_today) for o in snapshot.operators] == [
        ("101", "Aziza", OperatorState.LOGGED_OUT, 0),
        ("102", "Bobur", OperatorState.LOGGED_OUT, 7),
    ]
    assert not snapshot.link_up


def test_a_departure_moves_everybody_behind_forward(state: LiveState) -> None:
    for place, call in enumerate("abcd", start=1):
        state.apply(CallerJoined(caller(call, place)))
    state.apply(CallerLeft("support", "b", at(5)))
    assert waiting(state) == [("a", 1), ("c", 2), ("d", 3)]


def test_a_caller_who_returns_with_priority_lands_at_the_head(state: LiveState) -> None:
    state.apply(CallerJoined(caller("a", 1)))
    state.apply(CallerJoined(caller("b", 2)))
    state.apply(CallerJoined(caller("vip", 1)))
    assert waiting(state) == [("vip", 1), ("a", 2), ("b", 3)]


def test_facts_told_twice_or_of_strangers_change_nothing(state: LiveState) -> None:
    state.apply(CallerJoined(caller("a", 1)))
    state.apply(CallerJoined(caller("a", 1)))
    state.apply(CallerLeft("support", "stranger", at(1)))
    state.apply(CallerLeft("tax", "a", at(1)))
    state.apply(OperatorConnected("support", "109", "a", at(1)))
    state.apply(MemberRemoved("support", "109", at(1)))
    assert waiting(state) == [("a", 1)]
    assert [o.id for o in state.snapshot(T0).operators] == ["101", "102"]


def test_the_truth_after_a_reconnect_leaves_no_ghosts(state: LiveState) -> None:
    state.apply(CallerJoined(caller("ghost", 1)))
    state.apply(MemberChanged(member("102", in_call=True, device=Device.BUSY), at(0)))
    truth = Resync((member("101"),), (caller("b", 2), caller("a", 1)), at(60))
    state.apply(truth)
    state.apply(CallerJoined(caller("a", 1)))  # told late: the truth held it already
    assert waiting(state) == [("a", 1), ("b", 2)]
    assert operator(state, 61) == (OperatorState.READY, at(60))
    assert operator(state, 61, "102") == (OperatorState.LOGGED_OUT, at(60))
    support = state.snapshot(at(61)).queues[0]
    assert (support.operators_logged_in, support.operators_ready, support.talking) == (1, 1, 0)


def test_a_reconnect_keeps_since_when_an_operator_is_in_a_state(state: LiveState) -> None:
    state.apply(MemberChanged(member(reason="lunch"), at(3)))
    state.apply(Resync((member(reason="lunch"),), (), at(60)))
    assert operator(state, 61) == (OperatorState.PAUSED, at(3))


def test_a_reconnect_keeps_the_exact_time_of_joining_unless_the_caller_came_again(
    state: LiveState,
) -> None:
    state.apply(CallerJoined(caller("a", 1, joined=0.4)))
    state.apply(CallerJoined(caller("b", 2, joined=0.4)))
    told = (replace(caller("a", 1, joined=1), language=""), caller("b", 2, joined=30))
    state.apply(Resync((), told, at(60)))
    assert [(c.joined_at, c.language) for c in state.waiting()] == [
        (at(0.4), "uz"),
        (at(30), "uz"),
    ]


def test_the_day_of_an_operator(state: LiveState) -> None:
    def changed(seconds: float, **values: object) -> None:
        state.apply(MemberChanged(member(**values), at(seconds)))  # type: ignore[arg-type]

    changed(0)
    assert operator(state, 1) == (OperatorState.READY, at(0))
    changed(5, device=Device.RINGING)
    assert operator(state, 6) == (OperatorState.RINGING, at(5))
    changed(8, device=Device.BUSY)
    state.apply(OperatorConnected("support", "101", "a", at(8)))
    changed(8.1, device=Device.BUSY)  # a status from before the connection, told after it
    assert operator(state, 20) == (OperatorState.TALKING, at(8))
    assert state.snapshot(at(20)).queues[0].talking == 1
    state.apply(OperatorCompleted("support", "101", at(100.7), talk=92))
    assert state.snapshot(at(100.8)).queues[0].talking == 0
    changed(100.9)  # the telephone is free; this status does not know of the call's end yet
    assert operator(state, 101) == (OperatorState.WRAP_UP, at(100.9))
    assert operator(state, 109.9) == (OperatorState.WRAP_UP, at(100.9))
    assert operator(state, 110) == (OperatorState.READY, at(110))
    changed(115, last_call=100)
    assert operator(state, 120) == (OperatorState.READY, at(110))
    changed(130, reason="lunch", last_call=100)
    assert operator(state, 140) == (OperatorState.PAUSED, at(130))
    changed(150, device=Device.GONE, last_call=100)
    assert operator(state, 160) == (OperatorState.UNREACHABLE, at(150))
    state.apply(MemberRemoved("support", "101", at(170)))
    assert operator(state, 180) == (OperatorState.LOGGED_OUT, at(170))


def test_wrap_up_ends_by_the_time_of_the_queue_of_the_last_call(state: LiveState) -> None:
    for queue in ("support", "tax"):
        state.apply(MemberChanged(member(queue=queue), at(0)))
    state.apply(OperatorConnected("tax", "101", "a", at(1)))
    state.apply(OperatorCompleted("tax", "101", at(50), talk=49))
    for queue in ("support", "tax"):
        state.apply(MemberChanged(member(queue=queue, last_call=50), at(50)))
    view = state.snapshot(at(51)).operators[0]
    assert (view.state, view.until, view.queues) == (
        OperatorState.WRAP_UP,
        at(80),
        ("support", "tax"),
    )


def test_wrap_up_after_a_restart_of_ccops_counts_the_longest(state: LiveState) -> None:
    state.apply(Resync((member(queue="tax", last_call=0), member(last_call=0)), (), at(5)))
    assert state.snapshot(at(6)).operators[0].until == at(30)


def test_ending_the_wrap_up_early_is_seen(state: LiveState) -> None:
    state.apply(Resync((member(last_call=0),), (), at(2)))
    assert operator(state, 3)[0] is OperatorState.WRAP_UP
    state.apply(MemberRemoved("support", "101", at(4)))
    state.apply(MemberChanged(member(), at(4)))
    assert operator(state, 5) == (OperatorState.READY, at(4))


def test_a_wrap_up_made_longer_has_no_end(state: LiveState) -> None:
    state.apply(MemberChanged(member(reason="wrap-up", last_call=0), at(2)))
    view = state.snapshot(at(500)).operators[0]
    assert (view.state, view.until, view.reason) == (OperatorState.WRAP_UP, None, "wrap-up")


def test_members_and_queues_unknown_to_the_configuration_are_shown_after_it(
    state: LiveState,
) -> None:
    state.apply(MemberChanged(member("900", "old"), at(0)))
    state.apply(CallerJoined(caller("a", 1, queue="older")))
    snapshot = state.snapshot(at(1))
    assert [q.name for q in snapshot.queues] == ["support", "tax", "old", "older"]
    assert [o.id for o in snapshot.operators] == ["101", "102", "900"]


def test_capacity_counts_who_can_take_calls_and_shares_who_serves_several(
    state: LiveState,
) -> None:
    state.apply(MemberChanged(member("101", in_call=True, device=Device.BUSY), at(0)))
    state.apply(MemberChanged(member("102", reason="lunch"), at(0)))
    state.apply(MemberChanged(member("103", device=Device.GONE), at(0)))
    for queue in ("support", "tax"):
        state.apply(MemberChanged(member("104", queue), at(0)))
    assert state.capacity("support") == 2.0
    state.apply(CallerJoined(caller("t", 1, queue="tax")))
    assert state.capacity("support") == 1.5
    assert state.capacity("tax") == 1.0
    assert state.capacity("nowhere") == 0.0
