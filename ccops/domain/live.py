"""The picture of this moment: who waits, who talks, who is paused.

Provisional by nature (AMI loses what happens while disconnected); the records come from the
journal. Pure data; ``live_state`` says how it changes. Times are aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OperatorState(StrEnum):
    LOGGED_OUT = "logged_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    """Wants to take calls, but the telephone is not registered or the network does not reach it."""


@dataclass(frozen=True)
class Waiting:
    """A caller in a queue."""

    call: str
    """Uniqueid of the caller's channel."""
    channel: str
    queue: str
    """As Asterisk has it, ``support_ru`` where callers wait apart by language (``skills``)."""
    number: str
    language: str
    """The real language, without an announcement's variant."""
    joined_at: datetime
    position: int
    """1 is the head."""
    slow: bool = False
    """Asked for slower speech."""


@dataclass(frozen=True)
class OperatorView:
    """An operator as shown on the page and counted in metrics."""

    id: str
    name: str
    state: OperatorState
    since: datetime
    reason: str
    """Id of the pause reason; empty unless paused."""
    queues: tuple[str, ...]
    calls_today: int = 0
    until: datetime | None = None
    """End of the wrap-up; none when the operator made it longer (pause reason ``wrap-up``)."""


@dataclass(frozen=True)
class QueueView:
    """One of Asterisk's queues, as shown on the page and counted in metrics."""

    name: str
    """As Asterisk has it; ``skills.queue_of`` names the queue of ``hotline.yaml``."""
    waiting: tuple[Waiting, ...]
    operators_logged_in: int
    operators_ready: int
    talking: int


@dataclass(frozen=True)
class Snapshot:
    """Everything live at one moment."""

    at: datetime
    link_up: bool
    """False: the picture is old, Asterisk cannot be heard."""
    queues: tuple[QueueView, ...]
    operators: tuple[OperatorView, ...]
