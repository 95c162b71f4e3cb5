"""Disturbance mode (T10): what callers are told while service is interrupted or impaired.

What holds is kept in memory, so that a call never waits for the database; it is read anew every
few seconds, because another process (the command line) may have written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.dialogue_caller import REASONS
from ccops.domain.situation import Disturbance
from ccops.errors import CcopsError
from ccops.services.reading import read_for_ever

log = structlog.get_logger(__name__)

READ_EVERY = 2.0
"""Seconds until what another process wrote is noticed."""
STANDARD_REASONS = tuple(sorted(REASONS))


class DisturbanceUnknownError(CcopsError):
    code = "disturbance_unknown"


class LineUnknownError(CcopsError):
    code = "line_unknown"


class ReasonUnknownError(CcopsError):
    code = "disturbance_reason_unknown"


class TextError(CcopsError):
    code = "disturbance_text"


class ResumptionPastError(CcopsError):
    code = "moment_past"


class DisturbanceStore(Protocol):
    """Where disturbances live."""

    async def current(self) -> Sequence[Disturbance]: ...

    async def ended(self, limit: int) -> Sequence[Disturbance]:
        """The latest first."""
        ...

    async def start(self, begun: Disturbance) -> Disturbance:
        """In the place of what holds for the same line; its id is given here."""
        ...

    async def end(self, id_: int, at: datetime, by: str) -> Disturbance | None: ...


class Speaker(Protocol):
    """Turns free words into a prompt."""

    async def speak(self, texts: Mapping[str, str]) -> str:
        """The prompt's name; its files lie ready afterwards. Raises a ``CcopsError`` for words that
        cannot be spoken; doing it again does no harm."""
        ...


class Disturbances:
    """What is wrong, for which line, since when, and who said so."""

    def __init__(
        self,
        store: DisturbanceStore,
        speaker: Speaker,
        clock: Clock,
        hotline: Callable[[], Hotline],
        *,
        read_every: float = READ_EVERY,
    ) -> None:
        self._store = store
        self._speaker = speaker
        self._clock = clock
        self._hotline = hotline
        self._read_every = read_every
        self._current: tuple[Disturbance, ...] = ()
        self._spoken: set[str] = set()
        self._turn = asyncio.Lock()

    def current(self, line: str) -> tuple[Disturbance, ...]:
        """Those that concern callers of ``line``: its own first, then those of all lines."""
        return tuple(
            sorted(
                (each for each in self._current if each.concerns(line)),
                key=lambda each: each.line == "",
            )
        )

    def all(self) -> tuple[Disturbance, ...]:
        """Every disturbance that holds, the latest first."""
        return self._current

    def by_line(self) -> Mapping[str, int]:
        """How many disturbances the callers of each line are told of."""
        return {line: len(self.current(line)) for line in self._hotline().lines}

    async def start(
        self,
        line: str,
        reason: str,
        texts: Mapping[str, str],
        stops_calls: bool,
        resumes_at: datetime | None,
        by: str,
    ) -> Disturbance:
        """Tell callers from now on; what held for the same line ends with it.

        ``line`` empty: all lines. ``reason`` is a prompt and ``texts`` are free words in every
        language of the hotline; at most one of the two is given. ``resumes_at`` is what callers
        are told: nothing ends by itself. Raises LineUnknownError, ReasonUnknownError, TextError,
        ResumptionPastError, and what the speaker and the store raise; nothing has begun then.
        """
        words = self._checked(line, reason, texts, resumes_at)
        if words:
            reason = await self._speaker.speak(words)
            self._spoken.add(reason)
        async with self._turn:
            begun = await self._store.start(
                Disturbance(0, line, reason, words, stops_calls, resumes_at, self._clock.now(), by)
            )
            others = (each for each in self._current if each.line != line)
            self._current = (begun, *others)
        log.warning("disturbance on", id=begun.id, line=line or "all", reason=reason, by=by)
        return begun

    async def end(self, id_: int, by: str) -> Disturbance:
        """Callers are told of it no more. One that has ended already is given back as it was."""
        async with self._turn:
            ended = await self._store.end(id_, self._clock.now(), by)
            if ended is None:
                raise DisturbanceUnknownError(
                    f"There is no disturbance {id_}.",
                    remedy="The list of disturbances shows which there are.",
                )
            self._current = tuple(each for each in self._current if each.id != id_)
        log.warning("disturbance off", id=id_, line=ended.line or "all", by=ended.ended_by)
        return ended

    async def history(self, limit: int = 50) -> Sequence[Disturbance]:
        """Those that have ended, the latest first."""
        return await self._store.ended(limit)

    async def load(self) -> None:
        """Read what holds; raises what the store raises."""
        async with self._turn:
            self._current = tuple(await self._store.current())
        for each in self._current:
            await self._speak_again(each)

    async def run(self) -> None:
        """Notice for ever what another process wrote."""
        await read_for_ever("disturbances", self.load, self._read_every)

    async def _speak_again(self, each: Disturbance) -> None:
        """Another process began it, or sounds were made anew since: its words must lie ready."""
        if not each.texts or each.reason in self._spoken:
            return
        self._spoken.add(each.reason)
        try:
            await self._speaker.speak(each.texts)
        except CcopsError as error:
            log.error("a disturbance's words cannot be spoken", id=each.id, reason=str(error))

    def _checked(
        self, line: str, reason: str, texts: Mapping[str, str], resumes_at: datetime | None
    ) -> dict[str, str]:
        """The free words, trimmed; raises what is wrong."""
        hotline = self._hotline()
        if line and line not in hotline.lines:
            raise LineUnknownError(
                f"The hotline has no line {line}.",
                remedy=f"Give one of {', '.join(hotline.lines)}, or none for all lines.",
            )
        if resumes_at is not None and resumes_at <= self._clock.now():
            raise ResumptionPastError(
                "The time at which service is to resume is past already.",
                remedy="Give a later one, or none: callers are then told that it is not known.",
            )
        possible = (*STANDARD_REASONS, *own_reasons(hotline))
        if reason and reason not in possible:
            raise ReasonUnknownError(
                f"There is no prompt {reason!r} that could say what is wrong.",
                remedy=f"Use one of {', '.join(possible)}.",
            )
        words = {language: " ".join(text.split()) for language, text in texts.items()}
        words = {language: text for language, text in words.items() if text}
        if words:
            _check_words(words, hotline, reason)
        return words


def _check_words(words: Mapping[str, str], hotline: Hotline, reason: str) -> None:
    if reason:
        raise TextError(
            "Callers are told either a reason or a text of your own, not both.",
            remedy="Leave one of the two out.",
        )
    missing = [language for language in hotline.languages if language not in words]
    if missing:
        raise TextError(
            f"The text is missing in {', '.join(missing)}.",
            remedy=f"Give it in every language of the hotline: {', '.join(hotline.languages)}.",
        )
    other = [language for language in words if language not in hotline.languages]
    if other:
        raise TextError(
            f"The hotline does not speak {', '.join(other)}.",
            remedy=f"Its languages are {', '.join(hotline.languages)}.",
        )


def own_reasons(hotline: Hotline) -> tuple[str, ...]:
    """The ministry's prompts that can say what is wrong: those that nothing else says."""
    said = {"other-channels", "blocked", *(menu.prompt for menu in hotline.menus.values())}
    said |= {action.say or "" for menu in hotline.menus.values() for action in menu.keys.values()}
    return tuple(name for name in hotline.prompts if name not in said)
