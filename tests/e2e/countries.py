"""The three profiles as callers meet them: numbers to dial, keys to press, prompts to hear."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from ccops.simulator.caller import Caller
from ccops.simulator.network import Network
from ccops.simulator.phone import Phone
from tests.e2e.listening import heard
from tests.e2e.running import Running, eventually, quick

ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}


@dataclass(frozen=True)
class Country:
    """A profile, by what a caller needs to know of it. Keys are pressed in the first menu."""

    profile: str
    line: str
    languages: tuple[str, str]
    prefix: str
    """Beginning of numbers that belong to nobody."""
    queue: str
    """Queue of hotline.yaml that ``to_queue`` leads to."""
    skill_queue: str
    """Where callers of the second language wait in it, for Asterisk."""
    to_queue: str
    operator: str
    """Takes calls of that queue in both languages."""
    submenu: tuple[str, str]
    """Keys and prompt of a menu of the second level, reached through those before it."""
    deepest: tuple[str, str]
    """Keys and prompt of something to listen to on the third level."""
    complaints: str
    """Keys to how to complain about the centre itself (T14)."""
    offices: str
    """Keys to whether the offices are open."""
    staff: tuple[str, str]
    """Keys and extension of somebody of the ministry."""
    unused: str
    """A key without meaning in the first menu."""
    closed_menu: str
    """Prompt of the menu that callers hear while the line is closed; empty: there is none."""

    def number(self, last: int) -> str:
        return f"{self.prefix}{last:04d}"


COUNTRIES = {
    "uz": Country(
        profile="uz",
        line="1176",
        languages=("uz", "ru"),
        prefix="+99840555",
        queue="support",
        skill_queue="support",
        to_queue="2",
        operator="201",
        submenu=("3", "information-menu"),
        deepest=("351", "branches-tashkent"),
        complaints="34",
        offices="356",
        staff=("462", "302"),
        unused="6",
        closed_menu="",
    ),
    "kz": Country(
        profile="kz",
        line="1499",
        languages=("kk", "ru"),
        prefix="+7790555",
        queue="appeals",
        skill_queue="appeals_ru",
        to_queue="21",
        operator="201",
        submenu=("3", "information-menu"),
        deepest=("331", "branches-astana"),
        complaints="34",
        offices="336",
        staff=("52", "302"),
        unused="6",
        closed_menu="after-hours-menu",
    ),
    "az": Country(
        profile="az",
        line="195",
        languages=("az", "en"),
        prefix="+99430555",
        queue="dvx",
        skill_queue="dvx_en",
        to_queue="11",
        operator="201",
        submenu=("5", "information-menu"),
        deepest=("541", "branches-baku"),
        complaints="53",
        offices="546",
        staff=("223", "302"),
        unused="6",
        closed_menu="after-hours-menu",
    ),
}


def each_profile(group: str) -> pytest.MarkDecorator:
    """A test that gets a ``site`` of each profile, shared by the tests of ``group``.

    The other two are the same code with other words: they belong to the long campaigns.
    """

    def case(profile: str) -> Any:
        marks = [pytest.mark.xdist_group(f"{group} {profile}"), pytest.mark.timeout(300)]
        return pytest.param(profile, marks=marks if profile == "uz" else [*marks, pytest.mark.long])

    return pytest.mark.parametrize(
        "site", [case(profile) for profile in COUNTRIES], indirect=True, scope="session"
    )


@dataclass
class Site:
    """A running hotline of one profile, always open, and its country."""

    country: Country
    hotline: Running
    used: int = 0

    @property
    def first(self) -> str:
        return self.country.languages[0]

    @property
    def second(self) -> str:
        return self.country.languages[1]

    def new_number(self) -> str:
        """A number that has not called yet."""
        self.used += 1
        return self.country.number(self.used)

    async def call(self, network: Network, number: str | None = None) -> Caller:
        """Dial, from a new number unless one is given; returns when the hotline has answered."""
        caller = await Caller.dial(network, number or self.new_number(), self.country.line)
        await caller.answered()
        return caller

    async def in_menu(self, network: Network, number: str | None = None) -> Caller:
        """A caller who has chosen the second language and hears the first menu."""
        caller = await self.call(network, number)
        await caller.press("2")
        await self.heard(caller, "main-menu")
        return caller

    async def in_queue(self, network: Network, number: str | None = None) -> Caller:
        """A caller of the second language who waits in the country's queue."""
        before = self.entries()
        caller = await self.in_menu(network, number)
        await self.follow(caller, self.country.to_queue)
        await eventually(lambda: self.entries() > before, 10, "one more caller in a queue")
        return caller

    async def talking(self, network: Network, phone: Phone) -> Caller:
        """A caller of the second language with the only operator."""
        caller = await self.in_menu(network)
        await self.follow(caller, self.country.to_queue)
        await phone.talking(15)
        return caller

    async def follow(self, caller: Caller, keys: str, pause: float = 1.2) -> None:
        """Press keys one by one, as somebody does who knows the menus: each while they speak."""
        for place, key in enumerate(keys):
            if place:
                await asyncio.sleep(pause)
            await caller.press(key)

    async def heard(self, caller: Caller, prompt: str, **options: Any) -> Any:
        """Wait until the prompt was heard, in the second language where none is named."""
        name = prompt if "/" in prompt else f"{self.second}/{prompt}"
        return await heard(self.hotline, caller, name, **options)

    def entries(self) -> int:
        """How often somebody has entered a queue, as Asterisk itself wrote it."""
        return self.hotline.home.queue_log.read_text(encoding="utf-8").count("|ENTERQUEUE|")

    def waiting(self) -> int:
        """How many wait by the live page, which may be a second old."""
        return sum(len(queue["waiting"]) for queue in self.hotline.live()["queues"])


def always_open(content: dict[str, Any]) -> None:
    """For tests, which run by day and by night: line, offices and staff can always be reached."""
    quick(content)
    content["calendars"]["always"] = ALWAYS
    content["offices"] = "always"
    for line in content["lines"].values():
        if "closed_menu" in line:
            line["hours"] = "always"
        else:
            line.pop("hours", None)
    for member in content["staff"].values():
        member["hours"] = "always"
