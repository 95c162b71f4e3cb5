"""The machine that the figures are of."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import psutil

from ccops.provision.toolchain import Toolchain


def description(toolchain: Toolchain) -> dict[str, str]:
    """What a reader needs to compare: hardware, system, versions, and what else is going on."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo)
    model = found[1] if found else platform.machine()
    return {
        "Processor": f"{len(os.sched_getaffinity(0))} × {model}",
        "Memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GiB",
        "System": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "Python": platform.python_version(),
        "Asterisk": toolchain.asterisk.version,
        "Load at the start": f"{os.getloadavg()[0]:.1f}",
    }
