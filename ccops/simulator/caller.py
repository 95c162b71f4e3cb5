"""A citizen with a telephone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ccops.simulator.channel import Cause, Channel
from ccops.simulator.network import Network

KEY_PAUSE = 0.25
"""Seconds between two keys; keys closer together than this may be taken for one."""


@dataclass(frozen=True)
class Press:
    """A key, and when it was pressed."""

    key: str
    at: datetime


class Caller:
    """One call of a citizen to the hotline; made by :meth:`dial`."""

    def __init__(
        self, network: Network, number: str, line: str, channel: Channel, recording: Path | None
    ) -> None:
        self.number = number
        """Empty when withheld."""
        self.line = line
        self.recording = recording
        """What the citizen heard, from the second of the answer on; written as the call goes on."""
        self.presses: list[Press] = []
        self._network = network
        self._channel = channel

    @classmethod
    async def dial(
        cls, network: Network, number: str | None, line: str, *, record: bool = True
    ) -> Caller:
        """Call ``line`` from ``number`` (None: withheld). Returns while it is still ringing."""
        call, recording = network.new_call(record=record)
        endpoint = "hotline" if number else "withheld"
        channel = await network.originate(
            call, f"PJSIP/{line}@{endpoint}", caller_id=number or "anonymous"
        )
        return cls(network, number or "", line, channel, recording)

    @property
    def started_at(self) -> datetime | None:
        return self._channel.started_at

    @property
    def answered_at(self) -> datetime | None:
        """When the hotline answered: second 0 of the recording."""
        return self._channel.answered_at

    @property
    def ended_at(self) -> datetime | None:
        return self._channel.ended_at

    @property
    def up(self) -> bool:
        return self._channel.up

    async def answered(self, timeout: float = 10.0) -> datetime:
        """Wait for the hotline's answer. Raises ``NotAnsweredError``."""
        return await self._channel.answered(timeout)

    async def ended(self, timeout: float | None = 10.0) -> Cause:
        """Wait for the end of the call. Raises ``StillUpError``."""
        return await self._channel.ended(timeout)

    async def ended_within(self, seconds: float | None) -> bool:
        """Let so many seconds pass, or fewer if the call ends before: whether it has ended."""
        return await self._channel.ended_within(seconds)

    async def press(self, keys: str) -> None:
        """Press one or several keys, one after the other. Raises ``AmiRefused`` after the end."""
        for index, key in enumerate(keys):
            if index:
                await asyncio.sleep(KEY_PAUSE)
            at = self._network.now()
            await self._network.press(self._channel, key)
            self.presses.append(Press(key, at))

    async def hangup(self) -> None:
        """Put the receiver down; nothing happens when the call has ended already."""
        await self._network.hang_up(self._channel)
