"""What the network saw of a call becomes the truth that records are compared with."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from ccops.simulator import show
from ccops.simulator.plan import Intent, PlannedCall
from ccops.simulator.result import (
    CallOutcome,
    CallTruth,
    CampaignResult,
    Talk,
    outcome_of,
    with_talks,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, BOB = "+998400000001", "+998400000002"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def planned(number: str = ANN, intent: Intent = Intent.OPERATOR) -> PlannedCall:
    return PlannedCall(0, number, "1176", intent, (), "support", 30, 5, 10, False)


def call(
    number: str, asked: float | None, ended: float, outcome: CallOutcome = CallOutcome.ABANDONED
) -> CallTruth:
    asked_at = None if asked is None else at(asked)
    wait = None if asked is None else ended - asked
    return CallTruth(planned(number), NOON, NOON, asked_at, at(ended), outcome, wait=wait)


@pytest.mark.parametrize(
    ("answered", "asked", "hung_up", "intent", "outcome"),
    [
        (False, False, True, Intent.OPERATOR, CallOutcome.REFUSED),
        (True, True, True, Intent.OPERATOR, CallOutcome.ABANDONED),
        (True, True, False, Intent.OPERATOR, CallOutcome.CUT_OFF),
        (True, False, True, Intent.OPERATOR, CallOutcome.LEFT_IN_MENU),
        (True, False, False, Intent.OPERATOR, CallOutcome.CUT_OFF),
        (True, False, True, Intent.LEAVES, CallOutcome.LEFT_IN_MENU),
        (True, False, False, Intent.INFORMATION, CallOutcome.LEFT_IN_MENU),
    ],
)
def test_outcome_of_a_call_without_an_operator(
    answered: bool, asked: bool, hung_up: bool, intent: Intent, outcome: CallOutcome
) -> None:
    found = outcome_of(planned(intent=intent), answered=answered, asked=asked, hung_up=hung_up)
    assert found is outcome


def test_a_talk_finds_its_call_by_the_number() -> None:
    calls = [call(ANN, 10, 50), call(BOB, 11, 52)]
    ann, bob = with_talks(calls, [Talk("201", BOB, at(20), at(48))])
    assert ann.outcome is CallOutcome.ABANDONED
    assert (bob.outcome, bob.answered_by) == (CallOutcome.ANSWERED, "201")
    assert (bob.wait, bob.talk) == (9, 28)


def test_talks_with_withheld_numbers_find_their_calls_by_the_end() -> None:
    first, second, third = call("", 10, 70), call("", 12, 40), call("", 60, 100)
    talks = [Talk("201", "", at(20), at(66)), Talk("202", "", at(21), at(37.5))]
    calls = with_talks([first, second, third], talks)
    assert [c.answered_by for c in calls] == ["201", "202", ""]
    assert calls[2].outcome is CallOutcome.ABANDONED


def test_a_withheld_caller_who_never_asked_was_not_talked_to() -> None:
    menu = call("", None, 30, CallOutcome.LEFT_IN_MENU)
    waiting = call("", 10, 33)
    calls = with_talks([menu, waiting], [Talk("201", "", at(20), at(29.5))])
    assert [c.outcome for c in calls] == [CallOutcome.LEFT_IN_MENU, CallOutcome.ANSWERED]


def test_a_second_talk_of_the_same_call_is_not_given_to_another() -> None:
    calls = with_talks([call(ANN, 10, 60)], [Talk("201", ANN, at(20), at(30))] * 2)
    assert [c.talk for c in calls] == [10]


def result() -> CampaignResult:
    calls = with_talks(
        [call(ANN, 10, 50), call(BOB, 10, 20), call("", None, 9, CallOutcome.LEFT_IN_MENU)],
        [Talk("201", ANN, at(14), at(48))],
    )
    return CampaignResult(tuple(calls), (), 125.0)


def test_figures() -> None:
    figures = result()
    assert figures.count(CallOutcome.ANSWERED) == 1
    assert figures.waits(CallOutcome.ANSWERED) == [4]
    assert figures.waits(CallOutcome.ANSWERED, CallOutcome.ABANDONED) == [4, 10]
    assert figures.talk_seconds == [34]


def test_the_summary_says_it_all() -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(show.summary(result()))
    assert isinstance(console.file, io.StringIO)
    words = console.file.getvalue().replace("│", " ").split()
    text = " ".join(words)
    for expected in (
        "Simulated calls in 2:05",
        "placed 3",
        "answered 1 33%",
        "abandoned 1 33%",
        "left in menu 1 33%",
        "refused 0 0%",
        "wait of answered 4.0 s 4.0 s",
        "wait of abandoned 10.0 s 10.0 s",
        "talk 34.0 s 34.0 s",
    ):
        assert expected in text


def test_the_summary_of_nothing() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(show.summary(CampaignResult((), (), 0.4)))
    assert isinstance(console.file, io.StringIO)
    assert "0:00" in console.file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (125, "2:05"), (3725, "1:02:05")]
)
def test_clock(seconds: float, text: str) -> None:
    assert show.clock(seconds) == text
