"""The FastAGI server as handlers and Asterisk see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import structlog

from ccops.asterisk import agi_session
from ccops.asterisk.agi import (
    AgiHangup,
    AgiProtocolError,
    AgiRefused,
    AgiServer,
    AgiSession,
    AgiTimeout,
)
from tests.unit.fake_asterisk import call, eventually


class Recorder:
    """Metrics that remember."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, bool]] = []
        self.sessions: list[tuple[str, str]] = []
        self.now = 0

    def observe_command(self, name: str, seconds: float, ok: bool) -> None:
        assert seconds >= 0
        self.commands.append((name, ok))

    def session(self, route: str, outcome: str) -> None:
        self.sessions.append((route, outcome))

    def active(self, change: int) -> None:
        self.now += change


@asynccontextmanager
async def served(
    handler: Callable[[AgiSession], Awaitable[None]], **options: Any
) -> AsyncIterator[tuple[AgiServer, Recorder]]:
    metrics = Recorder()
    options = {"stop_deadline": 0.05, **options}
    server = AgiServer("127.0.0.1", 0, {"entry": handler}, metrics=metrics, **options)
    await server.start()
    try:
        yield server, metrics
    finally:
        await server.stop()
        assert metrics.now == server.active == 0


async def talk(
    handler: Callable[[AgiSession], Awaitable[Any]], *replies: str
) -> tuple[Any, list[str], Recorder]:
    """A whole session: what the handler returned or raised, the commands, the metrics."""
    results: list[Any] = []

    async def route(session: AgiSession) -> None:
        try:
            results.append(await handler(session))
        except Exception as failure:
            results.append(failure)
            raise

    async with served(route) as (server, metrics), call(server.port) as caller:
        commands = await caller.exchange(*replies)
        assert await caller.command() == "", "the session ends, and asks nothing more"
        await eventually(lambda: metrics.sessions)
    return results[0], commands, metrics


DEAD = "511 Command Not Permitted on a dead channel or intercept routine"
UP = "200 result=6"


@pytest.mark.parametrize(
    ("sounds", "digits", "exchange", "keys"),
    [
        (["a"], 1, {'GET DATA "a" 5000 1': "200 result=3"}, "3"),
        (["a"], 1, {'GET DATA "a" 5000 1': "200 result=*"}, "*"),
        (["a"], 1, {'GET DATA "a" 5000 1': "200 result= (timeout)"}, ""),
        (["a"], 4, {'GET DATA "a" 5000 4': "200 result=12 (timeout)"}, "12"),
        ([], 1, {'GET DATA "" 5000 1': "200 result=1"}, "1"),
        (
            ["a", "b"],
            1,
            {
                'STREAM FILE "a" "0123456789*#"': "200 result=0 endpos=9",
                'GET DATA "b" 5000 1': "200 result=2",
            },
            "2",
        ),
        (["a", "b"], 1, {'STREAM FILE "a" "0123456789*#"': "200 result=42 endpos=9"}, "*"),
        (["a", "b"], 1, {'STREAM FILE "a" "0123456789*#"': "200 result=35 endpos=9"}, ""),
        (
            ["a", "b"],
            3,
            {
                'STREAM FILE "a" "0123456789*#"': "200 result=49 endpos=9",
                'GET DATA "" 5000 2': "200 result=23",
            },
            "123",
        ),
        (
            ["missing"],
            1,
            {
                'GET DATA "missing" 5000 1': "200 result=-1",
                "CHANNEL STATUS": UP,
                'GET DATA "" 5000 1': "200 result=1",
            },
            "1",
        ),
        (
            ["missing", "b"],
            1,
            {
                'STREAM FILE "missing" "0123456789*#"': "200 result=-1 endpos=0",
                "CHANNEL STATUS": UP,
                'GET DATA "b" 5000 1': "200 result=1",
            },
            "1",
        ),
    ],
)
async def test_get_data(
    sounds: list[str], digits: int, exchange: dict[str, str], keys: str
) -> None:
    result, commands, metrics = await talk(
        lambda session: session.get_data(sounds, timeout=5, digits=digits), *exchange.values()
    )
    assert commands == list(exchange)
    assert result == keys
    assert metrics.sessions == [("entry", "done")]


@pytest.mark.parametrize(
    ("exchange", "keys"),
    [
        ({'STREAM FILE "a" "0123456789*#"': "200 result=42 endpos=9"}, "*"),
        (
            {
                'STREAM FILE "a" "0123456789*#"': "200 result=0 endpos=9",
                "WAIT FOR DIGIT 5000": "200 result=42",
            },
            "*",
        ),
        (
            {
                'STREAM FILE "a" "0123456789*#"': "200 result=0 endpos=9",
                "WAIT FOR DIGIT 5000": "200 result=49",
                'GET DATA "" 5000 15': "200 result=2*3",
            },
            "12*3",
        ),
        (
            {
                'STREAM FILE "a" "0123456789*#"': "200 result=0 endpos=9",
                "WAIT FOR DIGIT 5000": "200 result=0",
            },
            "",
        ),
    ],
)
async def test_a_key_that_is_an_answer_alone_is_not_followed_by_a_silence(
    exchange: dict[str, str], keys: str
) -> None:
    result, commands, _ = await talk(
        lambda session: session.get_data(["a"], timeout=5, digits=16, alone="*"),
        *exchange.values(),
    )
    assert (commands, result) == (list(exchange), keys)


@pytest.mark.parametrize(
    ("replies", "key"),
    [
        (["200 result=0 endpos=1", "200 result=0 endpos=1"], ""),
        (["200 result=0 endpos=1", "200 result=49 endpos=1"], "1"),
        (["200 result=42 endpos=1"], "*"),
        (["200 result=-1 endpos=0", UP, "200 result=0 endpos=1"], ""),
    ],
)
async def test_play(replies: list[str], key: str) -> None:
    result, commands, _ = await talk(lambda session: session.play(["a", "b"], keys="1*"), *replies)
    assert result == key
    assert commands[0] == 'STREAM FILE "a" "1*"'
    assert len(commands) == len(replies)


async def test_variables() -> None:
    async def handler(session: AgiSession) -> list[str | None]:
        await session.set_variables(__CCOPS_LANG="ru", CCOPS_NEXT="queue")
        return [
            await session.get_variable("CCOPS_LANG"),
            await session.get_variable("CHANNEL(state)"),
            await session.get_variable("${A}-${B}"),
            await session.get_variable("NOPE"),
            await session.get_variable("EMPTY"),
        ]

    result, commands, _ = await talk(
        handler,
        "200 result=0",
        "200 result=1 (ru)",
        "200 result=1 (Up)",
        "200 result=1 (1-2)",
        "200 result=0",
        "200 result=1 ()",
    )
    assert result == ["ru", "Up", "1-2", None, ""]
    assert commands[:4] == [
        'EXEC "MSet" "__CCOPS_LANG=ru,CCOPS_NEXT=queue"',
        'GET VARIABLE "CCOPS_LANG"',
        'GET VARIABLE "CHANNEL(state)"',
        'GET FULL VARIABLE "${A}-${B}"',
    ]


async def test_exec_and_hangup() -> None:
    async def handler(session: AgiSession) -> str:
        result = await session.exec("CELGenUserEvent", "CCOPS_MENU", "main=1")
        await session.hangup()
        return result

    result, commands, metrics = await talk(handler, "200 result=0", "200 result=1")
    assert result == "0"
    assert commands == ['EXEC "CELGenUserEvent" "CCOPS_MENU,main=1"', "HANGUP"]
    assert metrics.commands == [("EXEC", True), ("HANGUP", True)]


@pytest.mark.parametrize(
    ("replies", "failure", "outcome"),
    [
        (["200 result=-1", DEAD], AgiHangup, "hangup"),
        (["200 result=-1", UP], AgiRefused, "protocol"),
        (["200 result=-2"], AgiRefused, "protocol"),
        (["510 Invalid or unknown command"], AgiRefused, "protocol"),
        (["HANGUP"], AgiHangup, "hangup"),
        (["nonsense"], AgiProtocolError, "protocol"),
    ],
)
async def test_how_a_command_fails(
    replies: list[str], failure: type[Exception], outcome: str
) -> None:
    result, _, metrics = await talk(lambda session: session.exec("Wait", "1"), *replies)
    assert type(result) is failure
    assert metrics.sessions == [("entry", outcome)]


async def test_a_key_that_is_none_ends_the_session() -> None:
    result, _, _ = await talk(lambda session: session.play(["a"]), "200 result=x")
    assert isinstance(result, AgiProtocolError)


async def test_a_caller_who_leaves_in_the_middle() -> None:
    async def handler(session: AgiSession) -> None:
        await session.play(["a"])

    async with served(handler) as (server, metrics):
        async with call(server.port) as caller:
            await caller.command()
        await eventually(lambda: metrics.sessions)
    assert metrics.sessions == [("entry", "hangup")]
    assert metrics.commands == [("STREAM FILE", False)]


async def test_after_a_timeout_nothing_more_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agi_session, "MARGIN", 0.02)
    failures: list[Exception] = []

    async def handler(session: AgiSession) -> None:
        for _ in range(2):
            try:
                await session.get_variable("A")
            except Exception as failure:
                failures.append(failure)
        raise failures[0]

    async with served(handler) as (server, metrics), call(server.port) as caller:
        assert await caller.command() == 'GET VARIABLE "A"'
        assert await caller.command() == ""
        await eventually(lambda: metrics.sessions)
    assert [type(failure) for failure in failures] == [AgiTimeout, AgiProtocolError]
    assert metrics.sessions == [("entry", "timeout")]


async def test_what_a_session_knows() -> None:
    async def handler(session: AgiSession) -> tuple[str, str]:
        return session.path, session.env["agi_arg_1"]

    result, _, _ = await talk(handler)
    assert result == ("entry", "1234")


async def test_a_route_may_be_anything_callable() -> None:
    async def handler(greeting: str, session: AgiSession) -> None:
        await session.play([greeting])

    route = partial(handler, "hello")
    async with served(route) as (server, _), call(server.port, "/entry?line=1") as caller:
        assert await caller.command() == 'STREAM FILE "hello" ""'


async def test_a_failing_handler_closes_the_session_and_no_other() -> None:
    proceed = asyncio.Event()

    async def handler(session: AgiSession) -> None:
        if proceed.is_set():
            raise RuntimeError("a handler's own fault")
        proceed.set()
        await session.play(["a"])

    async with served(handler) as (server, metrics), call(server.port) as first:
        await proceed.wait()
        with structlog.testing.capture_logs() as logs:
            async with call(server.port) as second:
                assert await second.command() == ""
            await eventually(lambda: metrics.sessions)
        assert [entry["event"] for entry in logs] == ["AGI handler failed"]
        await first.exchange("200 result=0")
        assert await first.command() == ""
        await eventually(lambda: len(metrics.sessions) == 2)
    assert metrics.sessions == [("entry", "error"), ("entry", "done")]


async def never(_session: AgiSession) -> None:
    raise AssertionError("nobody asked for this route")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.0",
        b"agi_network: yes\n",
        b"x" * 100_000,
        b"agi_network_script: entry\nagi_network_script: entry\n\n",
    ],
    ids=["nothing", "http", "half", "endless", "twice"],
)
@pytest.mark.parametrize("closes", [True, False])
async def test_a_peer_that_is_not_asterisk(sent: bytes, closes: bool) -> None:
    async with served(never, header_timeout=0.05) as (server, metrics):
        _reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        if closes:
            writer.close()
        await eventually(lambda: metrics.sessions)
        writer.close()
    assert metrics.sessions == [("", "no_headers")]


async def test_an_unknown_route_is_closed_and_does_not_become_a_label() -> None:
    async with served(never) as (server, metrics), call(server.port, "surprise") as caller:
        assert await caller.command() == ""
        await eventually(lambda: metrics.sessions)
    assert metrics.sessions == [("", "no_route")]


async def test_stopping_lets_a_session_end_by_itself() -> None:
    async def handler(session: AgiSession) -> None:
        await session.play(["a"])

    async with served(handler, stop_deadline=5) as (server, metrics), call(server.port) as caller:
        await caller.command()
        port = server.port
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        caller.reply("200 result=0")
        await stopping
    assert metrics.sessions == [("entry", "done")]


async def test_stopping_closes_a_session_that_does_not_end() -> None:
    async def handler(session: AgiSession) -> None:
        await session.play(["a"])

    async with served(handler) as (server, metrics), call(server.port) as caller:
        await caller.command()
        await server.stop()
        assert await caller.command() == "", "so the dialplan goes on with its fallback"
    assert metrics.sessions == [("entry", "cancelled")]


async def test_a_server_that_never_started_stops() -> None:
    server = AgiServer("127.0.0.1", 4573, {})
    await server.stop()
    assert server.port == 4573


def test_two_handlers_for_one_route_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="already is a route"):
        AgiServer("127.0.0.1", 0, {"entry": never, "/entry": never})
