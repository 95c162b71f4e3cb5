"""Events per second of our AMI link and of stock panoramisk, on the same recorded stream.

A loopback socket delivers the same bytes to both, with a handler for each name that counts. CPU
time of this process is what is measured, so a busy machine does not change the figures; each side
is measured several times and the best counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from panoramisk import Manager

from ccops.asterisk.ami import AmiLink

CHUNK = 16 * 1024
PATIENCE = 60.0
"""Seconds."""
TOTAL = 20_000
"""Events in one measurement: the recording, again and again."""


@dataclass(frozen=True)
class Rates:
    """Events per second of CPU time."""

    ours: float
    stock: float
    recorded: int
    """Different events in the stream."""
    headers: float
    """Headers of an event, on average."""

    @property
    def ratio(self) -> float:
        return self.ours / self.stock


@dataclass(frozen=True)
class _Stream:
    data: bytes
    events: int
    names: tuple[str, ...]


async def measure(recording: bytes, rounds: int = 3) -> Rates:
    """Replay what an AMI user has received; each measured ``rounds`` times, the best counts."""
    blocks = [block for block in recording.split(b"\r\n\r\n") if block.startswith(b"Event: ")]
    names = sorted({block.partition(b"\r\n")[0][7:].decode() for block in blocks})
    repeats = max(1, TOTAL // len(blocks))
    data = b"".join(block + b"\r\n\r\n" for block in blocks) * repeats
    stream = _Stream(data, len(blocks) * repeats, tuple(names))
    ours = [await _rate(stream, _our_link) for _ in range(rounds)]
    stock = [await _rate(stream, _stock_link) for _ in range(rounds)]
    headers = sum(block.count(b"\r\n") + 1 for block in blocks) / len(blocks)
    return Rates(max(ours), max(stock), len(blocks), headers)


Count = Callable[[], None]


async def _rate(stream: _Stream, listen: Callable[[int, Sequence[str], Count], Any]) -> float:
    seen, done = 0, asyncio.Event()

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == stream.events:
            done.set()

    # The sender is a process of its own, so that its work is not counted.
    context = get_context("spawn")
    ports, go = context.Queue(), context.Event()
    sender = context.Process(target=_send, args=(stream.data, ports, go), daemon=True)
    sender.start()
    try:
        port = await asyncio.to_thread(ports.get, True, 30)
        async with listen(port, stream.names, count):
            started = time.process_time()
            go.set()
            async with asyncio.timeout(PATIENCE):
                await done.wait()
            return stream.events / (time.process_time() - started)
    finally:
        sender.terminate()
        await asyncio.to_thread(sender.join)
        ports.close()


@asynccontextmanager
async def _our_link(port: int, names: Sequence[str], count: Count) -> AsyncIterator[None]:
    link = AmiLink("127.0.0.1", port, "bench", "bench", ping_every=60, queue_limit=1_000_000)
    link.subscribe(lambda _event: count(), *names)
    task = asyncio.create_task(link.run())
    try:
        await link.wait_connected(10)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _stock_link(port: int, names: Sequence[str], count: Count) -> AsyncIterator[None]:
    ready = asyncio.Event()
    manager = Manager(
        host="127.0.0.1",
        port=port,
        username="bench",
        secret="bench",
        loop=asyncio.get_running_loop(),
        on_login=lambda _manager: ready.set(),
    )
    for name in names:
        manager.register_event(name, lambda _manager, _event: count())
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
