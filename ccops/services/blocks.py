"""The block list: numbers whose calls are refused for a while, or until the block is lifted.

What holds is kept in memory, so that a call never waits for the database; it is read anew every
few seconds, because another process (the command line) may have written. Nothing is ever removed:
who was blocked, when, why and by whom stays on record, as does who lifted it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import phonenumbers
import structlog

from ccops.clock import Clock
from ccops.config.model import Hotline
from ccops.domain.situation import Block
from ccops.errors import CcopsError
from ccops.numbers import e164
from ccops.services.reading import read_for_ever

log = structlog.get_logger(__name__)

READ_EVERY = 2.0
"""Seconds until what another process wrote is noticed."""
SHORTEST = 7
"""Digits. Shorter numbers are those of emergency and other services, and of extensions."""
LONGEST = 15
"""Digits that a telephone number can have (E.164)."""
LONGEST_REASON = 300
PUNCTUATION = re.compile(r"[\s().\-/]")
"""What people write between digits."""


class NumberError(CcopsError):
    code = "block_number"


class OwnNumberError(CcopsError):
    code = "block_own_number"


class ReasonError(CcopsError):
    code = "block_reason"


class ExpiryPastError(CcopsError):
    code = "moment_past"


class BlockUnknownError(CcopsError):
    code = "block_unknown"


class BlockStore(Protocol):
    """Where blocks live."""

    async def holding(self, at: datetime) -> Sequence[Block]: ...

    async def past(self, at: datetime, limit: int) -> Sequence[Block]:
        """Lifted or expired, the latest first."""
        ...

    async def add(self, block: Block) -> Block:
        """In the place of what holds for the same number; its id is given here."""
        ...

    async def lift(self, id_: int, at: datetime, by: str) -> Block | None: ...


class Blocks:
    """Who may not call, until when, why, and who said so."""

    def __init__(
        self,
        store: BlockStore,
        clock: Clock,
        hotline: Callable[[], Hotline],
        *,
        read_every: float = READ_EVERY,
    ) -> None:
        self._store = store
        self._clock = clock
        self._hotline = hotline
        self._read_every = read_every
        self._holding: Mapping[str, Block] = {}
        self._turn = asyncio.Lock()

    def find(self, number: str, at: datetime) -> Block | None:
        """What keeps ``number`` from calling at ``at``; a withheld number is never blocked."""
        block = self._holding.get(e164(number, self._hotline().organisation.country))
        return block if block is not None and block.holds(at) else None

    async def add(self, number: str, reason: str, until: datetime | None, by: str) -> Block:
        """Refuse calls from ``number`` until ``until`` (None: until lifted); what held for it
        before is replaced. Raises NumberError, OwnNumberError, ReasonError, ExpiryPastError and
        what the store raises."""
        now = self._clock.now()
        number, reason = self._checked(number), " ".join(reason.split())
        if len(reason) > LONGEST_REASON or not reason.isprintable():
            raise ReasonError(
                "The reason is too long, or holds control characters.",
                remedy=f"Say in a few words (at most {LONGEST_REASON} characters) what happened.",
            )
        if not reason:
            raise ReasonError(
                "A block needs a reason, so that others can judge it later.",
                remedy=f"Say in a few words (at most {LONGEST_REASON} characters) what happened.",
            )
        if until is not None and until <= now:
            raise ExpiryPastError(
                "The time at which the block is to end is past already.",
                remedy="Give a later one, or none: the block then holds until it is lifted.",
            )
        async with self._turn:
            block = await self._store.add(Block(0, number, reason, now, by, until))
            self._holding = {**self._holding, number: block}
        log.warning("number blocked", id=block.id, by=by, until=until and until.isoformat())
        return block

    async def lift(self, id_: int, by: str) -> Block:
        """Let the number call again. One that no longer holds is given back as it was."""
        async with self._turn:
            lifted = await self._store.lift(id_, self._clock.now(), by)
            if lifted is None:
                raise BlockUnknownError(
                    f"There is no block {id_}.", remedy="The list of blocks shows which there are."
                )
            self._holding = {
                number: block for number, block in self._holding.items() if block.id != id_
            }
        log.warning("block lifted", id=id_, by=lifted.lifted_by)
        return lifted

    def all(self) -> tuple[Block, ...]:
        """Every block that holds, the latest first."""
        now = self._clock.now()
        holding = (block for block in self._holding.values() if block.holds(now))
        return tuple(sorted(holding, key=lambda block: (block.blocked_at, block.id), reverse=True))

    async def history(self, limit: int = 50) -> Sequence[Block]:
        """Those that were lifted or have expired, the latest first."""
        return await self._store.past(self._clock.now(), limit)

    async def load(self) -> None:
        """Read what holds; raises what the store raises."""
        async with self._turn:
            holding = await self._store.holding(self._clock.now())
            self._holding = {block.number: block for block in reversed(holding)}

    async def run(self) -> None:
        """Notice for ever what another process wrote."""
        await read_for_ever("blocks", self.load, self._read_every)

    def _checked(self, written: str) -> str:
        """The number as callers' numbers are told; raises what is wrong with it."""
        hotline = self._hotline()
        country = hotline.organisation.country
        number = e164(PUNCTUATION.sub("", written), country)
        if not re.fullmatch(r"\+?[0-9]+", number, re.ASCII):
            raise NumberError(
                "This is not a telephone number.",
                remedy="Write it with its country code, for example +998 90 123 45 67.",
            )
        own = {e164(each, country) for each in (*hotline.lines, *hotline.operators, *hotline.staff)}
        if number in own:
            raise OwnNumberError(
                "This is a number of the hotline itself: a line, an operator or a member of staff.",
                remedy="Operators are taken out of their queues on the page or with *12.",
            )
        digits = len(number.lstrip("+"))
        if digits < SHORTEST:
            raise NumberError(
                "Numbers as short as this one belong to emergency and other services,"
                " so they are not blocked.",
                remedy="If somebody misuses such a number, speak to the telephone company.",
            )
        if not _possible(number):
            raise NumberError(
                "There is no such telephone number.",
                remedy="Compare it digit by digit with the number that called.",
            )
        return number


def _possible(number: str) -> bool:
    """With its country code it must be as long as numbers there are; whether it has been given to
    somebody is for the telephone company to know, and it did call."""
    if not number.startswith("+"):
        return len(number) <= LONGEST
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False  # no such country
