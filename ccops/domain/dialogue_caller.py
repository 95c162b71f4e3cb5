"""What holds for one caller throughout a dialogue, and why operators may be out of reach (T10)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime

from ccops.config.calendar import Calendar
from ccops.config.model import Hotline, Line
from ccops.config.types import Lang
from ccops.domain.calendar import is_open, next_opening
from ccops.domain.dialogue_steps import Note, Step, Tell
from ccops.domain.records import PromiseKind
from ccops.domain.situation import Disturbance, Situation
from ccops.domain.spoken_time import moment

REASONS = frozenset(
    {"reason-technical", "reason-power", "reason-network", "reason-data", "reason-calls"}
)
"""What is wrong, as the product can say it; others are the ministry's own or were typed."""

PROMPTS = REASONS | {
    "disturbance-now",
    "other-channels",
    "resumes",
    "resumes-unknown",
    "closed",
    "opens",
}


@dataclass
class Caller:
    """One caller, who may choose another language or pace meanwhile.

    The hours that hold are those at which the call came in: nobody is turned away because the
    line closes while the menu is being read out.
    """

    hotline: Hotline
    line: Line
    situation: Situation
    language: Lang
    slow: bool = False
    known: bool = False
    """Language and pace are those of last time."""

    @property
    def now(self) -> datetime:
        return self.situation.now

    @property
    def stopped(self) -> Disturbance | None:
        """The disturbance for which no operator can be reached."""
        return next((one for one in self.situation.disturbances if one.stops_calls), None)

    @property
    def closed(self) -> bool:
        """Whether it is outside the line's hours."""
        return self.line.hours is not None and not is_open(self._hours, self.now)

    @property
    def reaches_operators(self) -> bool:
        return self.stopped is None and not self.closed

    @property
    def promise(self) -> PromiseKind:
        """What a callback promised in the menus is owed to."""
        if self.stopped is not None:
            return PromiseKind.DISTURBANCE
        return PromiseKind.CLOSED if self.closed else PromiseKind.MENU

    @property
    def first_menu(self) -> str:
        if self.closed and self.line.closed_menu is not None:
            return self.line.closed_menu
        return self.line.menu

    def opening(self) -> tuple[str, ...]:
        """That the line is closed, and when it opens where that is known."""
        at = next_opening(self._hours, self.now)
        return ("closed",) if at is None else ("closed", "opens", *moment(at, self.now))

    @property
    def _hours(self) -> Calendar:
        return self.hotline.calendars[self.line.hours or ""]


def caller_of(hotline: Hotline, line: str, situation: Situation) -> Caller:
    """As remembered; in the hotline's own language where the number is new."""
    memory = situation.memory
    if memory is None or memory.language not in hotline.languages:
        return Caller(hotline, hotline.lines[line], situation, hotline.default_language)
    return Caller(hotline, hotline.lines[line], situation, memory.language, memory.slow, known=True)


def disturbances(caller: Caller) -> Generator[Step, str, str]:
    """Tell what is wrong, which other channels there are, when service resumes.

    A key skips all of it, so that whoever has heard it yesterday need not hear it again; it is
    returned.
    """
    for one in caller.situation.disturbances:
        yield Note("CCOPS_DISTURBANCE", str(one.id))
        reason = (one.reason,) if one.reason else ()
        prompts = ("disturbance-now", *reason, "other-channels", *_resumption(one, caller.now))
        if key := (yield Tell(prompts)):
            return key
    return ""


def closed(caller: Caller, queue: str = "") -> Generator[Step, str, str]:
    """Tell that the line is closed; ``queue``: where the caller wanted to go. Returns a key."""
    yield Note("CCOPS_CLOSED", queue)
    return (yield Tell(caller.opening()))


def out_of_reach(caller: Caller, queue: str) -> Generator[Step, str, None]:
    """Tell shortly why nobody can be reached in ``queue`` now; a key only cuts it short."""
    if caller.stopped is not None:
        yield Tell(("disturbance-now", *_resumption(caller.stopped, caller.now)))
    else:
        yield from closed(caller, queue)


def _resumption(one: Disturbance, now: datetime) -> tuple[str, ...]:
    """A time that has passed is no longer told."""
    if one.resumes_at is None or one.resumes_at <= now:
        return ("resumes-unknown",)
    return ("resumes", *moment(one.resumes_at, now))
