"""Lines of Asterisk's files, as stored and as understood.

``RawLine`` is what is kept; ``CelRow`` and ``QueueRow`` are what the derivation reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Place = tuple[str, str, int]
"""Source, generation and offset: what makes a line that line."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything of ``source`` before this point has been taken in."""

    source: str
    generation: str
    """Which file: hash of its first line (inode numbers are re-used at once)."""
    offset: int
    tail_hash: str
    """Hash of the bytes just before ``offset``."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole lines that stand one behind the other in one file."""

    lines: tuple[tuple[int, bytes], ...]
    """Offset in the file and the line, without its end."""
    reached: Checkpoint
    """Where to go on once these lines are stored."""


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line, identified by source, generation and offset."""

    source: str
    generation: str
    offset: int
    uniqueid: str
    """The channel's (CEL), the caller's (queue_log's callid)."""
    linkedid: str
    """Empty for queue_log."""
    event: str
    at: datetime
    line: str

    @property
    def place(self) -> Place:
        return self.source, self.generation, self.offset


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that could not be understood, and why."""

    source: str
    generation: str
    offset: int
    reason: str
    line: str


@dataclass(frozen=True, slots=True)
class CelRow:
    """One channel event. ``event`` is the user event's name where Asterisk wrote one of ours."""

    event: str
    at: datetime
    uniqueid: str
    linkedid: str
    channel: str
    number: str
    """Caller id number of the channel at that moment; empty when withheld."""
    exten: str
    context: str
    app: str
    app_data: str
    peer: str
    """The bridge column: what ${CEL(peer)} held."""
    extra: Mapping[str, str]
    """eventextra, values as text."""
    userfield: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of queue_log."""

    at: datetime
    callid: str
    """Uniqueid of the caller's channel, ``NONE`` or ``MANAGER`` for events without a caller."""
    queue: str
    member: str
    event: str
    data: tuple[str, ...]
