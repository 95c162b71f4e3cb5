"""Whatever Asterisk tells, in whatever order, the picture stays possible."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ccops.domain.live import OperatorState, Waiting
from ccops.domain.live_events import (
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
    Resync,
    Roster,
)
from ccops.domain.live_state import SAME_STAY, LiveState

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
QUEUES = ("support", "tax")
queues = st.sampled_from(QUEUES)
calls = st.sampled_from([f"call-{n}" for n in range(6)])
operators = st.sampled_from(["101", "102", "109"])
times = st.integers(0, 3600).map(lambda s: T0 + timedelta(seconds=s))

callers = st.builds(
    Waiting,
    call=calls,
    channel=st.just("PJSIP/trunk-1"),
    queue=queues,
    number=st.just(""),
    language=st.just("uz"),
    joined_at=times,
    position=st.integers(1, 8),
)
members = st.builds(
    Member,
    queue=queues,
    operator=operators,
    device=st.sampled_from(Device),
    paused=st.booleans(),
    reason=st.sampled_from(["", "lunch", "wrap-up"]),
    in_call=st.booleans(),
    last_call=st.none() | times,
)
truths = st.builds(
    Resync,
    members=st.lists(members, max_size=4, unique_by=lambda m: (m.queue, m.operator)).map(tuple),
    waiting=st.lists(callers, max_size=6, unique_by=lambda c: c.call).map(tuple),
    at=times,
)
events: st.SearchStrategy[LiveEvent] = st.one_of(
    st.builds(CallerJoined, callers),
    st.builds(CallerLeft, queues, calls, times),
    st.builds(MemberChanged, members, times),
    st.builds(MemberRemoved, queues, operators, times),
    st.builds(OperatorConnected, queues, operators, calls, times),
    st.builds(OperatorCompleted, queues, operators, times, st.integers(0, 600)),
    truths,
)
streams = st.lists(events, max_size=40)


def fed(stream: list[LiveEvent]) -> LiveState:
    state = LiveState(Roster(wrap_up=dict.fromkeys(QUEUES, 10), names={"101": "A", "102": "B"}))
    for event in stream:
        state.apply(event)
    return state


@given(streams, times)
def test_positions_count_from_one_and_nobody_waits_twice_in_a_queue(
    stream: list[LiveEvent], at: datetime
) -> None:
    for queue in fed(stream).snapshot(at).queues:
        assert [c.position for c in queue.waiting] == list(range(1, len(queue.waiting) + 1))
        assert len({c.call for c in queue.waiting}) == len(queue.waiting)
        assert all(c.queue == queue.name for c in queue.waiting)


@given(streams, times)
def test_the_figures_of_queues_and_operators_agree(stream: list[LiveEvent], at: datetime) -> None:
    state = fed(stream)
    snapshot = state.snapshot(at)
    assert len({o.id for o in snapshot.operators}) == len(snapshot.operators)
    for queue in snapshot.queues:
        own = [o for o in snapshot.operators if queue.name in o.queues]
        assert queue.operators_logged_in == len(own)
        assert queue.operators_ready <= queue.operators_logged_in
        assert queue.talking <= sum(o.state is OperatorState.TALKING for o in own)
        assert 0 <= state.capacity(queue.name) <= queue.operators_logged_in
    for operator in snapshot.operators:
        assert (operator.state is OperatorState.LOGGED_OUT) == (not operator.queues)
        if operator.until is not None:
            assert operator.state is OperatorState.WRAP_UP
            assert operator.until > at


@given(streams, truths)
def test_after_the_truth_nothing_of_the_past_remains(
    stream: list[LiveEvent], truth: Resync
) -> None:
    """But for the exact time of joining, where it was seen: the truth has whole seconds."""
    after, fresh = fed([*stream, truth]).snapshot(truth.at), fed([truth]).snapshot(truth.at)
    for one, other in zip(after.queues, fresh.queues, strict=True):
        known, told = list(one.waiting), list(other.waiting)
        assert all(
            abs(c.joined_at - d.joined_at) <= SAME_STAY for c, d in zip(known, told, strict=True)
        )
        same = replace(one, waiting=tuple(replace(c, joined_at=T0) for c in known))
        bare = replace(other, waiting=tuple(replace(d, joined_at=T0) for d in told))
        assert same == bare or any(m.last_call for m in truth.members)
    assert {(o.id, o.queues) for o in after.operators} == {
        (o.id, o.queues) for o in fresh.operators
    }


@given(st.lists(callers, unique_by=lambda c: (c.call, c.queue)), st.data())
def test_a_stream_told_again_after_the_truth_changes_no_one_who_waits(
    joins: list[Waiting], data: st.DataObject
) -> None:
    stream: list[LiveEvent] = [CallerJoined(caller) for caller in joins]
    state = fed(stream)
    before = [q.waiting for q in state.snapshot(T0).queues]
    truth = Resync((), tuple(state.waiting()), T0)
    again = data.draw(st.permutations(stream))
    assert [q.waiting for q in fed([*stream, truth, *again]).snapshot(T0).queues] == before


@st.composite
def days_of_a_queue(draw: st.DrawFn) -> tuple[list[LiveEvent], list[str]]:
    """What a queue would tell of callers who come (some with priority) and go, with reconnects
    between, and who waits in the end."""
    told: list[LiveEvent] = []
    queue: list[str] = []
    for n in range(draw(st.integers(0, 30))):
        step = draw(st.sampled_from(["join", "join", "leave", "reconnect"]))
        if step == "join":
            place = draw(st.integers(1, len(queue) + 1))
            queue.insert(place - 1, f"c{n}")
            told.append(CallerJoined(waiting(f"c{n}", place)))
        elif step == "leave" and queue:
            left = queue.pop(draw(st.integers(0, len(queue) - 1)))
            told.append(CallerLeft("support", left, T0))
            if draw(st.booleans()):
                told.append(told[-1])
        elif step == "reconnect":
            truth = tuple(waiting(call, place) for place, call in enumerate(queue, start=1))
            told = told[: draw(st.integers(0, len(told)))]  # the rest was never heard
            told.append(Resync((), truth, T0))
    return told, queue


def waiting(call: str, place: int) -> Waiting:
    return Waiting(call, "PJSIP/trunk-1", "support", "", "uz", T0, place)


@given(days_of_a_queue())
def test_the_picture_is_what_the_queue_is(day: tuple[list[LiveEvent], list[str]]) -> None:
    told, queue = day
    assert [c.call for c in fed(told).snapshot(T0).queues[0].waiting] == queue
