"""Tells whoever watches this process that its event loop still turns.

The supervisor listens on a pipe, systemd on its notify socket; with neither there is nothing to
tell. The beat comes from the loop itself, so a loop that is blocked falls silent.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress

INTERVAL = 0.5
"""Seconds; the supervisor's limit is ten times as long."""


async def beat(interval: float = INTERVAL) -> None:
    """Beat until cancelled; start it when the process is ready to serve.

    Returns at once when nobody watches.
    """
    pipe = os.environ.get("CCOPS_HEARTBEAT_FD")
    notify = os.environ.get("NOTIFY_SOCKET")
    if pipe is not None:
        # Programs that this process starts must not hold the pipe open.
        os.set_inheritable(int(pipe), False)
        os.set_blocking(int(pipe), False)
    if notify is not None:
        _notify(notify, b"READY=1")
    while pipe is not None or notify is not None:
        if pipe is not None:
            with suppress(BlockingIOError):  # the supervisor is busy, and has beats to read
                os.write(int(pipe), b".")
        if notify is not None:
            _notify(notify, b"WATCHDOG=1")
        await asyncio.sleep(interval)


def _notify(address: str, message: bytes) -> None:
    """systemd's sd_notify(3); an address that begins with @ is in the abstract namespace."""
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.setblocking(False)
        with suppress(OSError):  # nobody listens, or its queue is full: the next beat tells it
            sender.sendto(message, path)
