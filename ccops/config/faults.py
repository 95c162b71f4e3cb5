"""What is wrong with a file, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ccops.errors import CcopsError


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to correct. Lines and columns count from 1, as editors do."""

    file: Path
    line: int
    column: int
    path: str
    """Where in the structure, for example ``queues.jobs.ring``; empty for the whole file."""
    message: str
    """What is wrong."""
    remedy: str
    """What to write instead."""


class ConfigFaults(CcopsError):  # noqa: N818 - it is a list of faults
    """The configuration cannot be used; ``faults`` says why, in the order of the file."""

    code = "config_faults"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        first = self.faults[0]
        more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
        super().__init__(
            f"{first.file}:{first.line}: {first.path or 'file'}: {first.message}{more}.",
            remedy=first.remedy if first.remedy.endswith("?") else f"{first.remedy}.",
        )
