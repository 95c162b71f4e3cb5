"""The folder outside the checkout where everything that was fetched is kept."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ccops.errors import CcopsError

REMEDY = "Let CCOPS_CACHE name a folder that you may write to, with 2 GB free."


class CacheError(CcopsError):
    """There is no folder to keep programs in."""

    code = "no_cache"


def cache_root() -> Path:
    """``$CCOPS_CACHE``, or ``ccops`` in the user's cache folder; CacheError without a home."""
    if own := os.environ.get("CCOPS_CACHE"):
        return Path(own).absolute()
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        raise CacheError("This user has no home folder for a cache.", remedy=REMEDY) from None
    return base.absolute() / "ccops"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change ``folder``; the others wait, then find the work done.

    Raises :class:`CacheError` where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("w")
    except OSError as error:
        raise CacheError(
            f"The cache folder {folder} cannot be written: {error.strerror}.", remedy=REMEDY
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
