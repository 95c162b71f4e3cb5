"""Where one copy of the hotline keeps its state.

Everything lives under one folder, ``$CCOPS_HOME`` or ``./var``, so that two copies run side by
side and nothing outside it is written at run time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folders and files of one copy."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        return cls(Path(os.environ.get("CCOPS_HOME") or "var").absolute())

    @property
    def config(self) -> Path:
        return self.root / "hotline.yaml"

    @property
    def in_force(self) -> Path:
        """The configuration that took effect last."""
        return self.root / "run" / "in-force.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.yaml"

    @property
    def database(self) -> Path:
        return self.root / "ccops.sqlite"

    @property
    def asterisk(self) -> Path:
        """The hotline's own Asterisk: etc, log, run, spool, lib, sounds."""
        return self.root / "asterisk"

    @property
    def network(self) -> Path:
        """The simulator's Asterisk, which plays the telephone network."""
        return self.root / "network"

    @property
    def queue_log(self) -> Path:
        return self.asterisk / "log" / "queue_log"

    @property
    def cel(self) -> Path:
        return self.asterisk / "log" / "cel-custom" / "ccops.csv"

    @property
    def sounds(self) -> Path:
        return self.asterisk / "sounds"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def supervisor(self) -> Path:
        """What the supervisor says of its parts."""
        return self.root / "run" / "supervisor.json"
