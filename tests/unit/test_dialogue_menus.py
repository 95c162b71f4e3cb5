"""Menus: keys, silence, the keys that mean the same everywhere, staff, offices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from ccops.config.product import COMPOSED
from ccops.config.types import Lang
from ccops.domain.dialogue import entry, prompts_of
from ccops.domain.dialogue_menus import MAX_STEPS
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
)
from ccops.domain.situation import Memory, Situation
from ccops.prompts.catalogue import LANGUAGES, load
from ccops.resources import ivr_prompts
from tests.unit.dialogue_calls import (
    AGAIN,
    BY_DAY,
    BY_NIGHT,
    DECLINED,
    EVENING,
    HOTLINE,
    KNOWN,
    MENU,
    NIGHT,
    NOON,
    PROMISED,
    STOPPED,
    UZBEK,
    after_greeting,
    call,
    hotline,
    menu,
    promise,
)

BENEFITS = Ask(("benefits-menu",), 5)


@pytest.mark.parametrize(
    ("keys", "heard", "then"),
    [
        pytest.param(
            ["2", "", "1"],
            [MENU, menu("2"), Tell(("hours",)), Note("CCOPS_INFO", "hours"), MENU, menu("1")],
            ToQueue("jobs"),
            id="information heard to its end, then the menu again",
        ),
        pytest.param(
            ["2", "1"],
            [MENU, menu("2"), Tell(("hours",)), menu("1")],
            ToQueue("jobs"),
            id="a key during information counts as a key of the menu",
        ),
        pytest.param(
            "3*31",
            [
                *(MENU, menu("3"), BENEFITS, menu("*", "benefits")),
                *(MENU, menu("3"), BENEFITS, menu("1", "benefits")),
            ],
            ToQueue("benefits", head_start=120),
            id="a menu below, back, and down again",
        ),
        pytest.param(
            ["", "?", ""],
            [MENU, Ask(("no-key", "main-menu"), 5), Ask(("wrong-key", "main-menu"), 5)],
            ToQueue("anyone"),
            id="silence and wrong keys: two repeats, then an operator",
        ),
        pytest.param("0", [MENU, menu("0")], ToQueue("anyone"), id="0: an operator"),
        pytest.param("91", [MENU, menu("9"), MENU, menu("1")], ToQueue("jobs"), id="9: again"),
        pytest.param(
            "811",
            [MENU, menu("8"), AGAIN, *UZBEK, MENU, menu("1")],
            ToQueue("jobs"),
            id="8: the language",
        ),
        pytest.param(
            "*11",
            [MENU, menu("*"), AGAIN, *UZBEK, MENU, menu("1")],
            ToQueue("jobs"),
            id="back from the first menu: the language",
        ),
        pytest.param(
            "8*1",
            [MENU, menu("8"), AGAIN, MENU, menu("1")],
            ToQueue("jobs"),
            id="the language stays: star",
        ),
        pytest.param(
            ["8", "", "", "", "1"],
            [MENU, menu("8"), AGAIN, AGAIN, AGAIN, MENU, menu("1")],
            ToQueue("jobs"),
            id="the language stays: silence",
        ),
        pytest.param(
            "80",
            [MENU, menu("8"), AGAIN, menu("0")],
            ToQueue("anyone"),
            id="an operator instead of a language",
        ),
        pytest.param(
            ["7", "", "7", "1"],
            [
                *(MENU, menu("7"), Speak("uz", slow=True), Note("CCOPS_PACE", "slow")),
                *(Remember(Memory("uz", slow=True)), Tell(("slower-on",))),
                *(MENU, menu("7"), Speak("uz"), Note("CCOPS_PACE", "usual")),
                *(Remember(Memory("uz")), Tell(("slower-off",)), menu("1")),
            ],
            ToQueue("jobs"),
            id="slower, and not: a key need not wait",
        ),
        pytest.param(
            "37",
            [MENU, menu("3"), BENEFITS, menu("7", "benefits")],
            HangUp(),
            id="a menu's own key goes before the common one",
        ),
        pytest.param(
            ["3", "2", ""],
            [MENU, menu("3"), BENEFITS, menu("2", "benefits"), Tell(("staff-absent",))],
            ToQueue("anyone"),
            id="staff outside their hours: an operator",
        ),
        pytest.param(
            ["5", "1"],
            [
                *(MENU, menu("5")),
                Ask(("callback-offer", "callback-other"), 5.0, gone=promise("menu")),
                *(promise("menu"), PROMISED),
            ],
            HangUp(),
            id="leaving the number",
        ),
        pytest.param(
            ["5", "*", "1"],
            [
                *(MENU, menu("5")),
                Ask(("callback-offer", "callback-other"), 5.0, gone=promise("menu")),
                *(DECLINED, MENU, menu("1")),
            ],
            ToQueue("jobs"),
            id="leaving no number",
        ),
    ],
)
def test_keys(keys: Iterable[str], heard: list[Step], then: Next) -> None:
    assert after_greeting(HOTLINE, BY_DAY, keys) == (heard, then)


@pytest.mark.parametrize(
    ("offices", "at", "told"),
    [
        ("work", NOON, ("offices-open",)),
        ("work", EVENING, ("offices-closed", "offices-reopen", "tomorrow", "hour-9")),
        ("never", NOON, ("offices-closed",)),
    ],
)
def test_the_offices_hours(offices: str, at: datetime, told: tuple[str, ...]) -> None:
    heard, _ = after_greeting(hotline(offices=offices), replace(BY_DAY, now=at), ["6", "", "1"])
    assert heard == [MENU, menu("6"), Tell(told), Note("CCOPS_INFO", told[0]), MENU, menu("1")]


def test_offices_without_hours_say_nothing() -> None:
    heard, _ = after_greeting(hotline(offices=None), BY_DAY, "61")
    assert heard == [MENU, menu("6"), MENU, menu("1")]


def test_staff_without_hours_can_always_be_called() -> None:
    heard, _ = after_greeting(hotline(offices=None), replace(BY_DAY, now=EVENING), "4")
    assert Note("CCOPS_STAFF", "301") in heard


def test_staff_keep_the_offices_hours() -> None:
    heard, then = after_greeting(HOTLINE, replace(BY_DAY, now=EVENING), "4")
    assert heard == [MENU, menu("4"), Tell(("staff-absent",))]
    assert then == ToQueue("anyone")


def test_silence_can_lead_to_another_menu() -> None:
    menus = {
        "main": {
            "prompt": "main-menu",
            "keys": {"1": {"queue": "jobs"}},
            "repeats": 0,
            "otherwise": {"menu": "benefits"},
        },
        "benefits": {"prompt": "benefits-menu", "keys": {"1": {"queue": "benefits"}}},
    }
    heard, then = after_greeting(hotline(menus=menus), BY_DAY, ["", "1"])
    assert heard == [MENU, BENEFITS, menu("1", "benefits")]
    assert then == ToQueue("benefits")


@pytest.mark.parametrize("number", [KNOWN, ""])
def test_silence_that_leads_to_a_callback_is_no_consent(number: str) -> None:
    menus = {
        "main": {
            "prompt": "main-menu",
            "keys": {"1": {"queue": "jobs"}},
            "repeats": 0,
            "otherwise": {"do": "callback"},
        }
    }
    heard, then = after_greeting(hotline(menus=menus), replace(BY_DAY, number=number), "")
    assert len(heard) == 5, "the menu, three questions, goodbye"
    assert not [step for step in heard if isinstance(step, Note)]
    assert then == HangUp()


@pytest.mark.parametrize("keys", ["9" * 500, "2" * 500, "3*" * 250, "8" * 500, "7" * 500])
def test_circling_in_the_menus_ends_at_an_operator(keys: str) -> None:
    heard, then = after_greeting(HOTLINE, BY_DAY, keys)
    assert then == ToQueue("anyone")
    assert len(heard) <= MAX_STEPS * 6


@pytest.mark.parametrize("situation", [BY_NIGHT, replace(BY_NIGHT, disturbances=(STOPPED,))])
def test_circling_while_nobody_can_be_reached_ends_too(situation: Situation) -> None:
    heard, then = call(entry(NIGHT, "1100", situation), "1" + "9" * 1000)
    assert then == HangUp()
    assert heard[-1] == Tell(("goodbye",), interruptible=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_product_has_a_text_for_every_prompt(language: Lang) -> None:
    texts = load(HOTLINE, ivr_prompts()).texts[language]
    own = {"main-menu", "benefits-menu", "closed-menu", "hours"}
    assert prompts_of(HOTLINE) - own - texts.keys() - COMPOSED == set()
