"""Reading a file that Asterisk appends to, across rotation, truncation and restarts of either side.

A file is known by its *generation*, the hash of its first line: names move at rotation and inode
numbers are re-used at once. Only whole lines are handed out. Where reading goes on after a restart
is told by a checkpoint; the hash of the bytes before it proves that the file is the same one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import structlog

from ccops.domain.raw import Batch, Checkpoint

log = structlog.get_logger(__name__)

CHUNK = 64 * 1024
"""Bytes read at once; also the longest line."""
FIRST_LINE = 8 * 1024
"""How much of a first line counts."""
TAIL = 64
"""Bytes before the position that must still be there."""
COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})


@dataclass
class _Open:
    """The file that is being read."""

    descriptor: int
    generation: str
    offset: int
    before: bytes
    """The last ``TAIL`` bytes before ``offset``."""


class Tail:
    """Follows one file. ``read`` never blocks the event loop."""

    def __init__(
        self, path: Path, source: str, checkpoint: Checkpoint | None = None, *, chunk: int = CHUNK
    ) -> None:
        self.source = source
        self.gaps = 0
        """How often lines may have been missed: the file of the checkpoint was gone."""
        self.behind = 0
        """Bytes of the present file that had not been read at the last look."""
        self._path = path
        self._checkpoint = checkpoint
        self._chunk = chunk
        self._file: _Open | None = None

    async def read(self) -> Batch | None:
        """The next whole lines; None when there is nothing new."""
        return await asyncio.to_thread(self._read)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file.descriptor)
            self._file = None

    def _read(self) -> Batch | None:
        while True:
            if self._file is None and not self._open():
                return None
            file = self._file
            assert file is not None
            if not _untouched(file):
                self.close()
                continue
            # What follows this file must be known before its end is read: what is written
            # between the two looks would be lost otherwise.
            successor = self._successor(file)
            data = os.pread(file.descriptor, self._chunk, file.offset)
            whole = data[: data.rfind(b"\n") + 1]
            if not whole and (successor or len(data) == self._chunk):
                # A line that will never be finished, or is no line: handed out as it is.
                whole = data
            self.behind = max(0, os.fstat(file.descriptor).st_size - file.offset - len(whole))
            if whole:
                return self._advance(file, whole)
            if successor is None:
                return None
            self.close()
            self._start(successor, file.generation)

    def _advance(self, file: _Open, data: bytes) -> Batch:
        lines = tuple(_lines(file.offset, data))
        file.offset += len(data)
        file.before = (file.before + data)[-TAIL:]
        self._checkpoint = Checkpoint(
            self.source, file.generation, file.offset, _digest(file.before)
        )
        return Batch(lines, self._checkpoint)

    def _successor(self, file: _Open) -> Path | None:
        """The file that was written after ``file``, once it has a line.

        None while the file was only renamed: Asterisk goes on writing to it until it opens a new
        one.
        """
        opened = os.fstat(file.descriptor)
        if _is_file(self._path, opened):
            return None
        files = self._files()
        place = next((n for n, path in enumerate(files) if _is_file(path, opened)), -2)
        later = files[place + 1 :] if place >= 0 else files[-1:]
        return next((path for path in later if _generation(path) is not None), None)

    def _open(self) -> bool:
        """Open the file in which reading goes on; False when there is none yet."""
        point = self._checkpoint
        if point is None:
            return self._start(self._path, "")
        if any(self._resume(path, point) for path in self._files()):
            return True
        if not self._start(self._path, point.generation):
            return False
        self.gaps += 1
        log.warning("the file of the checkpoint is gone, lines may be missing", source=self.source)
        return True

    def _resume(self, path: Path, point: Checkpoint) -> bool:
        if _generation(path) != point.generation.partition("-")[0]:
            return False
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        start = max(0, point.offset - TAIL)
        before = os.pread(descriptor, point.offset - start, start)
        if _digest(before) != point.tail_hash:
            os.close(descriptor)
            return False
        self._file = _Open(descriptor, point.generation, point.offset, before)
        return True

    def _start(self, path: Path, previous: str) -> bool:
        """Read ``path`` from its beginning, after a file of generation ``previous``."""
        generation = _generation(path)
        if generation is None:
            return False
        same, _, number = previous.partition("-")
        if generation == same:
            # Another file with the same first line, begun perhaps in the same second.
            generation = f"{generation}-{int(number or 1) + 1}"
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        self._file = _Open(descriptor, generation, 0, b"")
        return True

    def _files(self) -> list[Path]:
        """Rotated copies, the one written to last at the end, and then the file itself."""
        rotated = []
        for path in self._path.parent.glob(f"{self._path.name}[.-]*"):
            if path.suffix not in COMPRESSED:
                with suppress(FileNotFoundError):
                    rotated.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(rotated)] + [self._path]


def _generation(path: Path) -> str | None:
    """Hash of the file's first line; None while there is no whole line."""
    try:
        with path.open("rb") as file:
            line = file.readline(FIRST_LINE)
    except FileNotFoundError:
        return None
    if not line.endswith(b"\n") and len(line) < FIRST_LINE:
        return None
    return _digest(line)


def _is_file(path: Path, opened: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), opened)
    except FileNotFoundError:
        return False


def _untouched(file: _Open) -> bool:
    """Whether what has been read still stands there: not truncated, not written anew."""
    start = file.offset - len(file.before)
    return os.pread(file.descriptor, len(file.before), start) == file.before


def _lines(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield offset + start, data[start:end].rstrip(b"\r\n")
        start = end


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:24]
