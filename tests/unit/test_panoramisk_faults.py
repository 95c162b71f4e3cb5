"""Each fault known of panoramisk 1.4, shown on the stock library and cured in ours.

Every test says how it should be. The stock library is expected to fail it (``xfail``, strict: were
a fault repaired upstream, the test would say so), ours to pass.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, cast

import pytest
import structlog
from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.fast_agi import Application, Request

from ccops.asterisk.agi import AgiServer, AgiSession
from ccops.asterisk.ami import AmiLink
from ccops.asterisk.ami_connection import Connection
from ccops.asterisk.ami_events import EventQueue
from ccops.asterisk.ami_protocol import NoAmiMetrics
from ccops.errors import CcopsError
from tests.unit.fake_asterisk import FakeAmi, call, error, eventually, listing, ok, said, silence


def faulty(*how: type[BaseException]) -> pytest.MarkDecorator:
    """The test on both libraries; ``how`` the stock one fails."""
    mark = pytest.mark.xfail(strict=True, raises=how or (AssertionError, TimeoutError))
    return pytest.mark.parametrize("library", [pytest.param("stock", marks=mark), "ours"])


class Link(Protocol):
    """What both libraries can do."""

    async def send(self, name: str, listing: bool | None = None, **headers: str) -> Any: ...
    def on(self, name: str, handler: Callable[[dict[str, str]], None]) -> None: ...
    def alive(self) -> bool: ...
    def pending(self) -> int: ...
    async def close(self) -> None: ...


class StockLink:
    def __init__(self, port: int) -> None:
        self.manager = Manager(
            host="127.0.0.1",
            port=port,
            username="u",
            secret="s",
            loop=asyncio.get_running_loop(),
            reconnect_timeout=0,
            on_disconnect=self._disconnected,
        )
        self.manager.ping_delay = self.manager.ping_interval = 0.05
        self.closing = self.lost = False

    def _disconnected(self, manager: Manager, _error: Exception | None) -> None:
        self.lost = True
        if self.closing:
            manager.loop.call_soon(manager.close)

    async def open(self) -> None:
        self.manager.connect()
        await eventually(lambda: self.manager.authenticated)

    async def send(self, name: str, listing: bool | None = None, **headers: str) -> Any:
        async with asyncio.timeout(0.5):
            return await self.manager.send_action({"Action": name, **headers}, as_list=listing)

    def on(self, name: str, handler: Callable[[dict[str, str]], None]) -> None:
        self.manager.register_event(name, lambda _manager, event: handler(dict(event)))

    def alive(self) -> bool:
        return not self.lost

    def pending(self) -> int:
        responses = self.manager.protocol.responses.values()
        return sum(action["action"] != "Ping" for action in responses)

    async def close(self) -> None:
        manager = self.manager
        manager.connection_lost = lambda _error: None
        manager.connect = lambda: None
        manager.close()
        for action in [*manager.awaiting_actions]:
            action.future.cancel()


class OurLink:
    def __init__(self, port: int) -> None:
        self.link = AmiLink("127.0.0.1", port, "u", "s", ping_every=0.05, ping_timeout=0.2)
        self.task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self.task = asyncio.create_task(self.link.run())
        await self.link.wait_connected(5)

    async def send(self, name: str, listing: bool | None = None, **headers: str) -> Any:
        how = self.link.list if listing else self.link.action
        return await how(name, timeout=0.5, **headers)

    def on(self, name: str, handler: Callable[[dict[str, str]], None]) -> None:
        self.link.subscribe(lambda event: handler(dict(event.fields)), name)

    def alive(self) -> bool:
        return self.link.connected

    def pending(self) -> int:
        connection = self.link._connection
        assert connection is not None
        return sum(action["action"] != "Ping" for action in connection.protocol.responses.values())

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as server:
        yield server


@asynccontextmanager
async def linked(library: str, ami: FakeAmi) -> AsyncIterator[Any]:
    link = StockLink(ami.port) if library == "stock" else OurLink(ami.port)
    await link.open()
    try:
        yield link
    finally:
        await link.close()


# ---- AMI


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
        await ami.send("".join(f"Event: Thing\r\nN: {n}\r\n\r\n" for n in (1, 2, 3)))
        await eventually(lambda: len(seen) == 3, timeout=0.5)
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
    loop, delays = asyncio.get_running_loop(), list[float]()
    call_later = loop.call_later

    def at_once(delay: float, callback: Any, *arguments: Any, **more: Any) -> asyncio.TimerHandle:
        delays.append(delay)
        return call_later(0, callback, *arguments, **more)

    async with FakeAmi() as ami:
        port = ami.port  # nobody listens there once it is closed
    manager = Manager(host="127.0.0.1", port=port, loop=loop)
    link = AmiLink("127.0.0.1", port, "u", "s")
    monkeypatch.setattr(loop, "call_later", at_once)
    running = manager.connect() if library == "stock" else asyncio.create_task(link.run())
    own = asyncio.get_running_loop().create_future()
    loop.call_at(loop.time() + 0.2, own.set_result, None)
    await own
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
        async with asyncio.timeout(0.3):
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


# ---- FastAGI

Handler = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def served(library: str, handler: Handler) -> AsyncIterator[int]:
    """Serve the route ``entry``; gives the port."""
    if library == "ours":
        server = AgiServer("127.0.0.1", 0, {"entry": handler}, stop_deadline=0.1)
        await server.start()
        try:
            yield server.port
        finally:
            await server.stop()
        return
    application = Application(loop=asyncio.get_running_loop())

    async def route(request: Request) -> None:
        await handler(request)

    application.add_route("entry", route)
    stock = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    try:
        yield stock.sockets[0].getsockname()[1]
    finally:
        stock.close()


async def ask(session: AgiSession | Request, command: str) -> str:
    """The result of a command, or the name of what was raised."""
    try:
        answer = await session.send_command(command)
    except Exception as failure:
        return type(failure).__name__
    if not isinstance(answer, dict):
        return str(answer.result)
    return answer["result"][0] if "result" in answer else f"no result, {answer.get('error')}"


PROBE = """
import asyncio, signal, sys

async def main(library):
    async def handler(session):
        pass
    if library == "stock":
        from panoramisk.fast_agi import Application
        application = Application(loop=asyncio.get_running_loop())
        server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    else:
        from ccops.asterisk.agi import AgiServer
        server = AgiServer("127.0.0.1", 0, {"entry": handler})
        await server.start()
        port = server.port
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("frozen"))
    signal.setitimer(signal.ITIMER_REAL, 1)
    for _ in range(3):
        _, probe = await asyncio.open_connection("127.0.0.1", port)
        probe.write(b"GET / HTTP/1.0")
        probe.close()
    await asyncio.sleep(0.05)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("alive")

asyncio.run(main(sys.argv[1]))
"""


@faulty()
def test_a_health_probe_does_not_freeze_the_event_loop(library: str) -> None:
    """In a process of its own, since nothing else can end it."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROBE), library],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "alive" in done.stdout


@faulty()
async def test_after_a_hangup_no_reply_is_taken_for_another(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))
        answers.append(await ask(session, "SECOND"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange("HANGUP\n200 result=1", "200 result=2")
        await eventually(lambda: len(answers) == 2)
    assert answers == ["AgiHangup", "AgiHangup"]


@faulty()
async def test_a_usage_text_is_one_reply(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))
        answers.append(await ask(session, "SECOND"))

    usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: FIRST\n\tto begin\n"
    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange(usage + "520 End of proper usage.", "200 result=2")
        await eventually(lambda: len(answers) == 2)
    assert answers[1] == "2"


@faulty()
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("", id="closed"),
        pytest.param("511 Command Not Permitted on a dead channel or intercept routine", id="511"),
    ],
)
async def test_the_end_of_a_call_is_told_as_such(library: str, reply: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.command()
        if reply:
            caller.reply(reply)
        else:
            caller.leave()
        await eventually(lambda: answers)
    assert answers == ["AgiHangup"]


@faulty()
async def test_minus_one_is_a_result(library: str) -> None:
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.exchange("200 result=-1")
        await eventually(lambda: answers)
    assert answers == ["-1"]


@faulty()
async def test_a_session_can_be_cancelled(library: str) -> None:
    tasks: list[asyncio.Task[Any] | None] = []

    async def handler(_session: AgiSession) -> None:
        tasks.append(asyncio.current_task())
        await asyncio.Event().wait()

    async with served(library, handler) as port, call(port):
        await eventually(lambda: tasks)
        (task,) = tasks
        assert task is not None
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


@faulty()
async def test_a_command_without_an_answer_ends(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccops.asterisk.agi_session.MARGIN", 0.05)
    answers: list[str] = []

    async def handler(session: AgiSession) -> None:
        answers.append(await ask(session, "FIRST"))

    async with served(library, handler) as port, call(port) as caller:
        await caller.command()
        await eventually(lambda: answers, timeout=0.5)
    assert answers == ["AgiTimeout"]


@faulty()
async def test_a_line_break_in_a_command_injects_nothing(library: str) -> None:
    async def handler(session: AgiSession) -> None:
        with suppress(ValueError):
            await session.send_command('SET VARIABLE NAME "x"\nHANGUP')

    async with served(library, handler) as port, call(port) as caller:
        commands = [await caller.command(), ""]
        if commands[0]:
            caller.reply("200 result=1")
            commands[1] = await caller.command()
            caller.reply("200 result=1")
    assert "HANGUP" not in commands


def test_ok_names_the_action() -> None:
    """The fake itself: a reply carries the id it answers."""
    assert "ActionID: 7" in ok({"ActionID": "7"})
