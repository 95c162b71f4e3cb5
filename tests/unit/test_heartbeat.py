"""The heartbeat reaches the supervisor's pipe and systemd's socket, and a blocked loop stops it."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ccops.heartbeat import beat
from ccops.tasks import TaskRunner


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_inheritable(write_end, True)
    monkeypatch.setenv("CCOPS_HEARTBEAT_FD", str(write_end))
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    yield read_end
    os.close(read_end)
    with suppress(OSError):
        os.close(write_end)


async def readable(descriptor: int) -> bytes:
    end = time.monotonic() + 5
    while not select.select([descriptor], [], [], 0)[0]:
        assert time.monotonic() < end
        await asyncio.sleep(0.001)
    return os.read(descriptor, 4096)


async def test_it_beats_on_the_pipe_and_keeps_the_pipe_to_itself(pipe: int) -> None:
    tasks = TaskRunner("test")
    tasks.start("beat", lambda: beat(0.005))

    assert set(await readable(pipe) + await readable(pipe)) == {ord(".")}
    assert not os.get_inheritable(int(os.environ["CCOPS_HEARTBEAT_FD"]))
    assert await tasks.stop() == []


async def test_a_full_pipe_does_not_stop_it(pipe: int) -> None:
    write_end = int(os.environ["CCOPS_HEARTBEAT_FD"])
    os.set_blocking(write_end, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write_end, bytes(4096))
    tasks = TaskRunner("test")
    task = tasks.start("beat", lambda: beat(0.001), restart=False)
    await asyncio.sleep(0.02)
    assert not task.done()

    with suppress(BlockingIOError):
        while True:
            os.read(pipe, 65536)
    assert b"." in await readable(pipe)
    await tasks.stop()


@pytest.mark.parametrize("abstract", [False, True])
async def test_it_tells_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    name = f"ccops-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}" if abstract else name)
    monkeypatch.delenv("CCOPS_HEARTBEAT_FD", raising=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}" if abstract else name)
        tasks = TaskRunner("test")
        tasks.start("beat", lambda: beat(0.005))

        said = [(await readable(listener.fileno())).decode() for _ in range(3)]

        assert said == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        await tasks.stop()


async def test_a_blocked_loop_falls_silent(pipe: int) -> None:
    tasks = TaskRunner("test")
    tasks.start("beat", lambda: beat(0.005))
    await readable(pipe)

    time.sleep(0.05)  # noqa: ASYNC251 (blocking is what is tested)
    os.read(pipe, 4096) if select.select([pipe], [], [], 0)[0] else b""
    time.sleep(0.05)  # noqa: ASYNC251

    assert not select.select([pipe], [], [], 0)[0]
    await tasks.stop()


async def test_with_nobody_watching_it_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCOPS_HEARTBEAT_FD", raising=False)
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    await asyncio.wait_for(beat(), 1)
