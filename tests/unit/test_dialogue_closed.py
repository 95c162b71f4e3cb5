"""Closed, or disturbed: what callers are told, what they can do meanwhile, how they get out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

import pytest

from ccops.config.model import Hotline
from ccops.domain.dialogue import entry
from ccops.domain.dialogue_steps import Ask, HangUp, Next, Note, Step, Tell, ToQueue
from ccops.domain.situation import Disturbance, Situation
from tests.unit.dialogue_calls import (
    BY_DAY,
    BY_NIGHT,
    CLOSED,
    CLOSING,
    DECLINED,
    GOODBYE,
    GREETING,
    HOTLINE,
    KNOWN,
    MENU,
    NIGHT,
    NOON,
    OFFER,
    PROMISED,
    RUSSIAN,
    SLOW_NET,
    STOPPED,
    TYPE,
    after_greeting,
    call,
    hotline,
    menu,
    promise,
)

NOW_CLOSED = [Note("CCOPS_CLOSED", ""), CLOSED]
CLOSED_FOR_JOBS = [Note("CCOPS_CLOSED", "jobs"), CLOSED]
HEARD_HOURS: list[Step] = [menu("2"), Tell(("hours",)), Note("CCOPS_INFO", "hours")]
NIGHT_MENU = Ask(("closed-menu",), 5)


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        pytest.param(
            ["", "1"], [*NOW_CLOSED, OFFER, promise("closed"), PROMISED], id="the number is left"
        ),
        pytest.param(
            ["5", "1"],
            [*NOW_CLOSED, OFFER, promise("closed"), PROMISED],
            id="a key only cuts the announcement short",
        ),
        pytest.param(
            ["", "*", "2", "", "1", "", "1"],
            [
                *(*NOW_CLOSED, OFFER, DECLINED, MENU, *HEARD_HOURS, MENU, menu("1")),
                *(*CLOSED_FOR_JOBS, OFFER, promise("closed", queue="jobs"), PROMISED),
            ],
            id="information first, then an operator: none, but the number can be left",
        ),
        pytest.param(
            ["", "*", "4", "", "1"],
            [
                *(*NOW_CLOSED, OFFER, DECLINED, MENU, menu("4")),
                *(Note("CCOPS_CLOSED", "anyone"), CLOSED),
                *(OFFER, promise("closed"), PROMISED),
            ],
            id="nor staff",
        ),
        pytest.param(
            ["", "*", "1", "", "*", "0", "", "1"],
            [
                *(*NOW_CLOSED, OFFER, DECLINED, MENU, menu("1")),
                *(*CLOSED_FOR_JOBS, OFFER, DECLINED, MENU, menu("0")),
                *(Note("CCOPS_CLOSED", "anyone"), CLOSED),
                *(OFFER, promise("closed"), PROMISED),
            ],
            id="who declines is in the menu again",
        ),
        pytest.param(
            [],
            [
                *(*NOW_CLOSED, OFFER, OFFER, OFFER),
                *(MENU, Ask(("no-key", "main-menu"), 5), Ask(("no-key", "main-menu"), 5)),
                *(Note("CCOPS_CLOSED", "anyone"), CLOSED, OFFER, OFFER, OFFER, GOODBYE),
            ],
            id="who never presses anything is let go",
        ),
    ],
)
def test_a_closed_line(keys: Iterable[str], heard: list[Step]) -> None:
    assert after_greeting(CLOSING, BY_NIGHT, keys) == (heard, HangUp())


def asking(kind: str) -> Ask:
    return replace(OFFER, gone=promise(kind))


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        pytest.param(
            ["", "2", "", "1", "1"],
            [
                *(*NOW_CLOSED, NIGHT_MENU, menu("2", "night"), *HEARD_HOURS[1:]),
                *(NIGHT_MENU, menu("1", "night"), asking("closed"), promise("closed"), PROMISED),
            ],
            id="its own menu",
        ),
        pytest.param(
            ["1", "1"],
            [*NOW_CLOSED, menu("1", "night"), asking("closed"), promise("closed"), PROMISED],
            id="who knows it need not listen",
        ),
        pytest.param(
            ["", "0", "", "*", "1", "1"],
            [
                *(*NOW_CLOSED, NIGHT_MENU, menu("0", "night")),
                *(Note("CCOPS_CLOSED", "anyone"), CLOSED, OFFER, DECLINED),
                *(NIGHT_MENU, menu("1", "night"), asking("closed"), promise("closed"), PROMISED),
            ],
            id="an operator is not to be had there either",
        ),
    ],
)
def test_a_closed_line_with_a_menu_for_it(keys: Iterable[str], heard: list[Step]) -> None:
    assert after_greeting(NIGHT, BY_NIGHT, keys) == (heard, HangUp())


def test_within_its_hours_the_line_is_as_ever() -> None:
    assert after_greeting(NIGHT, BY_DAY, "1") == ([MENU, menu("1")], ToQueue("jobs"))


def test_a_key_from_before_the_caller_knew_is_none_of_the_closed_menu() -> None:
    """1 in the greeting's pause is a language; 5 would be a key of the menu by day."""
    heard, _ = call(entry(NIGHT, "1100", replace(RUSSIAN, now=BY_NIGHT.now)), ["5", "", ""])
    assert heard[4:7] == [*NOW_CLOSED, NIGHT_MENU]


def test_no_opening_is_invented() -> None:
    heard, _ = after_greeting(hotline({"hours": "never"}), BY_DAY, ["", "1"])
    assert heard[:2] == [Note("CCOPS_CLOSED", ""), Tell(("closed",))]


def test_a_withheld_number_is_typed() -> None:
    heard, then = after_greeting(CLOSING, replace(BY_NIGHT, number=""), ["", "712000009", "1"])
    assert heard[2:] == [
        TYPE,
        Ask(
            (
                "callback-read-back",
                *(f"digit-{digit}" for digit in "712000009"),
                "callback-confirm",
            ),
            5.0,
            gone=promise("closed", "+998712000009"),
        ),
        promise("closed", "+998712000009"),
        PROMISED,
    ]
    assert then == HangUp()


def test_silence_at_the_greeting_of_a_closed_line() -> None:
    heard, then = call(entry(CLOSING, "1100", BY_NIGHT), ["", "", "", "", "1"])
    assert heard[3:] == [
        *(Note("CCOPS_CLOSED", "anyone"), CLOSED, OFFER, promise("closed"), PROMISED)
    ]
    assert then == HangUp()


# ---- disturbances

TOLD_OF_NET: list[Step] = [
    Note("CCOPS_DISTURBANCE", "7"),
    Tell(("disturbance-now", "reason-network", "other-channels", "resumes-unknown")),
]
RESUMES = ("resumes", "today", "hour-and-15", "minute-30")
TOLD_TO_STOP: list[Step] = [
    Note("CCOPS_DISTURBANCE", "8"),
    Tell(("disturbance-now", "other-channels", *RESUMES)),
]


def disturbed(*disturbances: Disturbance, situation: Situation = BY_DAY) -> Situation:
    return replace(situation, disturbances=disturbances)


@pytest.mark.parametrize(
    ("what", "situation", "keys", "heard", "then"),
    [
        pytest.param(
            HOTLINE,
            disturbed(SLOW_NET),
            ["", "1"],
            [*TOLD_OF_NET, MENU, menu("1")],
            ToQueue("jobs"),
            id="told, then served",
        ),
        pytest.param(
            HOTLINE,
            disturbed(SLOW_NET, replace(SLOW_NET, id=9)),
            ["1"],
            [*TOLD_OF_NET, menu("1")],
            ToQueue("jobs"),
            id="a key skips all of it, and counts in the menu",
        ),
        pytest.param(
            HOTLINE,
            disturbed(STOPPED),
            ["", "1"],
            [*TOLD_TO_STOP, OFFER, promise("disturbance"), PROMISED],
            HangUp(),
            id="no operators: the number is left",
        ),
        pytest.param(
            HOTLINE,
            disturbed(STOPPED),
            ["", "*", "2", "", "1", "", "1"],
            [
                *(*TOLD_TO_STOP, OFFER, DECLINED, MENU, *HEARD_HOURS, MENU, menu("1")),
                *(Tell(("disturbance-now", *RESUMES)), OFFER),
                *(promise("disturbance", queue="jobs"), PROMISED),
            ],
            HangUp(),
            id="no operators: information, then the number",
        ),
        pytest.param(
            HOTLINE,
            disturbed(STOPPED),
            ["", "*", "5", "1"],
            [
                *(*TOLD_TO_STOP, OFFER, DECLINED, MENU, menu("5")),
                *(asking("disturbance"), promise("disturbance"), PROMISED),
            ],
            HangUp(),
            id="no operators: the number by the menu's own key",
        ),
        pytest.param(
            NIGHT,
            disturbed(STOPPED, situation=BY_NIGHT),
            ["", "*", "2", "", "1", "1"],
            [
                Note("CCOPS_DISTURBANCE", "8"),
                Tell(("disturbance-now", "other-channels", "resumes-unknown")),
                *(OFFER, DECLINED, NIGHT_MENU, menu("2", "night"), *HEARD_HOURS[1:]),
                *(NIGHT_MENU, menu("1", "night"), asking("disturbance")),
                *(promise("disturbance"), PROMISED),
            ],
            HangUp(),
            id="closed as well; a time that has passed is not told",
        ),
        pytest.param(
            NIGHT,
            disturbed(SLOW_NET, situation=BY_NIGHT),
            ["", "", "1", "1"],
            [
                *(*TOLD_OF_NET, *NOW_CLOSED, NIGHT_MENU, menu("1", "night")),
                *(asking("closed"), promise("closed"), PROMISED),
            ],
            HangUp(),
            id="closed is told after what is wrong",
        ),
    ],
)
def test_a_disturbance(
    what: Hotline, situation: Situation, keys: Iterable[str], heard: list[Step], then: Next
) -> None:
    assert after_greeting(what, situation, keys) == (heard, then)


def test_who_chooses_no_language_is_told_too() -> None:
    heard, then = call(entry(HOTLINE, "1100", disturbed(SLOW_NET)), ["0"])
    assert heard == [GREETING, *TOLD_OF_NET]
    assert then == ToQueue("anyone")


def test_a_known_caller_in_a_hurry_is_told_and_keeps_the_key() -> None:
    heard, then = call(entry(HOTLINE, "1100", disturbed(SLOW_NET, situation=RUSSIAN)), ["0", ""])
    assert heard[4:] == [*TOLD_OF_NET, menu("0")]
    assert then == ToQueue("anyone")


def test_the_resumption_is_told_in_the_hotlines_time() -> None:
    tomorrow = replace(STOPPED, resumes_at=NOON.astimezone(UTC).replace(day=24, hour=4))
    heard, _ = after_greeting(HOTLINE, disturbed(tomorrow), ["", "1"])
    assert heard[1] == Tell(("disturbance-now", "other-channels", "resumes", "tomorrow", "hour-9"))


def test_words_that_were_typed_are_told() -> None:
    typed = replace(SLOW_NET, reason="said-1a2b", texts={"uz": "Suv bosdi.", "ru": "Затопило."})
    heard, _ = after_greeting(HOTLINE, disturbed(typed), "1")
    assert "said-1a2b" in heard[1].prompts  # type: ignore[union-attr]


def test_the_number_is_that_of_the_call() -> None:
    assert promise("closed").data == f"closed {KNOWN} anyone"
