"""What a caller hears and what a key does: the dialogues, read like calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from ccops.domain.dialogue import after_queue, after_staff, entry
from ccops.domain.dialogue_steps import (
    Ask,
    HangUp,
    Next,
    Note,
    Remember,
    Speak,
    Step,
    Tell,
    ToQueue,
    ToStaff,
)
from ccops.domain.situation import Block, Memory
from tests.unit.dialogue_calls import (
    AGAIN,
    BY_DAY,
    BY_NIGHT,
    CLOSED,
    CLOSING,
    DECLINED,
    GOODBYE,
    GREETING,
    HOTLINE,
    KNOWN,
    KNOWN_GREETING,
    MENU,
    NOON,
    OFFER,
    PROMISED,
    RUSSIAN,
    UZBEK,
    call,
    hotline,
    menu,
    promise,
)

IN_RUSSIAN: list[Step] = [Speak("ru"), Note("CCOPS_LANG", "ru"), Remember(Memory("ru"))]
REMEMBERED: list[Step] = [Speak("ru"), KNOWN_GREETING]
AS_EVER: list[Step] = IN_RUSSIAN[1:]


@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        pytest.param(
            "21", [GREETING, *IN_RUSSIAN, MENU, menu("1")], ToQueue("jobs"), id="russian, first key"
        ),
        pytest.param(
            [], [GREETING, AGAIN, AGAIN], ToQueue("anyone"), id="silence at the greeting: operator"
        ),
        pytest.param("0", [GREETING], ToQueue("anyone"), id="0 at the greeting: operator"),
        pytest.param(
            "*71", [GREETING, AGAIN, AGAIN, *UZBEK, MENU], None, id="no languages, then one"
        ),
    ],
)
def test_the_greeting(keys: str, heard: list[Step], then: Next | None) -> None:
    found, ended = call(entry(HOTLINE, "1100", BY_DAY), keys)
    assert found[: len(heard)] == heard
    assert then in (None, ended)


@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        pytest.param(
            ["", "1"],
            [*REMEMBERED, *AS_EVER, MENU, menu("1")],
            ToQueue("jobs"),
            id="silence goes on in the language of last time",
        ),
        pytest.param(
            ["1", "1"],
            [*REMEMBERED, *UZBEK, MENU, menu("1")],
            ToQueue("jobs"),
            id="the key of another language",
        ),
        pytest.param(
            ["2", "1"],
            [*REMEMBERED, *AS_EVER, MENU, menu("1")],
            ToQueue("jobs"),
            id="the key of the same language, by habit, is none of the menu",
        ),
        pytest.param(
            ["3", "1"],
            [*REMEMBERED, *AS_EVER, menu("3"), Ask(("benefits-menu",), 5), menu("1", "benefits")],
            ToQueue("benefits", head_start=120),
            id="any other key is one of the menu",
        ),
        pytest.param(
            ["0"], [*REMEMBERED, *AS_EVER, menu("0")], ToQueue("anyone"), id="0: an operator"
        ),
    ],
)
def test_a_known_caller(keys: list[str], heard: list[Step], then: Next) -> None:
    assert call(entry(HOTLINE, "1100", RUSSIAN), keys) == (heard, then)


def test_a_known_caller_is_spoken_to_as_slowly_as_last_time() -> None:
    slow = replace(BY_DAY, memory=Memory("ru", slow=True))
    heard, _ = call(entry(HOTLINE, "1100", slow), ["1", "1"])
    assert heard[:5] == [
        Speak("ru", slow=True),
        KNOWN_GREETING,
        Speak("uz", slow=True),
        Note("CCOPS_LANG", "uz"),
        Remember(Memory("uz", slow=True)),
    ]


def test_a_language_that_the_hotline_no_longer_speaks_is_forgotten() -> None:
    heard, _ = call(entry(HOTLINE, "1100", replace(BY_DAY, memory=Memory("kk"))), "")
    assert heard[0] == GREETING


def test_any_number_of_languages() -> None:
    many = hotline(languages=["uz", "ru", "kk", "az", "en"])
    heard, then = call(entry(many, "1100", BY_DAY), "51")
    assert heard[:2] == [GREETING, Speak("en")]
    assert then == ToQueue("jobs")


def test_a_single_language_is_not_asked_for() -> None:
    single = hotline(languages=["ru"])
    heard, then = call(entry(single, "1100", BY_DAY), ["", "*", "8", "1"])
    assert heard == [
        Speak("ru"),
        Tell(("greeting",)),
        *(MENU, menu("*")),
        *(MENU, menu("8")),
        *(MENU, menu("1")),
    ]
    assert then == ToQueue("jobs")


def test_a_single_language_at_the_pace_of_last_time() -> None:
    single = hotline(languages=["ru"])
    slow = replace(BY_DAY, memory=Memory("ru", slow=True))
    heard, then = call(entry(single, "1100", slow), "1")
    assert heard == [
        Speak("ru", slow=True),
        Remember(Memory("ru", slow=True)),
        Tell(("greeting",)),
        menu("1"),
    ]
    assert then == ToQueue("jobs")


BLOCK = Block(3, KNOWN, "threats", NOON, "page", None)
BLOCKED = Tell(("blocked",), interruptible=False)


@pytest.mark.parametrize(
    ("memory", "heard"),
    [
        (None, [Speak("uz"), BLOCKED, Speak("ru"), BLOCKED]),
        (Memory("ru"), [Speak("ru"), BLOCKED]),
        (Memory("kk"), [Speak("uz"), BLOCKED, Speak("ru"), BLOCKED]),
    ],
)
def test_a_blocked_number(memory: Memory | None, heard: list[Step]) -> None:
    situation = replace(BY_DAY, memory=memory, block=BLOCK)
    assert call(entry(HOTLINE, "1100", situation), "1") == (
        [Note("CCOPS_BLOCKED", "3"), *heard],
        HangUp(),
    )


@pytest.mark.parametrize(
    ("status", "heard", "then"),
    [
        ("CONTINUE", "goodbye", HangUp()),
        ("FULL", "queue-full", HangUp()),
        ("", "queue-full", HangUp()),
        ("TIMEOUT", "still-busy", ToQueue("jobs", head=True)),
    ],
)
def test_after_the_queue(status: str, heard: str, then: Next) -> None:
    assert call(after_queue(status, "jobs"), []) == ([Tell((heard,), interruptible=False)], then)


ABSENT = Tell(("staff-absent",), interruptible=False)


@pytest.mark.parametrize(
    ("status", "heard", "then"),
    [
        ("ANSWER", [GOODBYE], HangUp()),
        ("NOANSWER", [ABSENT], ToQueue("anyone")),
        ("BUSY", [ABSENT], ToQueue("anyone")),
        ("", [ABSENT], ToQueue("anyone")),
    ],
)
def test_after_a_member_of_the_staff(status: str, heard: list[Step], then: Next) -> None:
    assert call(after_staff(HOTLINE, "1100", BY_DAY, status), []) == (heard, then)


@pytest.mark.parametrize(
    ("keys", "heard"),
    [
        (["", "1"], [OFFER, promise("closed"), PROMISED]),
        (["", "*"], [OFFER, DECLINED, GOODBYE]),
        ([], [OFFER, OFFER, OFFER, GOODBYE]),
    ],
)
def test_nobody_at_the_staffs_telephone_and_the_line_has_closed(
    keys: Iterable[str], heard: list[Step]
) -> None:
    assert call(after_staff(CLOSING, "1100", BY_NIGHT, "NOANSWER"), keys) == (
        [Note("CCOPS_CLOSED", "anyone"), CLOSED, *heard],
        HangUp(),
    )


def test_the_line_lets_its_callers_ahead() -> None:
    ahead = hotline({"head_start": 60})
    assert call(entry(ahead, "1100", BY_DAY), "11")[1] == ToQueue("jobs", head_start=60)
    assert call(entry(ahead, "1100", BY_DAY), "131")[1] == ToQueue("benefits", head_start=120)
    assert call(entry(ahead, "1100", BY_DAY), "0")[1] == ToQueue("anyone", head_start=60)


def test_staff_are_rung() -> None:
    heard, then = call(entry(HOTLINE, "1100", BY_DAY), "14")
    assert heard[-3:] == [
        menu("4"),
        Note("CCOPS_STAFF", "301"),
        Tell(("connecting-staff",), interruptible=False),
    ]
    assert then == ToStaff("301", "anyone")
