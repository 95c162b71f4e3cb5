"""What Asterisk tells about this moment, in the domain's words.

Plain data; ``live_state`` says what each does to the picture. Times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from ccops.domain.live import Waiting

WRAP_UP_REASON = "wrap-up"
"""Pause reason with which an operator makes the after-call work longer."""


class Device(Enum):
    """What the operator's telephone is doing."""

    FREE = auto()
    RINGING = auto()
    BUSY = auto()
    GONE = auto()
    """Not registered, or it does not answer to the network."""


@dataclass(frozen=True)
class Member:
    """An operator's membership of one queue, as Asterisk has it at this moment."""

    queue: str
    operator: str
    device: Device
    paused: bool
    reason: str
    in_call: bool
    """Talks with a caller of this queue."""
    last_call: datetime | None
    """End of the last call, in whole seconds, and of any queue (``shared_lastcall``)."""


@dataclass(frozen=True)
class CallerJoined:
    caller: Waiting


@dataclass(frozen=True)
class CallerLeft:
    """Out of the queue, for whatever reason; an answer follows as ``OperatorConnected``."""

    queue: str
    call: str
    at: datetime


@dataclass(frozen=True)
class CallerGaveUp:
    """Leaves unserved (hung up, timed out, no operators left); told just before ``CallerLeft``."""

    queue: str
    call: str
    at: datetime


@dataclass(frozen=True)
class AnnouncementStarted:
    """The caller's music stopped: while waiting, because an announcement begins."""

    call: str
    at: datetime


@dataclass(frozen=True)
class MemberChanged:
    """Joined a queue, or anything about the membership is different."""

    member: Member
    at: datetime


@dataclass(frozen=True)
class MemberRemoved:
    queue: str
    operator: str
    at: datetime


@dataclass(frozen=True)
class OperatorConnected:
    queue: str
    operator: str
    call: str
    at: datetime


@dataclass(frozen=True)
class OperatorCompleted:
    queue: str
    operator: str
    at: datetime
    talk: int


@dataclass(frozen=True)
class Resync:
    """The whole truth, read after a (re)connect: replaces everything known."""

    members: tuple[Member, ...]
    waiting: tuple[Waiting, ...]
    at: datetime


LiveEvent = (
    CallerJoined
    | CallerLeft
    | CallerGaveUp
    | AnnouncementStarted
    | MemberChanged
    | MemberRemoved
    | OperatorConnected
    | OperatorCompleted
    | Resync
)


@dataclass(frozen=True)
class Roster:
    """What the configuration says: who may appear, and how long wrap-up lasts per queue."""

    wrap_up: Mapping[str, int] = field(default_factory=dict)
    """Queue, as Asterisk has it → seconds, in the order in which queues are shown."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Operator → name, in the order in which operators are shown."""
