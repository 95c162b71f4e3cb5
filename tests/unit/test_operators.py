"""Operators' wishes and what they do to app_queue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ccops.domain.live_events import Device, Member
from ccops.domain.operators import Add, Command, Pause, Remove, difference, end_of_wrap_up, served
from ccops.domain.wishes import OperatorWish
from ccops.errors import CcopsError
from ccops.services.operator_codes import OperatorCodes
from ccops.services.operators import (
    NotLoggedInError,
    OperatorService,
    OperatorUnknownError,
    ReasonUnknownError,
)
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

T0 = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Lost(CcopsError):  # noqa: N818
    code = "lost"


class AppQueue:
    """Behaves as app_queue over AMI; the answer to a command may be lost, before or after it."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Member] = {}
        self.sent: list[Command] = []
        self.away = False
        self.lose: list[str] = []
        """For the next commands: ``before`` or ``after`` they are carried out, or ``""``."""
        self.refuse: set[tuple[str, str]] = set()
        self.joined = asyncio.Event()
        self.changed = asyncio.Event()

    async def members(self) -> list[Member]:
        if self.away:
            raise Lost("no link")
        return list(self.held.values())

    async def carry_out(self, command: Command) -> bool:
        if self.away:
            raise Lost("no link")
        self.sent.append(command)
        trouble = self.lose.pop(0) if self.lose else ""
        if trouble == "before":
            raise Lost("no answer")
        done = self._do(command)
        if trouble == "after":
            raise Lost("no answer")
        return done

    def _do(self, command: Command) -> bool:
        key = command.queue, command.operator
        if key in self.refuse or (key in self.held) is isinstance(command, Add):
            return False
        self.changed.set()
        match command:
            case Add(queue, operator, reason):
                self.held[key] = Member(
                    queue, operator, Device.FREE, bool(reason), reason, False, None
                )
                self.joined.set()
            case Remove():
                del self.held[key]
            case Pause(_, _, reason):
                self.held[key] = replace(self.held[key], paused=bool(reason), reason=reason)
        return True


class Store:
    def __init__(self) -> None:
        self.held: dict[str, OperatorWish] = {}
        self.away = False
        self.trail: list[OperatorWish] = []

    async def wishes(self) -> Mapping[str, OperatorWish]:
        if self.away:
            raise OSError("database is locked")
        return dict(self.held)

    async def save(self, wish: OperatorWish) -> None:
        self.held[wish.operator] = wish
        self.trail.append(wish)


class World:
    def __init__(self) -> None:
        self.queue, self.store, self.clock = AppQueue(), Store(), ManualClock()
        self.hotline = hotline()
        self.service = OperatorService(self.queue, self.store, self.clock, lambda: self.hotline)

    @property
    def members(self) -> dict[tuple[str, str], str | None]:
        """(queue, operator) → pause reason, None when not paused."""
        return {key: m.reason if m.paused else None for key, m in self.queue.held.items()}


@pytest.fixture
def world() -> World:
    return World()


VERA_AND_BOBUR = hotline(
    **{
        "101": {"name": "Vera", "queues": ["support", "tax"], "languages": ["ru"]},
        "102": {"name": "Bobur", "queues": ["support"], "languages": ["uz"]},
    }
)


def test_an_operator_serves_the_queues_of_the_languages_spoken() -> None:
    """And those of a language that nobody speaks who is there."""
    vera = OperatorWish("101", True, False, "", T0, "phone")
    bobur = OperatorWish("102", True, False, "", T0, "phone")
    in_russian, in_uzbek = ("support_ru", "tax_ru"), ("support_uz",)
    both = served(VERA_AND_BOBUR, {"101": vera, "102": bobur})
    assert both == {"101": ("support_ru", "tax_uz", "tax_ru"), "102": in_uzbek}
    alone = served(VERA_AND_BOBUR, {"101": replace(vera, logged_in=False), "102": bobur})
    assert alone["102"] == ("support_uz", "support_ru")
    assert set(in_russian) <= set(alone["101"])
    assert served(hotline(), {}) == {"101": ("support", "tax"), "102": ("support",)}


async def test_who_is_there_stands_in_for_a_language_until_somebody_comes(world: World) -> None:
    world.hotline = VERA_AND_BOBUR
    service = OperatorService(
        world.queue, world.store, world.clock, lambda: world.hotline, retry=0.0
    )

    async def settled(expected: set[tuple[str, str]]) -> None:
        async with asyncio.timeout(2):
            while set(world.members) != expected:
                await world.queue.changed.wait()
                world.queue.changed.clear()

    async with asyncio.TaskGroup() as group:
        run = group.create_task(service.run())
        await service.log_in("102", "phone")
        await settled({("support_uz", "102"), ("support_ru", "102")})
        await service.log_in("101", "phone")
        russian = {(name, "101") for name in ("support_ru", "tax_ru", "tax_uz")}
        await settled({("support_uz", "102"), *russian})
        await service.log_out("101", "phone")
        await settled({("support_uz", "102"), ("support_ru", "102")})
        run.cancel()


async def test_logging_in_enters_every_queue_of_the_operator_once(world: World) -> None:
    done = await world.service.log_in("101", "phone")
    assert done.applied
    assert world.members == {("support", "101"): None, ("tax", "101"): None}
    again = await world.service.log_in("101", "api:anna")
    assert again == done
    assert len(world.queue.sent) == 2
    assert world.store.trail == [OperatorWish("101", True, False, "", T0, "phone")]


async def test_a_pause_carries_its_reason_and_ends(world: World) -> None:
    await world.service.log_in("101", "phone")
    await world.service.pause("101", "lunch", "phone")
    assert set(world.members.values()) == {"lunch"}
    await world.service.pause("101", "wrap-up", "phone")
    assert set(world.members.values()) == {"wrap-up"}
    await world.service.log_in("101", "phone")
    assert set(world.members.values()) == {"wrap-up"}
    await world.service.resume("101", "phone")
    assert set(world.members.values()) == {None}
    assert [(w.paused, w.reason) for w in world.store.trail] == [
        (False, ""),
        (True, "lunch"),
        (True, "wrap-up"),
        (False, ""),
    ]


async def test_logging_out_leaves_all_queues_and_ends_the_pause(world: World) -> None:
    await world.service.log_in("101", "phone")
    await world.service.pause("101", "lunch", "phone")
    assert (await world.service.log_out("101", "phone")).applied
    assert world.members == {}
    await world.service.log_in("101", "phone")
    assert set(world.members.values()) == {None}


async def test_what_cannot_be_wished_is_refused(world: World) -> None:
    with pytest.raises(OperatorUnknownError, match="no operator '999'"):
        await world.service.log_in("999", "phone")
    with pytest.raises(NotLoggedInError):
        await world.service.pause("101", "lunch", "phone")
    with pytest.raises(NotLoggedInError):
        await world.service.resume("101", "phone")
    await world.service.log_in("101", "phone")
    with pytest.raises(ReasonUnknownError, match="Use one of: lunch, wrap-up"):
        await world.service.pause("101", "party", "phone")
    assert len(world.store.trail) == 1


async def test_a_wish_said_while_asterisk_is_away_takes_effect_later(world: World) -> None:
    world.queue.away = True
    done = await world.service.log_in("102", "phone")
    assert not done.applied
    assert not await world.service.reconcile()
    world.queue.away = False
    assert await world.service.reconcile()
    assert world.members == {("support", "102"): None}


@pytest.mark.parametrize("trouble", ["before", "after"])
async def test_after_a_doubt_it_looks_before_it_acts(world: World, trouble: str) -> None:
    world.queue.lose = ["", trouble]
    assert (await world.service.log_in("101", "phone")).applied
    assert world.members == {("support", "101"): None, ("tax", "101"): None}
    sent = [Add("support", "101"), Add("tax", "101")]
    assert world.queue.sent == (sent if trouble == "after" else [*sent, Add("tax", "101")])


async def test_what_is_not_settled_is_looked_at_again(world: World) -> None:
    service = OperatorService(
        world.queue, world.store, world.clock, lambda: world.hotline, retry=0.0
    )
    world.queue.lose = ["before", "before", "before"]
    assert not (await service.log_in("102", "phone")).applied

    async with asyncio.timeout(2), asyncio.TaskGroup() as group:
        run = group.create_task(service.run())
        await world.queue.joined.wait()
        run.cancel()
    assert world.members == {("support", "102"): None}
    assert world.queue.sent == [Add("support", "102")] * 4


async def test_wishes_that_cannot_be_read_are_tried_again(world: World) -> None:
    service = OperatorService(
        world.queue, world.store, world.clock, lambda: world.hotline, retry=0.0
    )
    await world.service.log_in("102", "phone")
    world.queue.held.clear()
    world.queue.joined.clear()
    world.store.away = True
    with pytest.raises(OSError, match="locked"):
        await service.reconcile()
    assert not service.settled
    world.store.away = False
    async with asyncio.timeout(2), asyncio.TaskGroup() as group:
        run = group.create_task(service.run())
        await world.queue.joined.wait()
        run.cancel()
    assert world.members == {("support", "102"): None}


async def test_it_says_whether_app_queue_agrees(world: World) -> None:
    assert not world.service.settled
    world.queue.away = True
    await world.service.reconcile()
    assert not world.service.settled
    world.queue.away = False
    await world.service.reconcile()
    assert world.service.settled


async def test_one_refusal_does_not_hold_up_the_others(world: World) -> None:
    world.queue.refuse = {("support", "101")}
    assert not (await world.service.log_in("101", "phone")).applied
    assert world.members == {("tax", "101"): None}


async def test_reconciling_puts_everything_right(world: World) -> None:
    await world.service.log_in("101", "phone")
    await world.service.log_in("102", "phone")
    await world.service.pause("102", "lunch", "phone")
    world.queue.held = {
        ("support", m): Member("support", m, Device.FREE, False, "", False, None)
        for m in ("101", "102", "Local/5@x")
    }
    assert await world.service.reconcile()
    assert world.members == {
        ("support", "101"): None,
        ("tax", "101"): None,
        ("support", "102"): "lunch",
    }


async def test_a_changed_configuration_moves_operators(world: World) -> None:
    await world.service.log_in("101", "phone")
    await world.service.log_in("102", "phone")
    world.hotline = hotline(**{"102": {"name": "Bobur", "queues": ["tax"]}})
    assert await world.service.reconcile()
    assert world.members == {("tax", "102"): None}


async def test_ready_ends_the_wrap_up_by_entering_anew(world: World) -> None:
    await world.service.log_in("101", "phone")
    for key, member in world.queue.held.items():
        world.queue.held[key] = replace(member, last_call=T0)
    world.queue.sent.clear()
    world.clock.time = T0 + timedelta(seconds=4)
    assert (await world.service.resume("101", "phone")).applied
    assert world.queue.sent == [
        Remove("support", "101"),
        Add("support", "101"),
        Remove("tax", "101"),
        Add("tax", "101"),
    ]
    assert all(member.last_call is None for member in world.queue.held.values())


def test_wrap_up_that_is_over_or_not_yet_begun_needs_no_end() -> None:
    ended = Member("support", "101", Device.FREE, False, "", False, T0)
    limits = {"support": 10}
    assert end_of_wrap_up([ended], limits, T0 + timedelta(seconds=10)) == []
    assert end_of_wrap_up([ended], {}, T0) == []
    assert end_of_wrap_up([replace(ended, in_call=True)], limits, T0) == []
    assert end_of_wrap_up([], limits, T0) == []


def test_the_difference_is_only_what_differs() -> None:
    wishes = {
        "101": OperatorWish("101", True, True, "lunch", T0, "phone"),
        "102": OperatorWish("102", False, False, "", T0, "phone"),
    }
    queues = {"101": ["support", "tax"], "102": ["support"], "103": ["support"]}
    member = Member("support", "101", Device.FREE, True, "other", False, None)
    assert difference(wishes, queues, [member, replace(member, operator="102")]) == [
        Pause("support", "101", "lunch"),
        Add("tax", "101", "lunch"),
        Remove("support", "102"),
    ]


class Call:
    """An operator's call to ``/operator``: notes what is said and set, in order."""

    def __init__(self, code: str, channel: str = "PJSIP/101-0000002a") -> None:
        self.env = {"agi_channel": channel, "agi_arg_1": code, "agi_callerid": "102"}
        self.heard: list[str] = []

    async def play(self, sounds: Any, *, keys: str = "") -> str:
        assert keys == ""
        self.heard += sounds
        return ""

    async def set_variables(self, **values: str) -> None:
        self.heard += [f"{name}={value}" for name, value in values.items()]


@pytest.mark.parametrize(
    ("codes", "prompts", "state"),
    [
        (["*11"], ["op-logged-in"], None),
        (["*11", "*131"], ["op-logged-in", "op-paused"], "lunch"),
        (["*11", "*131", "*14"], ["op-logged-in", "op-paused", "op-pause-ended"], None),
        (["*11", "*139", "*13"], ["op-logged-in", "op-unknown-code", "op-unknown-code"], None),
        (["*11", "*119", ""], ["op-logged-in", "op-unknown-code", "op-unknown-code"], None),
    ],
)
async def test_telephone_codes(
    world: World, codes: list[str], prompts: list[str], state: str | None
) -> None:
    route = OperatorCodes(world.service, lambda: world.hotline)
    for code, prompt in zip(codes, prompts, strict=True):
        call = Call(code)
        await route.handle(call)
        assert call.heard == [
            "CHANNEL(language)=ru",
            f"ccops/{prompt}",
            "CCOPS_NEXT=hangup",
        ]
    assert world.members == {("support", "101"): state, ("tax", "101"): state}


async def test_telephone_codes_that_are_not_possible(world: World) -> None:
    route = OperatorCodes(world.service, lambda: world.hotline)

    async def dial(code: str, channel: str = "PJSIP/102-0000002a") -> list[str]:
        call = Call(code, channel)
        await route.handle(call)
        return call.heard[:2]

    refused = ["CHANNEL(language)=uz", "ccops/op-not-possible"]
    assert await dial("*14") == refused
    assert await dial("*12") == ["CHANNEL(language)=uz", "ccops/op-logged-out"]
    assert await dial("*11", "PJSIP/trunk-main-0000002a") == refused
    world.queue.away = True
    assert await dial("*11") == refused
