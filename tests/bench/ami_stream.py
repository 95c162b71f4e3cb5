"""Events per second of our AMI link and of stock panoramisk, on the same stream.

A loopback socket delivers the same events to both: 27 headers each, 30 names listened for, a
handler for each that counts. CPU time of this process is what is measured, so a busy machine does
not change the figures; each side is measured several times and the best counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from panoramisk import Manager

from ccops.asterisk.ami import AmiLink

HEADERS = 27
NAMES = 30
CHUNK = 16 * 1024


@dataclass(frozen=True)
class Rates:
    """Events per second of CPU time."""

    ours: float
    stock: float

    @property
    def ratio(self) -> float:
        return self.ours / self.stock


def recorded(events: int) -> bytes:
    """A stream like the one a queue call makes: channel snapshots of 27 headers."""
    names = [f"QueueEvent{n}" for n in range(NAMES)]
    return b"".join(
        "\r\n".join(
            [
                f"Event: {names[n % NAMES]}",
                "Privilege: agent,all",
                f"Uniqueid: 1795310836.{n}",
                *(
                    f"ChannelHeader{header}: a value of that length"
                    for header in range(HEADERS - 3)
                ),
                "\r\n",
            ]
        ).encode()
        for n in range(events)
    )


async def measure(events: int = 20_000, rounds: int = 3) -> Rates:
    """Measure each ``rounds`` times; the best counts."""
    stream = recorded(events)
    ours = [await _rate(stream, events, _our_link) for _ in range(rounds)]
    stock = [await _rate(stream, events, _stock_link) for _ in range(rounds)]
    return Rates(max(ours), max(stock))


Count = Callable[[], None]


async def _rate(stream: bytes, events: int, listen: Callable[[int, Count], Any]) -> float:
    seen, done = 0, asyncio.Event()

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == events:
            done.set()

    # The sender is a process of its own, so that its work is not counted.
    context = get_context("spawn")
    ports, go = context.Queue(), context.Event()
    sender = context.Process(target=_send, args=(stream, ports, go), daemon=True)
    sender.start()
    try:
        port = await asyncio.to_thread(ports.get, True, 30)
        async with listen(port, count):
            started = time.process_time()
            go.set()
            await done.wait()
            return events / (time.process_time() - started)
    finally:
        sender.terminate()
        await asyncio.to_thread(sender.join)
        ports.close()


@asynccontextmanager
async def _our_link(port: int, count: Count) -> AsyncIterator[None]:
    link = AmiLink("127.0.0.1", port, "bench", "bench", ping_every=60, queue_limit=1_000_000)
    link.subscribe(lambda _event: count(), *(f"QueueEvent{n}" for n in range(NAMES)))
    task = asyncio.create_task(link.run())
    try:
        await link.wait_connected(10)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _stock_link(port: int, count: Count) -> AsyncIterator[None]:
    ready = asyncio.Event()
    manager = Manager(
        host="127.0.0.1",
        port=port,
        username="bench",
        secret="bench",
        loop=asyncio.get_running_loop(),
        on_login=lambda _manager: ready.set(),
    )
    for n in range(NAMES):
        manager.register_event(f"QueueEvent{n}", lambda _manager, _event: count())
    manager.connect()
    await ready.wait()
    try:
        yield
    finally:
        manager.connection_lost = lambda _error: None
        manager.close()


def _send(stream: bytes, ports: Any, go: Any) -> None:
    """Answer the login, then send the stream when told."""
    asyncio.run(_serve(stream, ports, go))


async def _serve(stream: bytes, ports: Any, go: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        login = (await reader.readuntil(b"\r\n\r\n")).decode()
        action_id = dict(line.split(": ", 1) for line in login.strip().split("\r\n"))["ActionID"]
        writer.write(f"Response: Success\r\nActionID: {action_id}\r\n\r\n".encode())
        writer.write(b"Event: FullyBooted\r\n\r\n")
        await asyncio.to_thread(go.wait)
        for start in range(0, len(stream), CHUNK):
            writer.write(stream[start : start + CHUNK])
            await writer.drain()
        await reader.read()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    ports.put(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    rates = asyncio.run(measure())
    print(f"ours {rates.ours:,.0f}/s, stock {rates.stock:,.0f}/s, ratio {rates.ratio:.1f}")
