"""A telephone registered with the hotline: it rings, is answered, and dials codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ccops.errors import CcopsError
from ccops.simulator.channel import Cause, Channel, NotAnsweredError
from ccops.simulator.network import Network

NORMAL = 16
BUSY = 17
DECLINED = 21


class PhoneTimeoutError(CcopsError):
    """The telephone did not come into the awaited state in time."""

    code = "phone_timeout"


class PhoneState(StrEnum):
    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    DIALLING = "dialling"
    """In a call of its own, to a code of the hotline."""


@dataclass(frozen=True)
class Conduct:
    """What somebody does with an incoming call. All durations in seconds."""

    answer_after: float | None = 0.0
    """None: never answers."""
    decline_after: float | None = None
    """Declines after so long instead of answering."""
    talk: float | None = None
    """Hangs up after so long; None: talks until the caller hangs up."""


class PhoneCall:
    """One call at a telephone, incoming or to a code of the hotline."""

    def __init__(self, id_: str, channel: Channel, recording: Path | None) -> None:
        self.id = id_
        self.channel = channel
        self.recording = recording
        """What was heard there, from the answer on."""

    @property
    def caller_number(self) -> str:
        """As the telephone shows it; empty when withheld."""
        return self.channel.caller_number

    @property
    def started_at(self) -> datetime | None:
        return self.channel.started_at

    @property
    def answered_at(self) -> datetime | None:
        return self.channel.answered_at

    @property
    def ended_at(self) -> datetime | None:
        return self.channel.ended_at

    async def answered(self, timeout: float | None = 10.0) -> datetime:
        """Wait for the answer. Raises ``NotAnsweredError``."""
        return await self.channel.answered(timeout)

    async def ended(self, timeout: float | None = 10.0) -> Cause:
        """Wait for the end. Raises ``StillUpError``."""
        return await self.channel.ended(timeout)

    async def ended_within(self, seconds: float | None) -> bool:
        """Let so many seconds pass, or fewer if the call ends before: whether it has ended."""
        return await self.channel.ended_within(seconds)


class Phone:
    """The telephone of one operator or member of the staff; takes one call at a time.

    ``conduct`` holds from the next incoming call on; a function chooses for each call.
    """

    def __init__(
        self,
        network: Network,
        extension: str,
        *,
        conduct: Conduct | Callable[[PhoneCall], Conduct] | None = None,
        record: bool = True,
    ) -> None:
        self.extension = extension
        self.conduct = conduct or Conduct()
        self.record = record
        self.calls: list[PhoneCall] = []
        """Calls of the hotline to this telephone, oldest first, those not answered included."""
        self._network = network
        self._endpoint = f"tel{extension}"
        self._state = PhoneState.IDLE
        self._call: PhoneCall | None = None
        self._changed = asyncio.Condition()
        network.incoming(self._endpoint, self._on_call)

    @property
    def state(self) -> PhoneState:
        return self._state

    async def registered(self, timeout: float = 10.0) -> None:
        """Wait until the hotline has taken the registration. Raises :class:`PhoneTimeoutError`."""
        try:
            async with asyncio.timeout(timeout):
                await self._network.registered(self.extension)
        except TimeoutError:
            raise PhoneTimeoutError(
                f"The telephone {self.extension} was not registered within {timeout:g} s.",
                remedy="Is the hotline running, with this extension and this password?",
            ) from None

    async def unplug(self) -> None:
        """Take the registration back: the hotline cannot reach the telephone any more."""
        await self._network.link.action("PJSIPUnregister", Registration=self._endpoint)

    async def plug_in(self) -> None:
        """Register anew after :meth:`unplug`."""
        await self._network.link.action("PJSIPRegister", Registration=self._endpoint)

    async def ringing(self, timeout: float = 10.0) -> PhoneCall:
        """Wait until a call rings. Raises :class:`PhoneTimeoutError`."""
        await self._until(PhoneState.RINGING, timeout)
        return self.calls[-1]

    async def talking(self, timeout: float = 10.0) -> PhoneCall:
        """Wait until an incoming call has been answered. Raises :class:`PhoneTimeoutError`."""
        await self._until(PhoneState.TALKING, timeout)
        return self.calls[-1]

    async def idle(self, timeout: float | None = 10.0) -> None:
        """Wait until there is no call (None: for as long as it takes).

        Raises :class:`PhoneTimeoutError`.
        """
        await self._until(PhoneState.IDLE, timeout)

    async def dial(self, code: str) -> PhoneCall:
        """Call a code of the hotline (``*11`` logs in). Returns while it is still ringing."""
        name, recording = self._network.new_call(record=self.record)
        channel = await self._network.originate(
            name, f"PJSIP/{code}@{self._endpoint}", caller_id=self.extension
        )
        call = PhoneCall(name, channel, recording)
        self._begin(call, PhoneState.DIALLING)
        return call

    async def answer(self) -> None:
        """Lift the receiver of the call that rings; for a ``conduct`` that does not answer."""
        if self._call is not None and self._state is PhoneState.RINGING:
            await self._network.redirect(self._call.channel, "talk", self._call.id)

    async def hangup(self) -> None:
        """End the call of this moment, if there is one; one that rings is declined."""
        if self._call is not None:
            cause = DECLINED if self._state is PhoneState.RINGING else NORMAL
            await self._network.hang_up(self._call.channel, cause)

    def _on_call(self, channel: Channel) -> None:
        if self._call is not None:
            self._start("is busy", lambda: self._network.hang_up(channel, BUSY))
            return
        name, recording = self._network.new_call(record=self.record)
        call = PhoneCall(name, channel, recording)
        self.calls.append(call)
        self._begin(call, PhoneState.RINGING)
        conduct = self.conduct if isinstance(self.conduct, Conduct) else self.conduct(call)
        self._start("behaves", lambda: self._behave(call, conduct))

    async def _behave(self, call: PhoneCall, conduct: Conduct) -> None:
        """Do with an incoming call what ``conduct`` says; an end of the call ends this as well."""
        if conduct.decline_after is not None:
            if not await call.ended_within(conduct.decline_after):
                await self.hangup()
            return
        if conduct.answer_after is None or await call.ended_within(conduct.answer_after):
            return
        await self.answer()
        try:
            await call.answered(None)
        except NotAnsweredError:
            return
        if conduct.talk is not None and not await call.ended_within(conduct.talk):
            await self._network.hang_up(call.channel)

    def _begin(self, call: PhoneCall, state: PhoneState) -> None:
        self._call = call
        self._state = state  # at once: whoever waits for idle now must wait for this call
        self._start("follows its call", lambda: self._follow(call, state))

    async def _follow(self, call: PhoneCall, state: PhoneState) -> None:
        await self._set(state)
        try:
            await call.answered(None)
        except NotAnsweredError:
            pass
        else:
            if state is PhoneState.RINGING:
                await self._set(PhoneState.TALKING)
            await call.ended(None)
        self._call = None
        await self._set(PhoneState.IDLE)

    async def _set(self, state: PhoneState) -> None:
        async with self._changed:
            self._state = state
            self._changed.notify_all()

    async def _until(self, state: PhoneState, timeout: float | None) -> None:
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._state is state)
        except TimeoutError:
            raise PhoneTimeoutError(
                f"The telephone {self.extension} was {self._state}, not {state}, "
                f"after {timeout:g} s."
            ) from None

    def _start(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self._network.tasks.start(f"phone {self.extension} {what}", work, restart=False)
