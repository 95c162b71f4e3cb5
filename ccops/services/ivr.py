"""Carries a caller through the dialogues over FastAGI.

Each session ends before the caller enters a queue, and ``CCOPS_NEXT`` is always the last thing
set (decision 3): whatever dies before that leaves it empty, and the dialplan's fallback acts. Only
a promise to call back is told to the dialplan at once: whoever has been promised that is neither
queued nor asked again, whatever dies while it is said.
Trouble with what ccops knows beside the configuration (memory, disturbances, blocks) costs that
knowledge, never the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.derive.callbacks import CALLBACK
from ccops.domain.dialogue import after_queue, after_staff, callback, entry
from ccops.domain.dialogue_steps import (
    Ask,
    Dialogue,
    Digits,
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
from ccops.domain.situation import Block, Disturbance, Memory, Situation
from ccops.errors import CcopsError
from ccops.numbers import e164

log = structlog.get_logger(__name__)

T = TypeVar("T")

KEYS = "0123456789*"
STAR = "*"
"""Declines to type a number at all, so nothing more is waited for."""
LONGEST_NUMBER = 16
"""Keys: 15 digits of E.164 and a 0 before them."""
HEAD_START_OF_HEAD = 100_000_000
"""Seconds, more than three years: before everybody who has not waited once already."""
RECALL_WITHIN = 0.3
"""Seconds of silence that nobody notices before the greeting."""
SLOW = "_slow"
"""Ends the language of a channel on which is spoken slowly."""


class Session(Protocol):
    """One caller's FastAGI session."""

    @property
    def env(self) -> Mapping[str, str]: ...

    async def get_data(
        self, sounds: Sequence[str], *, timeout: float, digits: int = 1, alone: str = ""
    ) -> str: ...

    async def play(self, sounds: Sequence[str], *, keys: str = "") -> str: ...

    async def set_variables(self, **values: str) -> None: ...

    async def get_variable(self, expression: str) -> str | None: ...

    async def exec(self, application: str, *arguments: str) -> str: ...


class Memories(Protocol):
    """How callers were spoken to last time."""

    async def recall(self, number: str) -> Memory | None: ...

    def note(self, number: str, memory: Memory) -> None: ...


class CurrentDisturbances(Protocol):
    def current(self, line: str) -> tuple[Disturbance, ...]: ...


class BlockList(Protocol):
    def find(self, number: str, at: datetime) -> Block | None: ...


class Ivr:
    """The routes ``/entry``, ``/after``, ``/callback`` and ``/staff`` of the FastAGI server."""

    def __init__(
        self,
        hotline: Callable[[], Hotline],
        clock: Clock,
        memory: Memories,
        disturbances: CurrentDisturbances,
        blocks: BlockList,
    ) -> None:
        self._hotline = hotline
        self._clock = clock
        self._memory = memory
        self._disturbances = disturbances
        self._blocks = blocks

    async def entry(self, session: Session) -> None:
        """A new call; the dialled number is the route's argument."""
        line = session.env.get("agi_arg_1", "")
        hotline = self._hotline()
        if not _has(hotline, line):
            return
        situation = await self._situation(session, hotline, line)
        await self._hold(session, situation.number, entry(hotline, line, situation))

    async def after(self, session: Session) -> None:
        """A caller has left a queue; arguments: QUEUESTATUS and the queue's name."""
        status, queue = session.env.get("agi_arg_1", ""), session.env.get("agi_arg_2", "")
        await self._hold(session, "", after_queue(status, queue))

    async def callback(self, session: Session) -> None:
        """A caller has pressed 1 while waiting; argument: the queue's name."""
        queue = session.env.get("agi_arg_1", "")
        hotline = self._hotline()
        number = _number(session, hotline)
        await self._hold(session, number, callback(hotline, queue, number))

    async def staff(self, session: Session) -> None:
        """A member of the staff was rung; arguments: DIALSTATUS and the extension."""
        status = session.env.get("agi_arg_1", "")
        line = await session.get_variable("CCOPS_LINE") or ""
        hotline = self._hotline()
        if not _has(hotline, line):
            return
        situation = await self._situation(session, hotline, line)
        await self._hold(session, situation.number, after_staff(hotline, line, situation, status))

    async def _situation(self, session: Session, hotline: Hotline, line: str) -> Situation:
        now = self._clock.now()
        number = _number(session, hotline)
        return Situation(
            now=now.astimezone(ZoneInfo(hotline.time_zone)),
            number=number,
            memory=await self._recall(number) if number else None,
            disturbances=_or_else((), "disturbances", lambda: self._disturbances.current(line)),
            block=_or_else(None, "blocks", lambda: self._blocks.find(number, now))
            if number
            else None,
        )

    async def _recall(self, number: str) -> Memory | None:
        try:
            async with asyncio.timeout(RECALL_WITHIN):
                return await self._memory.recall(number)
        except Exception as error:  # whatever it is, the caller is greeted as anybody
            log.warning("a call goes on without memory", reason=type(error).__name__)
            return None

    async def _hold(self, session: Session, number: str, dialogue: Dialogue) -> None:
        """Play a dialogue to its end and tell the dialplan what comes next."""
        key, begun = "", False
        while True:
            try:
                step = dialogue.send(key) if begun else next(dialogue)
            except StopIteration as end:
                await _leave(session, end.value)
                return
            key, begun = await self._perform(session, number, step), True

    async def _perform(self, session: Session, number: str, step: Step) -> str:
        match step:
            case Ask(prompts, wait, gone):
                return await _ask(session, _sounds(prompts), wait, gone)
            case Digits(prompts, wait):
                return await session.get_data(
                    _sounds(prompts), timeout=wait, digits=LONGEST_NUMBER, alone=STAR
                )
            case Tell(prompts, interruptible):
                return await session.play(_sounds(prompts), keys=KEYS if interruptible else "")
            case Speak(language, slow):
                pace = SLOW if slow else ""
                values = {
                    "CHANNEL(language)": language + pace,
                    "__CCOPS_LANG": language,
                    "__CCOPS_PACE": pace,
                    "CCOPS_LANG_CHOSEN": "yes",
                }
                await session.set_variables(**values)
            case Note(event):
                await _note(session, step)
                if event == CALLBACK:
                    await session.set_variables(CCOPS_NEXT="promised")
            case Remember(memory):
                if number:
                    _or_else(None, "memory", lambda: self._memory.note(number, memory))
        return ""


async def _ask(session: Session, sounds: Sequence[str], wait: float, gone: Note | None) -> str:
    try:
        return await session.get_data(sounds, timeout=wait)
    except CcopsError as error:
        if gone is not None and error.code == "agi_hangup":
            await _note(session, gone)
        raise


async def _note(session: Session, note: Note) -> None:
    await session.exec("CELGenUserEvent", note.event, note.data)


async def _leave(session: Session, then: Next) -> None:
    match then:
        case HangUp():
            values = {"CCOPS_NEXT": "hangup"}
        case ToStaff(staff, queue):
            values = {"CCOPS_STAFF": staff, "CCOPS_QUEUE": queue, "CCOPS_NEXT": "staff"}
        case ToQueue(queue, head, head_start):
            seconds = HEAD_START_OF_HEAD if head else head_start
            ahead = {"CCOPS_HEAD_START": str(seconds)} if seconds else {}
            values = {**ahead, "CCOPS_QUEUE": queue, "CCOPS_NEXT": "queue"}
    await session.set_variables(**values)


def _has(hotline: Hotline, line: str) -> bool:
    if line not in hotline.lines:
        log.error("call to a line that hotline.yaml does not have", line=line)
    return line in hotline.lines


def _number(session: Session, hotline: Hotline) -> str:
    return e164(session.env.get("agi_callerid", ""), hotline.organisation.country)


def _or_else(otherwise: T, part: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception:
        log.exception("a call goes on without", part=part)
        return otherwise


def _sounds(prompts: Sequence[str]) -> list[str]:
    return [f"ccops/{prompt}" for prompt in prompts]
