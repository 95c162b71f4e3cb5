"""A small hotline with everything a caller can meet, and a caller who presses keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ccops.config.model import Hotline
from ccops.domain.dialogue import entry
from ccops.domain.dialogue_steps import (
    Ask,
    Dialogue,
    Digits,
    Next,
    Note,
    Remember,
    Speak,
    Step,
    Tell,
)
from ccops.domain.situation import Disturbance, Memory, Situation

TASHKENT = ZoneInfo("Asia/Tashkent")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=TASHKENT)
"""A Monday, in everybody's hours."""
EVENING = NOON.replace(hour=20)
KNOWN = "+998712000001"

SETTINGS: dict[str, Any] = {
    "version": 1,
    "organisation": {"name": {"uz": "Vazirlik", "ru": "Министерство"}, "country": "UZ"},
    "time_zone": "Asia/Tashkent",
    "languages": ["uz", "ru"],
    "sub_lines": {"main": {"label": "1", "name": {"uz": "Ish", "ru": "Работа"}}},
    "calendars": {
        "work": {"week": {"mon-fri": "09:00-18:00"}},
        "mornings": {"week": {"mon-fri": "09:00-11:00"}},
        "never": {"week": {"mon": "closed"}},
    },
    "offices": "work",
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
                "4": {"staff": "301"},
                "5": {"do": "callback"},
                "6": {"do": "offices"},
            },
        },
        "benefits": {
            "prompt": "benefits-menu",
            "keys": {
                "1": {"queue": "benefits", "head_start": 120},
                "2": {"staff": "302"},
                "7": {"do": "hangup"},
            },
        },
        "night": {
            "prompt": "closed-menu",
            "keys": {"1": {"do": "callback"}, "2": {"say": "hours"}},
        },
    },
    "queues": {
        name: {"name": {"uz": name, "ru": name}, "sub_line": "main"}
        for name in ("jobs", "benefits", "anyone")
    },
    "staff": {
        "301": {"name": "Aziza Karimova", "title": {"uz": "Boʻlim", "ru": "Отдел"}},
        "302": {
            "name": "Bobur Aliyev",
            "title": {"uz": "Boʻlim", "ru": "Отдел"},
            "hours": "mornings",
        },
    },
}


def hotline(line: dict[str, Any] | None = None, **others: Any) -> Hotline:
    """With other settings: of the line, or of the whole."""
    settings = {**SETTINGS, **others}
    settings["lines"] = {"1100": {**SETTINGS["lines"]["1100"], **(line or {})}}
    return Hotline.model_validate(settings)


HOTLINE = hotline()
CLOSING = hotline({"hours": "work"})
NIGHT = hotline({"hours": "work", "closed_menu": "night"})

BY_DAY = Situation(NOON, KNOWN)
BY_NIGHT = Situation(EVENING, KNOWN)
WITHHELD = replace(BY_DAY, number="")
RUSSIAN = replace(BY_DAY, memory=Memory("ru"))

SLOW_NET = Disturbance(7, "", "reason-network", {}, False, None, NOON, "cli")
STOPPED = replace(
    SLOW_NET, id=8, reason="", stops_calls=True, resumes_at=NOON.replace(hour=15, minute=30)
)

GREETING = Ask(("greeting",), 5.0)
KNOWN_GREETING = Ask(("greeting-known",), 1.0)
AGAIN = Ask(("language",), 5.0)
MENU = Ask(("main-menu",), 5)
CLOSED = Tell(("closed", "opens", "tomorrow", "hour-9"))
OFFER = Ask(("callback-offer", "callback-other"), 5.0)
TYPE = Digits(("callback-number",), 7.0)
PROMISED = Tell(("callback-promised",), interruptible=False)
DECLINED = Tell(("callback-declined",), interruptible=False)
GOODBYE = Tell(("goodbye",), interruptible=False)
UZBEK: list[Step] = [Speak("uz"), Note("CCOPS_LANG", "uz"), Remember(Memory("uz"))]


def call(dialogue: Dialogue, keys: Iterable[str]) -> tuple[list[Step], Next]:
    """Play a dialogue: each question is answered by the next key, silence once they run out."""
    answers = iter(keys)
    heard: list[Step] = []
    try:
        step = next(dialogue)
        while True:
            heard.append(step)
            asked = isinstance(step, Ask | Digits) or (
                isinstance(step, Tell) and step.interruptible
            )
            step = dialogue.send(next(answers, "") if asked else "")
    except StopIteration as end:
        return heard, end.value


def after_greeting(
    what: Hotline, situation: Situation, keys: Iterable[str]
) -> tuple[list[Step], Next]:
    """A call in Uzbek by key: what is heard from there on."""
    heard, then = call(entry(what, "1100", situation), ["1", *keys])
    assert heard[:4] == [GREETING, *UZBEK]
    return heard[4:], then


def menu(key: str, name: str = "main") -> Note:
    return Note("CCOPS_MENU", f"{name}={key}")


def promise(kind: str, number: str = KNOWN, queue: str = "anyone") -> Note:
    return Note("CCOPS_CALLBACK", f"{kind} {number} {queue}")
