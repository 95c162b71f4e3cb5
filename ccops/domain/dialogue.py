"""What is said to a caller before and after the queue, as pure generators.

A dialogue yields steps and is sent the key that was pressed ('' for silence); it returns what the
dialplan does next. It performs nothing itself, so a test reads like a call: *hears this, presses
that*. Its parts: steps, the caller, language, menus, callback (``dialogue_*.py``).

Nobody is ever stuck: silence and wrong keys lead to an operator after the repeats; where none can
be reached (closed, a disturbance that stops calls), to leaving the number, and then to the end.
"""

from __future__ import annotations

from collections.abc import Generator

from ccops.config.model import Hotline
from ccops.domain import (
    dialogue_callback,
    dialogue_caller,
    dialogue_language,
    dialogue_menus,
    spoken_time,
)
from ccops.domain.dialogue_callback import Reply, callback
from ccops.domain.dialogue_caller import Caller, caller_of
from ccops.domain.dialogue_steps import Dialogue, HangUp, Note, Speak, Step, Tell, ToQueue
from ccops.domain.situation import Situation

__all__ = ["after_queue", "after_staff", "callback", "entry", "prompts_of"]


def entry(hotline: Hotline, line: str, situation: Situation) -> Dialogue:
    """A call to the number ``line``, from the greeting to the queue or the end."""
    caller = caller_of(hotline, line, situation)
    if situation.block is not None:
        return (yield from _blocked(caller, situation.block.id))
    greeted = yield from dialogue_language.greet(caller)
    key = (yield from dialogue_caller.disturbances(caller)) or greeted.key
    if not greeted.chosen:
        return (yield from dialogue_menus.operator_or_end(caller))
    if not caller.reaches_operators:
        offered = yield from _out_of_hours(caller)
        if offered is None:
            return HangUp()
        key = offered
    return (yield from dialogue_menus.menus(caller, key))


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


def after_staff(hotline: Hotline, line: str, situation: Situation, status: str) -> Dialogue:
    """A member of the staff was rung; ``status`` is DIALSTATUS.

    ANSWER: they have talked. Anything else (NOANSWER, BUSY, CHANUNAVAIL ...): an operator instead.
    """
    caller = caller_of(hotline, line, situation)
    if status == "ANSWER":
        yield Tell(("goodbye",), interruptible=False)
        return HangUp()
    if caller.reaches_operators:
        yield Tell(("staff-absent",), interruptible=False)
    return (yield from dialogue_menus.operator_or_end(caller))


def prompts_of(hotline: Hotline) -> frozenset[str]:
    """Every prompt that a dialogue of this hotline can ask for.

    Beside the words that were typed for a disturbance, which are spoken when it begins.
    """
    return frozenset(
        dialogue_language.PROMPTS
        | dialogue_caller.PROMPTS
        | dialogue_callback.PROMPTS
        | dialogue_menus.prompts(hotline)
        | spoken_time.PROMPTS
        | {"blocked", "queue-full", "still-busy"}
    )


def _blocked(caller: Caller, block: int) -> Dialogue:
    """In the language remembered, else in each: the caller is not asked for one."""
    yield Note("CCOPS_BLOCKED", str(block))
    for language in (caller.language,) if caller.known else caller.hotline.languages:
        yield Speak(language, caller.slow)
        yield Tell(("blocked",), interruptible=False)
    return HangUp()


def _out_of_hours(caller: Caller) -> Generator[Step, str, str | None]:
    """What comes before the menus while no operator can be reached. A key for the menu, or None
    once a callback was promised.

    In a disturbance, which has just been told, and on a closed line without a menu for it, that is
    the offer of a callback; who does not take it can listen to what the menus tell. A key pressed
    before the caller was told is dropped: it was meant for an open line.
    """
    if caller.stopped is None:
        key = yield from dialogue_caller.closed(caller)
        if caller.line.closed_menu is not None:
            return key
    reply = yield from dialogue_menus.leave_number(caller, caller.line.fallback_queue)
    return None if reply is Reply.PROMISED else ""
