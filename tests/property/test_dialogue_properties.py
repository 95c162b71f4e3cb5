"""Callers who press anything, at any time: nobody is stuck, nobody is sent where nobody answers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ccops.config.model import Hotline
from ccops.domain.dialogue import callback, entry, prompts_of
from ccops.domain.dialogue_steps import Ask, Digits, HangUp, Note, Tell, ToQueue, ToStaff
from ccops.domain.situation import Memory, Situation
from tests.unit.dialogue_calls import (
    CLOSING,
    EVENING,
    HOTLINE,
    KNOWN,
    NIGHT,
    NOON,
    SLOW_NET,
    STOPPED,
    call,
)

HOTLINES = st.sampled_from([HOTLINE, CLOSING, NIGHT])
KEYS = st.lists(
    st.one_of(
        st.just(""),
        st.sampled_from("0123456789*"),
        st.text("0123456789*", max_size=16),
        st.sampled_from(["901234567", "998712000009", "12"]),
    ),
    max_size=80,
)
SITUATIONS = st.builds(
    Situation,
    now=st.sampled_from([NOON, EVENING]),
    number=st.sampled_from(["", KNOWN]),
    memory=st.sampled_from([None, Memory("ru"), Memory("uz", slow=True), Memory("kk")]),
    disturbances=st.sampled_from([(), (SLOW_NET,), (STOPPED,), (SLOW_NET, STOPPED)]),
)


@given(HOTLINES, SITUATIONS, KEYS)
def test_every_call_ends_well(what: Hotline, situation: Situation, keys: list[str]) -> None:
    heard, then = call(entry(what, "1100", situation), keys)

    asked = [step for step in heard if isinstance(step, Ask | Tell | Digits)]
    known = prompts_of(what)
    assert all(set(step.prompts) <= known for step in asked)
    assert len(asked) < 300

    unreachable = STOPPED in situation.disturbances or (
        situation.now == EVENING and what is not HOTLINE
    )
    if isinstance(then, ToQueue):
        assert then.queue in what.queues
    if isinstance(then, ToStaff):
        assert then.staff in what.staff
    if unreachable:
        assert then == HangUp()
    promises = [step for step in heard if isinstance(step, Note) and step.event == "CCOPS_CALLBACK"]
    assert len(promises) <= 1
    if promises:
        assert then == HangUp()
        assert asked[-1].prompts == ("callback-promised",)


@given(st.sampled_from(["", KNOWN]), KEYS)
def test_key_1_in_the_queue_promises_once_or_keeps_the_place(number: str, keys: list[str]) -> None:
    heard, then = call(callback(HOTLINE, "jobs", number), keys)
    promises = [step for step in heard if isinstance(step, Note)]
    if promises:
        (promise,) = promises
        kind, called, queue = promise.data.split(" ")
        assert (kind, queue) == ("queue", "jobs")
        assert called.startswith("+"), "a number that can be dialled from anywhere"
        assert then == HangUp()
    else:
        assert then == ToQueue("jobs")


@given(SITUATIONS)
def test_silence_alone_ends_every_call(situation: Situation) -> None:
    for what in (HOTLINE, CLOSING, NIGHT):
        nobody = replace(situation, number="")
        heard, _ = call(entry(what, "1100", nobody), [])
        assert len([step for step in heard if isinstance(step, Ask | Digits)]) <= 12
