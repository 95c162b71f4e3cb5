"""Asterisk's two doors as a test needs them: a manager interface, and a call that asks an AGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self

Headers = dict[str, str]
Answer = Callable[[Headers], str]


def ok(action: Headers) -> str:
    return f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: done\r\n\r\n"


def error(message: str) -> Answer:
    return lambda action: (
        f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: {message}\r\n\r\n"
    )


def said(message: str) -> Answer:
    return lambda action: ok(action).replace("done", message)


def silence(_action: Headers) -> str:
    return ""


def listing(*items: str, end: str = "Complete") -> Answer:
    """A list of events, each given as its headers without ActionID."""

    def answer(action: Headers) -> str:
        action_id = f"ActionID: {action['ActionID']}\r\n"
        head = f"Response: Success\r\n{action_id}EventList: start\r\nMessage: follows\r\n\r\n"
        tail = f"Event: ListComplete\r\n{action_id}EventList: {end}\r\n\r\n" if end else ""
        return head + "".join(f"{item}\r\n{action_id}\r\n" for item in items) + tail

    return answer


async def eventually(condition: Callable[[], object], timeout: float = 5.0) -> None:
    """Wait for the condition; TimeoutError when it does not come true."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 — the condition is anybody's
            await asyncio.sleep(0.002)


class FakeAmi:
    """A manager interface that answers ``Success`` unless told otherwise."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.received: list[Headers] = []
        self.connections = 0
        self.boots = True
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        await self.drop()

    async def send(self, data: str | bytes) -> None:
        writer = self._writers[-1]
        writer.write(data.encode() if isinstance(data, str) else data)
        await writer.drain()

    async def drop(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.transport.abort()

    def names(self) -> list[str]:
        return [action["Action"] for action in self.received]

    async def got(self, name: str, times: int = 1) -> Headers:
        await eventually(lambda: self.names().count(name) >= times)
        return [action for action in self.received if action["Action"] == name][-1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                block = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.split(": ", 1) for line in block.strip().split("\r\n"))
                self.received.append(action)
                writer.write(self.answers.get(action["Action"], ok)(action).encode())
                if action["Action"] == "Login" and self.boots:
                    writer.write(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class FakeCall:
    """A call in Asterisk that has reached ``AGI(agi://…/entry)``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def command(self) -> str:
        """The next command; '' when the server has closed."""
        return (await self._reader.readline()).decode().removesuffix("\n")

    def reply(self, text: str) -> None:
        self._writer.write(text.encode() + b"\n")

    async def exchange(self, *replies: str) -> list[str]:
        """Answer one command after another; returns the commands."""
        commands = []
        for reply in replies:
            commands.append(await self.command())
            self.reply(reply)
        return commands

    def leave(self) -> None:
        self._writer.close()


ENVIRONMENT = "agi_network: yes\nagi_network_script: {path}\nagi_uniqueid: 1.1\nagi_arg_1: 1234\n\n"


@asynccontextmanager
async def call(port: int, path: str = "entry") -> AsyncIterator[FakeCall]:
    """Call the AGI server and send the headers; an empty path sends none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if path:
        writer.write(ENVIRONMENT.format(path=path).encode())
    try:
        yield FakeCall(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
