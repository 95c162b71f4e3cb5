"""Leaving a number to be called back (in the queue, out of hours, in a disturbance, by a menu)."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum, auto

from ccops.config.model import Hotline
from ccops.domain.dialogue_steps import Ask, Dialogue, Digits, HangUp, Note, Step, Tell, ToQueue
from ccops.domain.records import PromiseKind
from ccops.numbers import e164

ATTEMPTS = 3
"""At each question, and at typing a number."""

KEY_WAIT = 5.0
DIGIT_WAIT = 7.0
"""Seconds; many read the number from a piece of paper."""

PROMPTS = frozenset(
    {
        "callback-offer",
        "callback-other",
        "callback-stay",
        "callback-number",
        "callback-read-back",
        "callback-confirm",
        "callback-promised",
        "callback-declined",
        "wrong-number",
        "wrong-key",
        "goodbye",
        *(f"digit-{digit}" for digit in range(10)),
    }
)


class Reply(Enum):
    """How a caller took the offer."""

    PROMISED = auto()
    """The caller has been told so, with a goodbye."""
    DECLINED = auto()
    SILENT = auto()


@dataclass(frozen=True)
class Offer:
    """To whom a callback is offered, and why."""

    hotline: Hotline
    number: str
    """From which the call comes; empty when withheld."""
    kind: PromiseKind
    queue: str
    asked: bool
    """The caller has asked to be called back by a key, so silence means yes."""
    stay: bool = False
    """The caller waits in the queue and can go on waiting."""

    def note(self, number: str) -> Note:
        """The promise itself."""
        return Note("CCOPS_CALLBACK", f"{self.kind} {number} {self.queue}".rstrip())


def callback(hotline: Hotline, queue: str, number: str) -> Dialogue:
    """Key 1 was pressed in ``queue``: confirm the number, or back to the same place.

    The key is the citizen's yes, as the announcement had promised ("to be called back without
    waiting, press one"). So where the number is known, silence after the question is an acceptance,
    and so is hanging up during it: only another number, or the star, says something else. The
    promise is noted after the question, not before, because it cannot be taken back, and who goes
    on waiting would be called back after having been served.
    """
    reply = yield from offer(
        Offer(hotline, number, PromiseKind.QUEUE, queue, asked=True, stay=True)
    )
    return HangUp() if reply is Reply.PROMISED else ToQueue(queue)


def offer(to: Offer) -> Generator[Step, str, Reply]:
    """Ask for the number to call back, and promise it.

    1 is the number from which the call comes, 2 another one, star or 0 declines. A withheld number
    is typed. Declining is told; silence is left to the caller of this.
    """
    reply = yield from (_choose(to) if _callable(to.number) else _typed(to))
    if reply is Reply.PROMISED:
        yield Tell(("callback-promised",), interruptible=False)
    elif reply is Reply.DECLINED or to.stay:
        yield Tell(("callback-declined",), interruptible=False)
    return reply


def _choose(to: Offer) -> Generator[Step, str, Reply]:
    stay = ("callback-stay",) if to.stay else ()
    gone = to.note(to.number) if to.asked else None
    before: tuple[str, ...] = ()
    for _ in range(ATTEMPTS):
        key = yield Ask((*before, "callback-offer", "callback-other", *stay), KEY_WAIT, gone=gone)
        if key == "1":
            yield to.note(to.number)
            return Reply.PROMISED
        if key == "2":
            return (yield from _typed(to))
        if key in ("*", "0"):
            return Reply.DECLINED
        if not key and to.asked:
            break
        before = ("wrong-key",) if key else ()
    if to.asked:
        yield to.note(to.number)
        return Reply.PROMISED
    return Reply.SILENT


def _typed(to: Offer) -> Generator[Step, str, Reply]:
    """A number of the hotline's country, or with its country's code, read back and confirmed."""
    stay = ("callback-stay",) if to.stay else ()
    before: tuple[str, ...] = ()
    silent = True
    for _ in range(ATTEMPTS):
        typed = yield Digits((*before, "callback-number", *stay), DIGIT_WAIT)
        if typed == "*":
            return Reply.DECLINED
        silent = silent and not typed
        typed = typed.rpartition("*")[2]  # a star begins anew
        number = e164(typed, to.hotline.organisation.country)
        if not number.startswith("+"):
            before = ("wrong-number",) if typed else ()
            continue
        if (yield from _confirmed(typed, to.note(number))):
            yield to.note(number)
            return Reply.PROMISED
        before = ()
    return Reply.SILENT if silent else Reply.DECLINED


def _confirmed(typed: str, promise: Note) -> Generator[Step, str, bool]:
    """Whoever typed a number and objects to nothing, also by hanging up, wants to be called."""
    digits = tuple(f"digit-{digit}" for digit in typed)
    before: tuple[str, ...] = ()
    for _ in range(ATTEMPTS):
        key = yield Ask(
            (*before, "callback-read-back", *digits, "callback-confirm"), KEY_WAIT, gone=promise
        )
        if key in ("", "1"):
            return True
        if key in ("2", "*"):
            return False
        before = ("wrong-key",)
    return False


def _callable(number: str) -> bool:
    """Whether a number as received can be called back at all."""
    return re.fullmatch(r"\+?[0-9]{5,15}", number) is not None
