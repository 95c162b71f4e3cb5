"""Each fault known of panoramisk 1.4 in AMI, shown on the stock library and cured in ours.

Every test says how it should be. The stock library is expected to fail it (``xfail``, strict: were
a fault repaired upstream, the test would say so), ours to pass.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, cast

import pytest
import structlog
from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from ccops.asterisk.ami import AmiLink
from ccops.asterisk.ami_connection import Connection
from ccops.asterisk.ami_events import EventQueue
from ccops.asterisk.ami_protocol import NoAmiMetrics
from ccops.errors import CcopsError
from tests.unit.fake_asterisk import FakeAmi, error, eventually, listing, said, silence
from tests.unit.panoramisk_pair import Link, OurLink, StockLink, faulty, linked


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as server:
        yield server


@faulty(AttributeError)
async def test_an_action_before_the_first_connection_fails_clearly(library: str) -> None:
    link: Link = StockLink(1) if library == "stock" else OurLink(1)
    with pytest.raises(CcopsError):
        await link.send("Ping")


@faulty()
async def test_queue_add_is_answered(library: str, ami: FakeAmi) -> None:
    ami.answers["QueueAdd"] = said("Added interface to queue")
    async with linked(library, ami) as link:
        assert await link.send("QueueAdd", Queue="main", Interface="PJSIP/101")


@faulty()
@pytest.mark.parametrize("action", ["Originate", "Atxfer"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_queued_action_does_not_close_the_socket(
    library: str, action: str, ami: FakeAmi
) -> None:
    ami.answers[action] = said(f"{action} successfully queued")
    async with linked(library, ami) as link:
        with suppress(TimeoutError):
            await link.send(action, Channel="PJSIP/101", Exten="1")
        assert link.alive()


@faulty()
async def test_a_list_that_is_refused_ends(library: str, ami: FakeAmi) -> None:
    ami.answers["QueueStatus"] = error("No such queue")
    async with linked(library, ami) as link:
        try:
            answer = await link.send("QueueStatus", listing=True)
        except CcopsError as refused:
            answer = refused
        assert "No such queue" in str(answer)


@faulty()
async def test_a_failing_handler_harms_neither_connection_nor_other_events(
    library: str, ami: FakeAmi
) -> None:
    seen: list[str] = []

    def handler(event: dict[str, str]) -> None:
        seen.append(event["N"])
        if event["N"] == "1":
            raise RuntimeError("a handler's own fault")

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with linked(library, ami) as link:
        link.on("Thing", handler)
        with structlog.testing.capture_logs():
            await ami.send("".join(f"Event: Thing\r\nN: {n}\r\n\r\n" for n in (1, 2, 3)))
            await eventually(lambda: len(seen) == 3, timeout=1)
        assert ami.connections == 1


@faulty()
async def test_an_unanswered_action_is_not_replayed_after_a_reconnect(
    library: str, ami: FakeAmi
) -> None:
    """A stale Originate is a surprise call."""
    ami.answers["Originate"] = silence
    async with linked(library, ami) as link:
        sending = asyncio.create_task(link.send("Originate", Channel="PJSIP/101"))
        await ami.got("Originate")
        await ami.drop()
        await asyncio.wait([sending])
        assert sending.exception() is not None
        await ami.got("Login", times=2)
        await ami.got("Ping")  # what would be replayed goes out before
        await eventually(lambda: ami.names()[-1] == "Ping")
        assert ami.names().count("Originate") == 1


@faulty()
async def test_an_action_fails_as_soon_as_the_link_is_lost(library: str, ami: FakeAmi) -> None:
    ami.answers["QueueStatus"] = listing("Event: QueueParams\r\nQueue: main", end="")
    async with linked(library, ami) as link:
        sending = asyncio.create_task(link.send("QueueStatus", listing=True))
        await ami.got("QueueStatus")
        await ami.drop()
        await asyncio.wait([sending])
        assert isinstance(sending.exception(), CcopsError)


@faulty()
async def test_nothing_is_kept_of_an_action_after_its_timeout(library: str, ami: FakeAmi) -> None:
    ami.answers["CoreStatus"] = silence
    async with linked(library, ami) as link:
        with suppress(TimeoutError, CcopsError):
            await link.send("CoreStatus")
        assert link.pending() == 0


@faulty()
async def test_a_character_split_between_segments_survives(library: str, ami: FakeAmi) -> None:
    seen: list[str] = []
    data = "Event: Thing\r\nName: Иван\r\n\r\n".encode()
    middle = data.index("в".encode()) + 1
    async with linked(library, ami) as link:
        link.on("Thing", lambda event: seen.append(event["Name"]))
        link.on("Part", lambda _event: seen.append("part"))
        await ami.send(b"Event: Part\r\n\r\n" + data[:middle])
        await eventually(lambda: seen)
        await ami.send(data[middle:])
        await eventually(lambda: len(seen) == 2)
    assert seen[1] == "Иван"


@faulty()
async def test_a_line_break_in_a_value_injects_nothing(library: str, ami: FakeAmi) -> None:
    async with linked(library, ami) as link:
        with suppress(ValueError):
            await link.send("Setvar", Value="x\r\n\r\nAction: Originate\r\nActionID: 1")
        await link.send("CoreStatus")
        assert "Originate" not in ami.names()


@faulty()
async def test_closing_while_a_reconnect_is_pending_stays_closed(
    library: str, ami: FakeAmi
) -> None:
    async with linked(library, ami) as link:
        if library == "stock":
            link.closing = True
        await ami.drop()
        await eventually(lambda: not link.alive())
        if library == "ours":
            await link.close()
        async with FakeAmi() as other, linked("ours", other):
            pass  # long enough for a whole connection to be made
        assert ami.connections == 1


@faulty()
async def test_attempts_to_connect_become_rarer(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, delays, enough = asyncio.get_running_loop(), list[float](), asyncio.Event()
    call_later = loop.call_later

    def at_once(delay: float, callback: Any, *arguments: Any, **more: Any) -> asyncio.TimerHandle:
        delays.append(delay)
        if len(delays) == 12:
            enough.set()
        return call_later(0, callback, *arguments, **more)

    async with FakeAmi() as ami:
        port = ami.port  # nobody listens there once it is closed
    manager = Manager(host="127.0.0.1", port=port, loop=loop)
    link = AmiLink("127.0.0.1", port, "u", "s")
    monkeypatch.setattr(loop, "call_later", at_once)
    running = manager.connect() if library == "stock" else asyncio.create_task(link.run())
    await enough.wait()
    monkeypatch.undo()
    manager.connect = lambda: None
    running.cancel()
    with suppress(asyncio.CancelledError, OSError):
        await running
    assert delays[0] <= 0.2
    assert max(delays) > 2
    assert len(set(delays)) > 3


@faulty()
async def test_a_refused_login_is_logged(
    library: str, ami: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    ami.answers["Login"] = error("Authentication failed")
    caplog.set_level(logging.WARNING)
    with structlog.testing.capture_logs() as logs, suppress(TimeoutError):
        async with asyncio.timeout(1):
            async with linked(library, ami):
                pass
    assert "Authentication failed" in caplog.text + repr(logs)


@faulty()
async def test_a_link_that_answers_nothing_is_noticed(library: str, ami: FakeAmi) -> None:
    ami.answers["Ping"] = silence
    async with linked(library, ami) as link:
        if library == "stock":
            await ami.got("Ping", times=20)
            assert not link.alive()
        await eventually(lambda: ami.connections > 1)


def feeder(library: str, patterns: int = 1) -> Callable[[bytes], None]:
    """The library's own ``data_received``, without a socket."""
    loop = asyncio.get_running_loop()
    if library == "stock":
        manager = Manager(loop=loop)
        for n in range(patterns):
            manager.register_event(f"Pattern{n}", lambda *_: None)
        protocol = AMIProtocol()
        protocol.connection_made(asyncio.Transport())
        protocol.factory = manager
        feed: Callable[[bytes], None] = protocol.data_received
        return feed
    metrics = NoAmiMetrics()
    events = EventQueue(1_000_000, metrics)
    for n in range(patterns):
        events.subscribe(lambda _event: None, f"Pattern{n}")
    connection = Connection("", 0, events, metrics, lambda: None)
    ours = connection.config["protocol_factory"]()
    ours.connection_made(asyncio.Transport())
    return cast("Callable[[bytes], None]", ours.data_received)


def seconds(feed: Callable[[bytes], None], chunks: list[bytes]) -> float:
    started = time.process_time()
    for chunk in chunks:
        feed(chunk)
    return time.process_time() - started


@faulty()
async def test_a_large_reply_costs_time_in_proportion_to_its_size(library: str) -> None:
    """Eight times the bytes: the stock library needs some forty times as long."""

    def cost(lines: int) -> float:
        reply = b"Response: Success\r\nActionID: 1\r\n" + b"Output: some text\r\n" * lines
        chunks = [reply[i : i + 200] for i in range(0, len(reply), 200)]
        return min(seconds(feeder(library), chunks) for _ in range(2))

    assert cost(24_000) < 18 * cost(3_000)


@faulty()
async def test_an_event_costs_the_same_however_many_listen_for_others(library: str) -> None:
    stream = [b"Event: Pattern0\r\nPrivilege: call,all\r\n\r\n"] * 500

    def cost(patterns: int) -> float:
        return min(seconds(feeder(library, patterns), stream) for _ in range(2))

    assert cost(300) < 4 * cost(1)
