"""Blocks of ports for copies of the hotline that run at the same time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST, SIZE, BLOCKS = 12000, 400, 48


@dataclass
class PortBlock:
    """Addresses of one copy; held by a file lock until :meth:`release`."""

    base: int
    _lock: int

    @classmethod
    def take(cls) -> PortBlock:
        folder = Path(tempfile.gettempdir()) / f"ccops-test-ports-{os.getuid()}"
        folder.mkdir(exist_ok=True)
        for block in range(BLOCKS):
            lock = os.open(folder / str(block), os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            return cls(FIRST + block * SIZE, lock)
        raise RuntimeError("every block of test ports is in use")

    def release(self) -> None:
        os.close(self._lock)

    def sections(self) -> dict[str, Any]:
        """The sections ``listen`` and ``simulator`` of hotline.yaml."""
        base = self.base
        return {
            "listen": {
                "http": f"127.0.0.1:{base}",
                "sip": f"127.0.0.1:{base + 1}",
                "ami": f"127.0.0.1:{base + 2}",
                "agi": f"127.0.0.1:{base + 3}",
                "rtp": f"{base + 20}-{base + 199}",
            },
            "simulator": {
                "sip": f"127.0.0.1:{base + 4}",
                "phones": f"127.0.0.1:{base + 5}",
                "ami": f"127.0.0.1:{base + 6}",
                "rtp": f"{base + 200}-{base + 399}",
            },
        }
