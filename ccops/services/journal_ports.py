"""What the journal needs from the outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from ccops.domain.raw import Batch, CelRow, Checkpoint, QueueRow, RawLine, RejectedLine
from ccops.domain.records import Contact, Promise

T = TypeVar("T")


class Follower(Protocol):
    """A file that is being followed."""

    async def read(self) -> Batch | None:
        """The next whole lines; None when there is nothing new."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Source:
    """One of Asterisk's files."""

    name: str
    follow: Callable[[Checkpoint | None], Follower]
    """Begin behind a checkpoint, or at the file's beginning."""
    parse: Callable[[str], CelRow | QueueRow]
    """Raises ValueError, saying why, for a line that is none."""


class JournalTransaction(Protocol):
    """Reads and writes that happen together or not at all; used in a thread of its own."""

    def checkpoint(self, source: str) -> Checkpoint | None: ...

    def last_start(self) -> datetime | None:
        """When Asterisk last started, as far as the stored rows tell."""
        ...

    def save(
        self,
        lines: Sequence[RawLine],
        rejected: Sequence[RejectedLine],
        reached: Iterable[Checkpoint],
    ) -> None:
        """Lines that are held already stay as they are."""
        ...

    def of_linkedids(self, linkedids: Iterable[str]) -> list[RawLine]: ...

    def of_uniqueids(self, uniqueids: Iterable[str]) -> list[RawLine]: ...

    def contacts(self, ids: Sequence[str]) -> list[Contact]: ...

    def open_contacts(self, started_before: datetime) -> list[str]: ...

    def replace(self, new: Sequence[Contact], stored: Mapping[str, Contact]) -> None:
        """``stored``: what is in the database for certain; only differences are written."""
        ...

    def remove(self, ids: Iterable[str]) -> None: ...

    def promise(self, made: Sequence[Promise]) -> None:
        """Keep numbers to call back; those that are known already stay as they are."""
        ...


class JournalStore(Protocol):
    async def transact(self, work: Callable[[JournalTransaction], T]) -> T:
        """Run ``work`` in one transaction, away from the event loop."""
        ...


class JournalMetrics(Protocol):
    def lag(self, source: str, seconds: float) -> None: ...

    def rows(self, source: str, count: int) -> None: ...
