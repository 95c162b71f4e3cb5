"""One channel of the network's Asterisk, followed through its events.

A :class:`Channel` only ever learns from events; whoever wants to know what became of it waits on
it. Times are Asterisk's own (``Timestamp`` of each event), as aware UTC datetimes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from ccops.errors import CcopsError

UP = "6"
"""ChannelState of a channel that has been answered."""


class AmiEvent(Protocol):
    """What is needed of an event: its name and headers."""

    @property
    def name(self) -> str: ...

    def get(self, header: str, default: str = "", /) -> str: ...


class NotAnsweredError(CcopsError):
    """The call ended, or time ran out, before anybody answered."""

    code = "call_not_answered"


class StillUpError(CcopsError):
    """The call had not ended when time ran out."""

    code = "call_still_up"


@dataclass(frozen=True)
class Cause:
    """Why a call ended (Q.850): 16 is a normal end, 17 busy, 21 declined, 34 no circuit."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Channel:
    """Name, states and end of one channel."""

    def __init__(self, uniqueid: str) -> None:
        self.uniqueid = uniqueid
        self.name = ""
        """Empty until Asterisk has made the channel."""
        self.caller_number = ""
        """As received; empty when withheld."""
        self.started_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.cause: Cause | None = None
        self._decided = asyncio.Event()  # answered, or ended without
        self._ended = asyncio.Event()

    @property
    def up(self) -> bool:
        """Answered, and not ended."""
        return self.answered_at is not None and self.ended_at is None

    def feed(self, event: AmiEvent) -> None:
        """Take in one event of this channel."""
        if event.name == "Newchannel":
            self.name = event.get("Channel")
            self.caller_number = number(event.get("CallerIDNum"))
            self.started_at = moment(event)
        elif event.name == "Newstate":
            if event.get("ChannelState") == UP and self.answered_at is None:
                self.answered_at = moment(event)
                self._decided.set()
        elif event.name == "Hangup":
            self._end(event, int(event.get("Cause") or 0), event.get("Cause-txt"))
        elif not self.name and event.get("Response") == "Failure":
            # OriginateResponse: no channel could be made at all, so there will be no Hangup.
            self._end(event, 0, "no channel")

    async def answered(self, timeout: float | None) -> datetime:
        """When the far side answered; a ``timeout`` of None waits on.

        Raises :class:`NotAnsweredError` when time is up or the call has ended without an answer.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._decided.wait()
        except TimeoutError:
            raise NotAnsweredError(f"The call was not answered within {timeout:g} s.") from None
        if self.answered_at is None:
            assert self.cause is not None
            raise NotAnsweredError(
                f"The call ended unanswered: {self.cause.code} {self.cause.text}."
            )
        return self.answered_at

    async def ended(self, timeout: float | None) -> Cause:
        """Why the call ended; a ``timeout`` of None waits on. Raises :class:`StillUpError`."""
        try:
            async with asyncio.timeout(timeout):
                await self._ended.wait()
        except TimeoutError:
            raise StillUpError(f"The call had not ended after {timeout:g} s.") from None
        assert self.cause is not None
        return self.cause

    async def ended_within(self, seconds: float | None) -> bool:
        """Let so many seconds pass, or fewer if the call ends before: whether it has ended."""
        try:
            await self.ended(seconds)
        except StillUpError:
            return False
        return True

    def _end(self, event: AmiEvent, code: int, text: str) -> None:
        if self.ended_at is None:
            self.ended_at = moment(event)
            self.cause = Cause(code, text)
            self._decided.set()
            self._ended.set()


def moment(event: AmiEvent) -> datetime:
    """When Asterisk sent the event."""
    return datetime.fromtimestamp(float(event.get("Timestamp")), UTC)


def number(value: str) -> str:
    """A caller's number from an AMI header: what stands for *withheld* becomes empty."""
    return "" if value in ("<unknown>", "anonymous", "Anonymous", "unknown") else value
