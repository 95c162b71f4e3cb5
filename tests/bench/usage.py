"""What processes have used: CPU seconds and memory, from /proc."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

MIB = 1024 * 1024
OTHERS = "others"
"""In each :class:`Usage`: every process of the machine that is not of the benchmark."""


@dataclass(frozen=True)
class Usage:
    """CPU seconds by process name (user and system, ended children included) since ``at``'s past.

    Only differences mean something.
    """

    at: float
    cpu: Mapping[str, float]

    def since(self, earlier: Usage) -> Usage:
        """What was used between; ``at`` becomes the seconds that passed."""
        used = {name: seconds - earlier.cpu[name] for name, seconds in self.cpu.items()}
        return Usage(self.at - earlier.at, used)

    def share(self, name: str) -> float:
        """CPU seconds per second, of a difference."""
        return self.cpu[name] / self.at


class Meter:
    """Reads some processes, named by what they are."""

    def __init__(self, **pids: int) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._family = psutil.Process()

    def read(self) -> Usage:
        # The sum of the four is exact (the scheduler's own count), only its parts are estimates.
        cpu = {name: _used(process) for name, process in self._processes.items()}
        # What everything here has used that is not of this benchmark; in ticks of 10 ms.
        ours = sum(_used(one) for one in [self._family, *self._family.children()])
        total = psutil.cpu_times()
        cpu[OTHERS] = sum(total) - total.idle - total.iowait - total.guest - ours
        return Usage(time.monotonic(), cpu)

    async def during(self, seconds: float) -> Usage:
        """What is used while nothing but time passes."""
        before = self.read()
        await asyncio.sleep(seconds)
        return self.read().since(before)

    def resident(self, name: str) -> float:
        """Resident memory now, MiB."""
        size: float = self._processes[name].memory_info().rss / MIB
        return size

    def files(self, name: str) -> int:
        """Open files now."""
        number: int = self._processes[name].num_fds()
        return number


def _used(process: psutil.Process) -> float:
    seconds: float = sum(process.cpu_times()[:4])
    return seconds
