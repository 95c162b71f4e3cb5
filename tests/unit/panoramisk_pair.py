"""Stock panoramisk 1.4 and ours behind one face, so that one test can hold for both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

import pytest
from panoramisk import Manager
from panoramisk.fast_agi import Application, Request

from ccops.asterisk.agi import AgiServer, AgiSession
from ccops.asterisk.ami import AmiLink
from tests.unit.fake_asterisk import FakeAmi, eventually


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
        self.link = AmiLink("127.0.0.1", port, "u", "s", ping_every=0.05, ping_timeout=1.0)
        self.task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self.task = asyncio.create_task(self.link.run())
        await self.link.wait_connected(5)

    async def send(self, name: str, listing: bool | None = None, **headers: str) -> Any:
        how = self.link.list if listing else self.link.action
        return await how(name, timeout=2.0, **headers)

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


@asynccontextmanager
async def linked(library: str, ami: FakeAmi) -> AsyncIterator[Any]:
    link = StockLink(ami.port) if library == "stock" else OurLink(ami.port)
    try:
        await link.open()
        yield link
    finally:
        await link.close()


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
