"""Callers and telephones on a network whose Asterisk is played by a fake link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ccops.asterisk.ami import AmiRefused, Event, Reply
from ccops.config.model import Hotline
from ccops.home import Home
from ccops.provision.toolchain import Program, Toolchain
from ccops.simulator import network as network_module
from ccops.simulator.caller import Caller
from ccops.simulator.channel import NotAnsweredError
from ccops.simulator.network import Network, NetworkError
from ccops.simulator.phone import Conduct, Phone, PhoneState, PhoneTimeoutError
from tests.unit.hotline_sample import hotline as sample


class FakeLink:
    """An Asterisk that makes, answers and ends channels when it is told to."""

    connected = False

    def __init__(self, *_: Any, **__: Any) -> None:
        self.actions: list[tuple[str, dict[str, str]]] = []
        self._handlers: list[tuple[Callable[[Event], None], tuple[str, ...]]] = []
        self._ids: dict[str, str] = {}
        self._time = 1000.0

    def subscribe(self, handler: Callable[[Event], None], *names: str) -> Callable[[], None]:
        self._handlers.append((handler, names))
        return lambda: None

    async def action(self, name: str, /, **headers: str) -> Reply:
        self.actions.append((name, headers))
        channel = headers.get("Channel", "")
        if name == "Originate":
            self.new(headers["ChannelId"], f"{channel}-1")
        elif name in ("Hangup", "Redirect") and channel not in self._ids:
            raise AmiRefused("No such channel")
        elif name == "Hangup":
            self.hang_up(self._ids[channel], headers["Cause"])
        elif name == "Redirect":
            self.answer(self._ids[channel])
        return Reply("Success", {})

    def new(self, uniqueid: str, channel: str, number: str = "", context: str = "") -> None:
        self._ids[channel] = uniqueid
        self.emit(
            "Newchannel", Uniqueid=uniqueid, Channel=channel, CallerIDNum=number, Context=context
        )

    def answer(self, uniqueid: str) -> None:
        self.emit("Newstate", Uniqueid=uniqueid, ChannelState="6")

    def hang_up(self, uniqueid: str, cause: str = "16") -> None:
        self._ids = {name: id_ for name, id_ in self._ids.items() if id_ != uniqueid}
        self.emit("Hangup", Uniqueid=uniqueid, Cause=cause)

    def emit(self, name: str, **fields: str) -> None:
        self._time += 1
        event = Event(name, {"Timestamp": str(self._time), **fields})
        for handler, names in self._handlers:
            if name in names:
                handler(event)

    def sent(self, name: str) -> list[dict[str, str]]:
        return [headers for action, headers in self.actions if action == name]


def hotline(**simulator: Any) -> Hotline:
    return Hotline.model_validate({**sample().model_dump(), "simulator": simulator})


@pytest.fixture
async def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Network]:
    monkeypatch.setattr(network_module, "AmiLink", FakeLink)
    nothing = Program(("false",))
    toolchain = Toolchain(nothing, tmp_path, tmp_path, tmp_path, nothing)
    network = Network(hotline(), {"101": "a", "102": "b"}, toolchain, Home(tmp_path))
    yield network
    await network.stop()


@pytest.fixture
def link(network: Network) -> FakeLink:
    assert isinstance(network.link, FakeLink)
    return network.link


def ring(link: FakeLink, number: str = "+998400000001", uniqueid: str = "in-1") -> str:
    link.new(uniqueid, f"PJSIP/tel101-{uniqueid[-1]}", number, "phones")
    return uniqueid


async def test_a_caller_dials_presses_and_hangs_up(network: Network, link: FakeLink) -> None:
    caller = await Caller.dial(network, "+998400000001", "1000")
    (order,) = link.sent("Originate")
    assert (order["Channel"], order["CallerID"]) == ("PJSIP/1000@hotline", "<+998400000001>")
    link.answer(order["ChannelId"])
    assert await caller.answered(1) == caller.answered_at
    assert caller.recording is not None
    assert caller.recording.stem == order["Exten"]
    await caller.press("12")
    assert [press.key for press in caller.presses] == ["1", "2"]
    await caller.hangup()
    assert (await caller.ended(1)).code == 16
    await caller.hangup()
    assert len(link.sent("Hangup")) == 1, "there is nothing to hang up a second time"


async def test_a_withheld_number_is_not_sent(network: Network, link: FakeLink) -> None:
    caller = await Caller.dial(network, None, "1000", record=False)
    (order,) = link.sent("Originate")
    assert (order["Channel"], order["CallerID"]) == ("PJSIP/1000@withheld", "<anonymous>")
    assert (caller.number, caller.recording) == ("", None)


async def test_a_call_that_cannot_be_made_ends(network: Network, link: FakeLink) -> None:
    link.new = lambda *_, **__: None  # type: ignore[method-assign]
    caller = await Caller.dial(network, "+998400000001", "1000")
    call = link.sent("Originate")[0]["Exten"]
    link.emit("OriginateResponse", Exten=call, Response="Failure", Uniqueid="<null>")
    with pytest.raises(NotAnsweredError):
        await caller.answered(1)


async def test_a_phone_answers_and_ends_the_talk(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101", conduct=Conduct(talk=0.01))
    ring(link)
    await phone.idle(1)
    (call,) = phone.calls
    await call.ended(1)
    assert call.caller_number == "+998400000001"
    assert call.answered_at is not None
    assert link.sent("Redirect")[0]["Context"] == "talk"


async def test_a_phone_that_declines(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101", conduct=Conduct(decline_after=0.01))
    ring(link)
    call = await phone.ringing(1)
    assert (await call.ended(1)).code == 21
    assert call.answered_at is None


async def test_a_phone_that_rings_until_somebody_answers_it(
    network: Network, link: FakeLink
) -> None:
    phone = Phone(network, "101", conduct=Conduct(answer_after=None))
    uniqueid = ring(link)
    await phone.ringing(1)
    assert link.sent("Redirect") == []
    await phone.answer()
    await phone.talking(1)
    link.hang_up(uniqueid)
    await phone.idle(1)


async def test_a_caller_who_gives_up_is_not_answered(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101", conduct=Conduct(answer_after=0.05))
    uniqueid = ring(link)
    call = await phone.ringing(1)
    link.hang_up(uniqueid)
    await call.ended(1)
    await phone.idle(1)
    assert link.sent("Redirect") == []


async def test_a_second_call_hears_busy(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101", conduct=Conduct(answer_after=None))
    ring(link)
    await phone.ringing(1)
    busy: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    link.subscribe(lambda event: busy.set_result(event["Cause"]), "Hangup")
    ring(link, uniqueid="in-2")
    assert await asyncio.wait_for(busy, 1) == "17"
    assert len(phone.calls) == 1


async def test_a_phone_dials_a_code(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101")
    call = await phone.dial("*11")
    (order,) = link.sent("Originate")
    assert order["Channel"] == "PJSIP/*11@tel101"
    link.answer(order["ChannelId"])
    await call.answered(1)
    assert phone.state is PhoneState.DIALLING
    link.hang_up(order["ChannelId"])
    await phone.idle(1)
    assert phone.calls == []


async def test_registration_is_awaited_and_can_be_lost(network: Network, link: FakeLink) -> None:
    phone = Phone(network, "101")
    with pytest.raises(PhoneTimeoutError, match="101"):
        await phone.registered(0)
    link.emit("Registry", Username="sip:101@127.0.0.1:5060", Status="Registered")
    await phone.registered(1)
    link.emit("Registry", Username="sip:101@127.0.0.1:5060", Status="Unregistered")
    with pytest.raises(PhoneTimeoutError):
        await phone.registered(0)


async def test_a_network_that_is_not_there_says_so(network: Network) -> None:
    with pytest.raises(NetworkError, match="not running"):
        network.check()


def test_a_hotline_without_a_simulator_has_no_network(tmp_path: Path) -> None:
    nothing = Program(("false",))
    toolchain = Toolchain(nothing, tmp_path, tmp_path, tmp_path, nothing)
    with pytest.raises(NetworkError, match="no section simulator"):
        Network(sample(), {}, toolchain, Home(tmp_path))
