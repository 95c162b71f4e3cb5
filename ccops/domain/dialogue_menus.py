"""Menus of any depth, with the keys that mean the same in all of them (T2, T12, T14)."""

from __future__ import annotations

from collections.abc import Generator

from ccops.config.model import Action, Hotline
from ccops.domain.calendar import is_open, next_opening
from ccops.domain.dialogue_callback import Offer, Reply, offer
from ccops.domain.dialogue_caller import Caller, out_of_reach
from ccops.domain.dialogue_language import change_language, change_pace
from ccops.domain.dialogue_steps import (
    Ask,
    Dialogue,
    HangUp,
    Next,
    Note,
    Step,
    Tell,
    ToQueue,
    ToStaff,
)
from ccops.domain.spoken_time import moment

MAX_STEPS = 60
"""A caller who keeps circling in the menus reaches an operator after so many steps."""

PROMPTS = frozenset(
    {
        "wrong-key",
        "no-key",
        "connecting-staff",
        "staff-absent",
        "offices-open",
        "offices-closed",
        "offices-reopen",
        "goodbye",
    }
)


def menus(caller: Caller, key: str = "") -> Dialogue:
    """From the line's first menu to whatever the caller chooses; ``key`` was pressed already.

    Silence and wrong keys: the menu's repeats, then what it says under ``otherwise``.
    """
    path = [caller.first_menu]
    before: tuple[str, ...] = ()
    attempts = 0
    for _ in range(MAX_STEPS):
        menu = caller.hotline.menus[path[-1]]
        if not key:
            key = yield Ask((*before, menu.prompt), menu.wait_for_key)
        action = caller.hotline.keys_of(menu).get(key)
        by_key = action is not None
        if action is None:
            attempts += 1
            if attempts <= menu.repeats:
                before = ("wrong-key",) if key else ("no-key",)
                key = ""
                continue
            action = menu.otherwise
        else:
            yield Note("CCOPS_MENU", f"{path[-1]}={key}")
        attempts = 0
        before = ()
        then = yield from _leads(caller, action, by_key=by_key)
        if then is not None:
            return then
        key = yield from _follow(caller, action, path)
    return (yield from operator_or_end(caller))


def operator(caller: Caller) -> Generator[Step, str, Next | None]:
    """To the line's own queue; see :func:`to_queue`."""
    return (yield from to_queue(caller, caller.line.fallback_queue))


def operator_or_end(caller: Caller) -> Dialogue:
    """To the line's own queue; who can only be called back, and does not want to, is let go."""
    then = yield from operator(caller)
    if then is None:
        yield Tell(("goodbye",), interruptible=False)
    return then or HangUp()


def to_queue(caller: Caller, name: str, head_start: int = 0) -> Generator[Step, str, Next | None]:
    """To a queue, or to a callback while no operator can be reached; None: back to the menu."""
    if caller.reaches_operators:
        return ToQueue(name, head_start=max(head_start, caller.line.head_start))
    yield from out_of_reach(caller, name)
    return (yield from _callback(caller, name, asked=False))


def leave_number(caller: Caller, name: str, *, asked: bool = False) -> Generator[Step, str, Reply]:
    """Offer a callback by the operators of the queue ``name``."""
    number = caller.situation.number
    return (yield from offer(Offer(caller.hotline, number, caller.promise, name, asked)))


def _leads(caller: Caller, action: Action, *, by_key: bool) -> Generator[Step, str, Next | None]:
    """Carry out an action that may lead out of the menus; None: it does not, or not now.

    ``by_key``: not after silence or wrong keys.
    """
    if action.queue is not None:
        return (yield from to_queue(caller, action.queue, action.head_start))
    if action.staff is not None:
        return (yield from _staff(caller, action.staff))
    match action.do:
        case "operator":
            return (yield from operator(caller))
        case "hangup":
            return HangUp()
        case "callback":
            queue = caller.line.fallback_queue
            return (yield from _callback(caller, queue, asked=by_key))
    return None


def _callback(caller: Caller, queue: str, *, asked: bool) -> Generator[Step, str, Next | None]:
    """None: back to the menu. Who asked for nothing and says nothing is let go."""
    reply = yield from leave_number(caller, queue, asked=asked)
    if reply is Reply.SILENT and not asked:
        yield Tell(("goodbye",), interruptible=False)
        return HangUp()
    return HangUp() if reply is Reply.PROMISED else None


def _staff(caller: Caller, extension: str) -> Generator[Step, str, Next | None]:
    if not caller.reaches_operators:
        return (yield from operator(caller))
    if not _at_work(caller, extension):
        yield Tell(("staff-absent",))
        return (yield from operator(caller))
    yield Note("CCOPS_STAFF", extension)
    yield Tell(("connecting-staff",), interruptible=False)
    return ToStaff(extension, caller.line.fallback_queue)


def _at_work(caller: Caller, extension: str) -> bool:
    hours = caller.hotline.staff[extension].hours or caller.hotline.offices
    return hours is None or is_open(caller.hotline.calendars[hours], caller.now)


def _follow(caller: Caller, action: Action, path: list[str]) -> Generator[Step, str, str]:
    """Carry out an action that stays in the menus; returns a key pressed meanwhile, or ''."""
    if action.menu is not None:
        path.append(action.menu)
    elif action.say is not None:
        return (yield from _inform((action.say,)))
    match action.do:
        case "back" if len(path) > 1:
            path.pop()
        case "back" | "language" if len(caller.hotline.languages) > 1:
            return (yield from change_language(caller))
        case "slower":
            return (yield from change_pace(caller))
        case "offices" if caller.hotline.offices is not None:
            return (yield from _inform(_offices(caller)))
    return ""


def _inform(prompts: tuple[str, ...]) -> Generator[Step, str, str]:
    key = yield Tell(prompts)
    if not key:
        yield Note("CCOPS_INFO", prompts[0])
    return key


def _offices(caller: Caller) -> tuple[str, ...]:
    calendar = caller.hotline.calendars[caller.hotline.offices or ""]
    if is_open(calendar, caller.now):
        return ("offices-open",)
    at = next_opening(calendar, caller.now)
    if at is None:
        return ("offices-closed",)
    return ("offices-closed", "offices-reopen", *moment(at, caller.now))


def prompts(hotline: Hotline) -> frozenset[str]:
    """Every prompt that the menus can ask for."""
    actions = [
        *hotline.common_keys.values(),
        *(
            action
            for menu in hotline.menus.values()
            for action in (*menu.keys.values(), menu.otherwise)
        ),
    ]
    said = {action.say for action in actions if action.say is not None}
    return PROMPTS | said | {menu.prompt for menu in hotline.menus.values()}
