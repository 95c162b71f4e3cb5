"""In which language, and how fast, a caller is spoken to (T1, T12)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from ccops.config.types import Lang
from ccops.domain.dialogue_caller import Caller
from ccops.domain.dialogue_steps import Ask, Note, Remember, Speak, Step, Tell
from ccops.domain.situation import Memory

GREETING_WAIT = 5.0
GREETING_REPEATS = 2

KNOWN_WAIT = 1.0
"""Seconds after the greeting of a known caller: enough for a key, short for who goes on."""

PROMPTS = frozenset({"greeting", "greeting-known", "language", "slower-on", "slower-off"})


@dataclass(frozen=True)
class Greeted:
    """How the greeting ended."""

    chosen: bool
    """No: silence, or the key for an operator; the language is the hotline's own then."""
    key: str = ""
    """Pressed for what comes next."""


def greet(caller: Caller) -> Generator[Step, str, Greeted]:
    """The greeting, with the choice of language where there are several.

    A known caller is greeted in the language of last time. The keys of the languages mean the same
    as for anybody, because that is what fingers have learnt; any other is one of the menu.
    """
    languages = caller.hotline.languages
    if len(languages) == 1:
        yield Speak(caller.language, caller.slow)
        if caller.known:
            yield Remember(Memory(caller.language, caller.slow))
        return Greeted(True, (yield Tell(("greeting",))))
    if not caller.known:
        return Greeted((yield from _choose(caller, "greeting", leave="0")) in _keys(caller))
    yield Speak(caller.language, caller.slow)
    key = yield Ask(("greeting-known",), KNOWN_WAIT)
    chosen = _keys(caller).get(key)
    if chosen is not None and chosen != caller.language:
        caller.language = chosen
        yield Speak(chosen, caller.slow)
    yield from _noted(caller)
    return Greeted(True, key if chosen is None else "")


def change_language(caller: Caller) -> Generator[Step, str, str]:
    """Ask for the language; star, silence and wrong keys leave it as it is.

    Returns the key for an operator where that was pressed instead.
    """
    return "0" if (yield from _choose(caller, "language", leave="0*")) == "0" else ""


def change_pace(caller: Caller) -> Generator[Step, str, str]:
    """Slowly from here on, or at the usual pace again. Returns a key pressed meanwhile."""
    caller.slow = not caller.slow
    yield Speak(caller.language, caller.slow)
    yield Note("CCOPS_PACE", "slow" if caller.slow else "usual")
    yield Remember(Memory(caller.language, caller.slow))
    return (yield Tell(("slower-on" if caller.slow else "slower-off",)))


def _choose(caller: Caller, prompt: str, leave: str) -> Generator[Step, str, str]:
    """The key of the language chosen, or one of ``leave``; '' where neither was pressed."""
    keys = _keys(caller)
    for _ in range(GREETING_REPEATS + 1):
        key = yield Ask((prompt,), GREETING_WAIT)
        if key in keys:
            caller.language = keys[key]
            yield Speak(caller.language, caller.slow)
            yield from _noted(caller)
            return key
        if key and key in leave:
            return key
        prompt = "language"
    return ""


def _noted(caller: Caller) -> Generator[Step, str, None]:
    """For the records, and for the next call."""
    yield Note("CCOPS_LANG", caller.language)
    yield Remember(Memory(caller.language, caller.slow))


def _keys(caller: Caller) -> dict[str, Lang]:
    return {str(place): lang for place, lang in enumerate(caller.hotline.languages, start=1)}
