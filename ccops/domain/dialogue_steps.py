"""What a dialogue can do, and how it can end.

A dialogue is a pure generator: it yields steps and is sent the keys that were pressed ('' for
silence); it returns what the dialplan does next.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from ccops.config.types import Lang
from ccops.domain.situation import Memory


@dataclass(frozen=True)
class Note:
    """A fact for the records: written as a CEL user event."""

    event: str
    data: str


@dataclass(frozen=True)
class Ask:
    """Play the prompts, then wait ``wait`` seconds for one key; a key interrupts."""

    prompts: tuple[str, ...]
    wait: float
    gone: Note | None = None
    """Noted where the caller hangs up instead of answering."""


@dataclass(frozen=True)
class Digits:
    """Play the prompts, then take keys until ``#`` or ``wait`` seconds of silence; all of them are
    sent back, without the ``#``. A star that comes first is sent back at once."""

    prompts: tuple[str, ...]
    wait: float


@dataclass(frozen=True)
class Tell:
    """Play the prompts; a key interrupts and is sent back, '' means heard to the end."""

    prompts: tuple[str, ...]
    interruptible: bool = True


@dataclass(frozen=True)
class Speak:
    """From here on this language is spoken, slowly where wished."""

    language: Lang
    slow: bool = False


@dataclass(frozen=True)
class Remember:
    """Speak to this number like that the next time, too."""

    memory: Memory


@dataclass(frozen=True)
class ToQueue:
    queue: str
    head: bool = False
    """Go to the head of the queue: the caller has waited once already."""
    head_start: int = 0
    """Seconds by which the caller counts as having come earlier; 0 leaves it as it is."""


@dataclass(frozen=True)
class ToStaff:
    staff: str
    """Extension."""
    queue: str
    """Where the caller goes when nobody answers there."""


@dataclass(frozen=True)
class HangUp:
    pass


Step = Ask | Digits | Tell | Speak | Note | Remember
Next = ToQueue | ToStaff | HangUp
Dialogue = Generator[Step, str, Next]
