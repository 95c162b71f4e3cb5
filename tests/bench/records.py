"""What Asterisk wrote about some calls, to see that each went as the flow says."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path


class Records:
    """The CEL file and queue_log from this moment on."""

    def __init__(self, cel: Path, queue_log: Path) -> None:
        self._begins = {path: _size(path) for path in (cel, queue_log)}
        self._cel, self._queue_log = cel, queue_log

    def cel(self) -> Counter[str]:
        """Rows by event."""
        return Counter(row[0] for row in csv.reader(self._lines(self._cel)))

    def queue(self) -> Counter[str]:
        """Lines by event."""
        return Counter(line.split("|")[4] for line in self._lines(self._queue_log))

    def _lines(self, path: Path) -> list[str]:
        with path.open("rb") as file:
            file.seek(self._begins[path])
            return file.read().decode(errors="replace").splitlines()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
