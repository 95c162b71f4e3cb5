"""The folder outside the checkout where everything that was fetched is kept."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_root() -> Path:
    """``$CCOPS_CACHE``, or ``ccops`` in the user's cache folder."""
    if own := os.environ.get("CCOPS_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "ccops"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change ``folder``; the others wait, then find the work done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
