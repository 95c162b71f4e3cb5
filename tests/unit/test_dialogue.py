"""What a caller hears and what a key does: the dialogues, read like calls."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ccops.config.model import Hotline
from ccops.domain.dialogue import (
    MAX_STEPS,
    Ask,
    Dialogue,
    HangUp,
    Next,
    Note,
    Speak,
    Step,
    Tell,
    ToQueue,
    after_queue,
    entry,
)

HOTLINE = Hotline.model_validate(
    {
        "version": 1,
        "organisation": {"name": {"uz": "Vazirlik", "ru": "Министерство"}, "country": "UZ"},
        "time_zone": "Asia/Tashkent",
        "languages": ["uz", "ru"],
        "sub_lines": {"main": {"label": "1", "name": {"uz": "Ish", "ru": "Работа"}}},
        "lines": {
            "1100": {
                "name": {"uz": "Ish", "ru": "Работа"},
                "menu": "main",
                "fallback_queue": "anyone",
            }
        },
        "menus": {
            "main": {
                "prompt": "main-menu",
                "keys": {
                    "1": {"queue": "jobs"},
                    "2": {"say": "hours"},
                    "3": {"menu": "benefits"},
                    "8": {"do": "language"},
                    "9": {"do": "repeat"},
                    "7": {"do": "hangup"},
                },
                "otherwise": {"queue": "anyone"},
            },
            "benefits": {
                "prompt": "benefits-menu",
                "keys": {"1": {"queue": "benefits"}, "*": {"do": "back"}},
                "otherwise": {"queue": "anyone"},
            },
        },
        "queues": {
            name: {"name": {"uz": name, "ru": name}, "sub_line": "main"}
            for name in ("jobs", "benefits", "anyone")
        },
    }
)

GREETING = Ask(("greeting",), 5.0)
AGAIN = Ask(("language",), 5.0)
RUSSIAN = [Speak("ru"), Note("CCOPS_LANG", "ru")]
MENU = Ask(("main-menu",), 5)


def call(dialogue: Dialogue, keys: Iterable[str]) -> tuple[list[Step], Next]:
    """Play a dialogue: each question is answered by the next key, silence once they run out."""
    answers = iter(keys)
    heard: list[Step] = []
    try:
        step = next(dialogue)
        while True:
            heard.append(step)
            key = next(answers, "") if isinstance(step, Ask | Tell) else ""
            step = dialogue.send(key)
    except StopIteration as end:
        return heard, end.value


@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        pytest.param(
            "21",
            [GREETING, *RUSSIAN, MENU, Note("CCOPS_MENU", "main=1")],
            ToQueue("jobs"),
            id="russian, first key of the menu",
        ),
        pytest.param(
            ["2", "2", "", "1"],
            [
                GREETING,
                *RUSSIAN,
                MENU,
                Note("CCOPS_MENU", "main=2"),
                Tell(("hours",)),
                Note("CCOPS_INFO", "hours"),
                MENU,
                Note("CCOPS_MENU", "main=1"),
            ],
            ToQueue("jobs"),
            id="information heard to its end, then the menu again",
        ),
        pytest.param(
            ["2", "2", "1"],
            [
                GREETING,
                *RUSSIAN,
                MENU,
                Note("CCOPS_MENU", "main=2"),
                Tell(("hours",)),
                Note("CCOPS_MENU", "main=1"),
            ],
            ToQueue("jobs"),
            id="a key during information counts as a key of the menu",
        ),
        pytest.param(
            "23*31",
            [
                GREETING,
                *RUSSIAN,
                MENU,
                Note("CCOPS_MENU", "main=3"),
                Ask(("benefits-menu",), 5),
                Note("CCOPS_MENU", "benefits=*"),
                MENU,
                Note("CCOPS_MENU", "main=3"),
                Ask(("benefits-menu",), 5),
                Note("CCOPS_MENU", "benefits=1"),
            ],
            ToQueue("benefits"),
            id="a menu below, back, and down again",
        ),
        pytest.param(
            ["", "5", "1", "", "6", ""],
            [
                GREETING,
                AGAIN,
                AGAIN,
                Speak("uz"),
                Note("CCOPS_LANG", "uz"),
                MENU,
                Ask(("no-key", "main-menu"), 5),
                Ask(("wrong-key", "main-menu"), 5),
            ],
            ToQueue("anyone"),
            id="silence and wrong keys: two repeats, then an operator",
        ),
        pytest.param(
            [], [GREETING, AGAIN, AGAIN], ToQueue("anyone"), id="silence at the greeting: operator"
        ),
        pytest.param("0", [GREETING], ToQueue("anyone"), id="0 at the greeting: operator"),
        pytest.param(
            "2811",
            [
                GREETING,
                *RUSSIAN,
                MENU,
                Note("CCOPS_MENU", "main=8"),
                AGAIN,
                Speak("uz"),
                Note("CCOPS_LANG", "uz"),
                MENU,
                Note("CCOPS_MENU", "main=1"),
            ],
            ToQueue("jobs"),
            id="the language is changed in the menu",
        ),
        pytest.param(
            "27", [GREETING, *RUSSIAN, MENU, Note("CCOPS_MENU", "main=7")], HangUp(), id="the end"
        ),
    ],
)
def test_entry(keys: Iterable[str], heard: list[Step], then: Next) -> None:
    assert call(entry(HOTLINE, "1100"), keys) == (heard, then)


def test_a_single_language_is_not_asked_for() -> None:
    single = HOTLINE.model_copy(update={"languages": ("ru",)})
    heard, then = call(entry(single, "1100"), ["", "1"])
    assert heard == [Speak("ru"), Tell(("greeting",)), MENU, Note("CCOPS_MENU", "main=1")]
    assert then == ToQueue("jobs")


def test_circling_in_the_menus_ends_at_an_operator() -> None:
    heard, then = call(entry(HOTLINE, "1100"), "2" + "9" * 1000)
    assert then == ToQueue("anyone")
    assert heard.count(MENU) == MAX_STEPS


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
