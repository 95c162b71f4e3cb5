"""Callers and telephones that cost as little as possible: they live in the network's dialplan."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from ccops.asterisk.ami import Event
from ccops.errors import CcopsError
from ccops.simulator.network import Network
from ccops.simulator.plan import DIGITS, UNASSIGNED

LISTEN = 2.0
"""Seconds of each of the two prompts that a caller hears before pressing the key."""

DIALPLAN = """
[general]
static = yes

[globals]
TALK = 3600

[nobody]
exten => _X.,1,Hangup(21)

; A citizen: the language, the menu's first queue, and then STAY seconds of waiting and talking.
[bench]
exten => citizen,1,Wait(${LISTEN})
 same => n,SendDTMF(1)
 same => n,Wait(${LISTEN})
 same => n,SendDTMF(1)
 same => n,Wait(${STAY})
 same => n,Hangup()

; An operator lifts the receiver at once, and puts it down after TALK seconds.
[phones]
exten => _X.,1,Answer()
 same => n,Wait(${TALK})
 same => n,Hangup()
"""

Said = Callable[[int], None]


class LoadError(CcopsError):
    """The calls of the benchmark did not go as they must, so its figures would mean nothing."""

    code = "bench_load"


class Callers:
    """Calls of citizens to one line."""

    def __init__(self, network: Network, line: str) -> None:
        self.made = 0
        self._network = network
        self._line = line
        self._prefix = UNASSIGNED[network.hotline.organisation.country]
        self._ids = itertools.count(1)
        self._up: set[str] = set()
        self._ended = asyncio.Event()
        network.link.subscribe(self._on_hangup, "Hangup")

    async def prepare(self) -> None:
        """Give the running network the dialplan of the benchmark."""
        file = self._network.folder / "etc" / "extensions.conf"
        file.write_text(DIALPLAN, encoding="utf-8")
        await self._network.link.action("Reload", Module="pbx_config")
        for operator in self._network.hotline.operators:
            async with asyncio.timeout(20):
                await self._network.registered(operator)

    async def talk(self, seconds: float) -> None:
        """How long operators talk from now on before they hang up themselves."""
        await self._network.link.action("Setvar", Variable="TALK", Value=f"{seconds:g}")

    @property
    def up(self) -> int:
        """Calls under way."""
        return len(self._up)

    async def steady(
        self, calls: int, rate: float, stay: float, said: Said, *, listen: float = LISTEN
    ) -> None:
        """Make ``calls`` at ``rate`` per second; returns when all have ended.

        Seconds: ``listen`` to each prompt; ``stay`` to wait and talk, after the key in the menu.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        for place in range(calls):
            await asyncio.sleep(max(0.0, start + place / rate - loop.time()))
            await self._call(listen, stay)
            said(place + 1)
        await self.none(2 * listen + stay + 10)

    async def crowd(self, size: int, rate: float, said: Said) -> None:
        """Keep ``size`` calls under way until cancelled: who leaves is replaced, ``rate`` per
        second at most."""
        while True:
            if self.up < size:
                await self._call(LISTEN, 3600)
                said(self.up)
                await asyncio.sleep(1 / rate)
            else:
                self._ended.clear()
                await self._ended.wait()

    async def none(self, timeout: float) -> None:
        """Wait until no call is under way."""
        try:
            async with asyncio.timeout(timeout):
                while self._up:
                    self._ended.clear()
                    await self._ended.wait()
        except TimeoutError:
            raise LoadError(f"{self.up} calls have not ended within {timeout:g} s.") from None

    async def _call(self, listen: float, stay: float) -> None:
        nth = next(self._ids)
        call = f"bench-{nth:06d}"
        self._up.add(call)
        self.made += 1
        await self._network.link.action(
            "Originate",
            Channel=f"PJSIP/{self._line}@hotline",
            ChannelId=call,
            Context="bench",
            Exten="citizen",
            Priority="1",
            Async="true",
            CallerID=f"<{self._prefix}{nth:0{DIGITS}d}>",
            Variable=[f"LISTEN={listen:g}", f"STAY={stay:g}"],
        )

    def _on_hangup(self, event: Event) -> None:
        if event["Uniqueid"] in self._up:
            self._up.discard(event["Uniqueid"])
            self._ended.set()
