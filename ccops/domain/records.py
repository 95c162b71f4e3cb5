"""What is known of a call once it has been derived from Asterisk's own records.

Words as in docs/architecture.md. Times are aware UTC datetimes, durations are seconds as floats
unless a name says otherwise. Everything here is plain data: derived from raw rows, replaceable by
deriving again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Evidence(StrEnum):
    OBSERVED = "observed"
    INFERRED = "inferred"
    """Closed at the last trace, because the process that should have said so had died."""


class Outcome(StrEnum):
    """How a contact ended. The first three are the outcomes of an incoming contact (KPI
    definitions); the next two belong to contacts that never asked for an operator."""

    ANSWERED = "answered"
    LOST = "lost"
    DEFERRED = "deferred"
    """Accepted a callback; answered once it reaches the caller."""
    SELF_SERVED = "self_served"
    LEFT_IN_MENU = "left_in_menu"
    OPEN = "open"


class LostCause(StrEnum):
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    """The queue did not let the caller in: full, or empty of operators."""
    DISCONNECTED = "disconnected"
    """Ended by a fault, not by the caller."""


class VisitOutcome(StrEnum):
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    KEY = "key"
    EMPTY = "empty"
    FULL = "full"
    DISCONNECTED = "disconnected"
    OPEN = "open"


class OfferOutcome(StrEnum):
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    """The caller left, or another operator answered, while this one rang."""
    OPEN = "open"


class PromiseKind(StrEnum):
    """Where a callback was promised."""

    QUEUE = "queue"
    """Key 1 while waiting: the place is kept."""
    CLOSED = "closed"
    DISTURBANCE = "disturbance"
    MENU = "menu"
    FALLBACK = "fallback"
    """By the dialplan, while ccops was away."""


class AnnouncementFate(StrEnum):
    """What became of a caller after an announcement."""

    ANSWERED = "answered"
    LEFT = "left"
    """Hung up, took a callback, or waited in vain."""
    WAITING = "waiting"
    UNKNOWN = "unknown"
    """ccops was away when it happened."""


@dataclass(frozen=True)
class Promise:
    """A number to call back."""

    source: str
    """What told of it; the same source twice is one promise."""
    kind: PromiseKind
    call: str
    """Uniqueid of the caller's channel."""
    number: str
    """E.164 where it could be understood."""
    line: str
    queue: str
    language: str
    arrived_at: datetime
    """Since when the caller has been waiting: the place that is kept."""
    at: datetime


@dataclass(frozen=True)
class Leg:
    """One channel's part in a contact (a Local ;1/;2 pair counts as one)."""

    uniqueid: str
    channel: str
    role: str
    """``caller``, ``operator``, ``staff`` or ``other``."""
    party: str
    """The caller's number, the operator's id, or the staff member's extension."""
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hangup_cause: int | None
    hangup_source: str
    evidence: Evidence = Evidence.OBSERVED


@dataclass(frozen=True)
class Offer:
    """One ring at one operator."""

    operator: str
    offered_at: datetime
    ended_at: datetime | None
    outcome: OfferOutcome


@dataclass(frozen=True)
class Visit:
    """One stay in one queue."""

    queue: str
    entered_at: datetime
    left_at: datetime | None
    position: int | None
    outcome: VisitOutcome
    wait: float
    operator: str
    talk: float
    offers: tuple[Offer, ...] = ()
    evidence: Evidence = Evidence.OBSERVED


@dataclass(frozen=True)
class Segment:
    """Two real channels in one non-holding bridge: talk."""

    bridge: str
    leg_a: str
    leg_b: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Contact:
    """What the citizen experiences as one call."""

    id: str
    """The linkedid of its first channel."""
    line: str
    number: str
    """E.164 where it could be understood, as received otherwise, empty when withheld."""
    language: str
    queue: str
    """The first one asked for, be it for a callback; empty for a contact that asked for none."""
    sub_line: str
    """Of that queue."""
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    lost_cause: LostCause | None
    wait: float
    talk: float
    legs: tuple[Leg, ...]
    visits: tuple[Visit, ...]
    segments: tuple[Segment, ...]
    choices: tuple[str, ...] = ()
    """The path through the menus, as the ``CCOPS_MENU`` events tell it."""
    evidence: Evidence = Evidence.OBSERVED
