"""What is said to a caller before and after the queue, as pure generators.

A dialogue yields steps and is sent the key that was pressed ('' for silence); it returns what the
dialplan does next. It performs nothing itself, so a test reads like a call: *hears this, presses
that*. Menus: T1, T2; silence and wrong keys lead to an operator after the menu's repeats.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from ccops.config.model import Action, Hotline
from ccops.config.types import Lang

MAX_STEPS = 60
"""A caller who keeps circling in the menus reaches an operator after so many steps."""

GREETING_WAIT = 5.0
GREETING_REPEATS = 2


@dataclass(frozen=True)
class Ask:
    """Play the prompts, then wait ``wait`` seconds for one key; a key interrupts."""

    prompts: tuple[str, ...]
    wait: float


@dataclass(frozen=True)
class Tell:
    """Play the prompts; a key interrupts and is sent back, '' means heard to the end."""

    prompts: tuple[str, ...]
    interruptible: bool = True


@dataclass(frozen=True)
class Speak:
    """From here on this language is spoken."""

    language: Lang


@dataclass(frozen=True)
class Note:
    """A fact for the records: written as a CEL user event."""

    event: str
    data: str


@dataclass(frozen=True)
class ToQueue:
    queue: str
    head: bool = False
    """Go to the head of the queue: the caller has waited once already."""


@dataclass(frozen=True)
class HangUp:
    pass


Step = Ask | Tell | Speak | Note
Next = ToQueue | HangUp
Dialogue = Generator[Step, str, Next]


def entry(hotline: Hotline, number: str) -> Dialogue:
    """A call to the line ``number``, from the greeting to the queue or the end."""
    line = hotline.lines[number]
    key = ""
    if len(hotline.languages) > 1:
        chosen, key = yield from _language(hotline, ("greeting",))
        if not chosen:
            return ToQueue(line.fallback_queue)
    else:
        yield Speak(hotline.default_language)
        key = yield Tell(("greeting",))
    return (yield from _menus(hotline, line.menu, line.fallback_queue, key))


def after_queue(status: str, queue: str) -> Dialogue:
    """The caller has left ``queue``; ``status`` is app_queue's QUEUESTATUS.

    CONTINUE: the operator hung up, the call was served. TIMEOUT: nobody was free in all that
    time, the caller goes on waiting, ahead of the others. Anything else (FULL, JOINEMPTY ...):
    the caller was not let in, and would not be a moment later.
    """
    if status == "CONTINUE":
        yield Tell(("goodbye",), interruptible=False)
        return HangUp()
    if status == "TIMEOUT":
        yield Tell(("still-busy",), interruptible=False)
        return ToQueue(queue, head=True)
    yield Tell(("queue-full",), interruptible=False)
    return HangUp()


def _language(hotline: Hotline, prompts: tuple[str, ...]) -> Generator[Step, str, tuple[bool, str]]:
    keys = {str(place): lang for place, lang in enumerate(hotline.languages, start=1)}
    for attempt in range(GREETING_REPEATS + 1):
        key = yield Ask(prompts if attempt == 0 else ("language",), GREETING_WAIT)
        if key in keys:
            yield Speak(keys[key])
            yield Note("CCOPS_LANG", keys[key])
            return True, ""
        if key == "0":
            break
    return False, ""


def _menus(hotline: Hotline, first: str, fallback_queue: str, key: str) -> Dialogue:
    path = [first]
    before: tuple[str, ...] = ()
    attempts = 0
    for _ in range(MAX_STEPS):
        menu = hotline.menus[path[-1]]
        if not key:
            key = yield Ask((*before, menu.prompt), menu.wait_for_key)
        action = menu.keys.get(key)
        if action is None:
            attempts += 1
            if attempts > menu.repeats:
                action = menu.otherwise
            else:
                before = ("wrong-key",) if key else ("no-key",)
                key = ""
                continue
        else:
            attempts = 0
            yield Note("CCOPS_MENU", f"{path[-1]}={key}")
        before = ()
        ended = _leads(action)
        if ended is not None:
            return ended
        key = yield from _follow(hotline, action, path)
    return ToQueue(fallback_queue)


def _leads(action: Action) -> Next | None:
    if action.queue is not None:
        return ToQueue(action.queue)
    if action.do == "hangup":
        return HangUp()
    return None


def _follow(hotline: Hotline, action: Action, path: list[str]) -> Generator[Step, str, str]:
    """Carry out an action that stays in the menus; returns a key pressed meanwhile, or ''."""
    key = ""
    if action.menu is not None:
        path.append(action.menu)
    elif action.say is not None:
        key = yield Tell((action.say,))
        if not key:
            yield Note("CCOPS_INFO", action.say)
    elif action.do == "back" and len(path) > 1:
        path.pop()
    elif action.do == "language":
        yield from _language(hotline, ("language",))
    return key


def prompts_of(hotline: Hotline) -> frozenset[str]:
    """Every prompt that a dialogue of this hotline can ask for."""
    own = {menu.prompt for menu in hotline.menus.values()}
    said = {
        action.say
        for menu in hotline.menus.values()
        for action in (*menu.keys.values(), menu.otherwise)
        if action.say is not None
    }
    return frozenset(
        own
        | said
        | {"greeting", "language", "wrong-key", "no-key", "goodbye", "queue-full", "still-busy"}
    )
