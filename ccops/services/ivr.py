"""Carries a caller through the dialogues over FastAGI.

Each session ends before the caller enters a queue, and ``CCOPS_NEXT`` is always the last thing
set (decision 3): whatever dies before that leaves it empty, and the dialplan's fallback acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from ccops.config.model import Hotline
from ccops.domain.dialogue import (
    Ask,
    Dialogue,
    HangUp,
    Next,
    Note,
    Speak,
    Step,
    Tell,
    after_queue,
    entry,
)

log = structlog.get_logger(__name__)

KEYS = "0123456789*"
HEAD_PRIORITY = "10"


class Session(Protocol):
    """One caller's FastAGI session."""

    @property
    def env(self) -> Mapping[str, str]: ...

    async def get_data(self, sounds: Sequence[str], *, timeout: float, digits: int = 1) -> str: ...

    async def play(self, sounds: Sequence[str], *, keys: str = "") -> str: ...

    async def set_variables(self, **values: str) -> None: ...

    async def exec(self, application: str, *arguments: str) -> str: ...


class Ivr:
    """The routes ``/entry`` and ``/after`` of the FastAGI server."""

    def __init__(self, hotline: Callable[[], Hotline]) -> None:
        self._hotline = hotline

    async def entry(self, session: Session) -> None:
        """A new call; the dialled number is the route's argument."""
        number = session.env.get("agi_arg_1", "")
        hotline = self._hotline()
        if number not in hotline.lines:
            log.error("call to a line that hotline.yaml does not have", line=number)
            return
        await _hold(session, entry(hotline, number))

    async def after(self, session: Session) -> None:
        """A caller has left a queue; arguments: QUEUESTATUS and the queue's name."""
        status, queue = session.env.get("agi_arg_1", ""), session.env.get("agi_arg_2", "")
        await _hold(session, after_queue(status, queue))


async def _hold(session: Session, dialogue: Dialogue) -> None:
    """Play a dialogue to its end and tell the dialplan what comes next."""
    key, begun = "", False
    while True:
        try:
            step = dialogue.send(key) if begun else next(dialogue)
        except StopIteration as end:
            await _leave(session, end.value)
            return
        key, begun = await _perform(session, step), True


async def _perform(session: Session, step: Step) -> str:
    match step:
        case Ask(prompts, wait):
            return await session.get_data(_sounds(prompts), timeout=wait)
        case Tell(prompts, interruptible):
            return await session.play(_sounds(prompts), keys=KEYS if interruptible else "")
        case Speak(language):
            values = {
                "CHANNEL(language)": language,
                "__CCOPS_LANG": language,
                "CCOPS_LANG_CHOSEN": "yes",
            }
            await session.set_variables(**values)
        case Note(event, data):
            await session.exec("CELGenUserEvent", event, data)
    return ""


async def _leave(session: Session, then: Next) -> None:
    if isinstance(then, HangUp):
        await session.set_variables(CCOPS_NEXT="hangup")
    elif then.head:
        await session.set_variables(
            QUEUE_PRIO=HEAD_PRIORITY, CCOPS_QUEUE=then.queue, CCOPS_NEXT="queue"
        )
    else:
        await session.set_variables(CCOPS_QUEUE=then.queue, CCOPS_NEXT="queue")


def _sounds(prompts: Sequence[str]) -> list[str]:
    return [f"ccops/{prompt}" for prompt in prompts]
