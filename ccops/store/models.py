"""The tables.

Contacts and what hangs under them are derived: replaced whenever they are derived anew. All else
(raw rows, checkpoints, wishes, promises, disturbances, blocks, announcements …) are facts, which
cannot be made again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ccops.domain.records import (
    AnnouncementFate,
    Evidence,
    LostCause,
    OfferOutcome,
    Outcome,
    PromiseKind,
    VisitOutcome,
)
from ccops.store.types import BigKey, UtcDateTime, choice

CALL_ID = String(150)
"""Asterisk's uniqueid and linkedid: AST_MAX_UNIQUEID is 149 characters."""
NAME = String(80)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        AnnouncementFate: choice(AnnouncementFate),
        Evidence: choice(Evidence),
        LostCause: choice(LostCause),
        OfferOutcome: choice(OfferOutcome),
        Outcome: choice(Outcome),
        PromiseKind: choice(PromiseKind),
        VisitOutcome: choice(VisitOutcome),
    }


class RawRow(Base):
    """One line of one of Asterisk's files, exactly as written; identity is where it stands."""

    __tablename__ = "raw_rows"
    __table_args__ = (UniqueConstraint("source", "generation", "offset"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    """``cel`` or ``queue_log``; with several nodes, with the node's name."""
    generation: Mapped[str] = mapped_column(String(32))
    offset: Mapped[int] = mapped_column(BigInteger)
    uniqueid: Mapped[str] = mapped_column(CALL_ID, index=True)
    """The channel's (CEL), or the caller's as queue_log's callid tells it; empty for neither."""
    linkedid: Mapped[str] = mapped_column(CALL_ID, index=True)
    """As the CEL row says; empty in queue_log."""
    event: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    line: Mapped[str] = mapped_column(Text)


class RejectedRow(Base):
    """A line that could not be understood, kept aside with the reason."""

    __tablename__ = "rejected_rows"
    __table_args__ = (UniqueConstraint("source", "generation", "offset"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    generation: Mapped[str] = mapped_column(String(32))
    offset: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200))
    line: Mapped[str] = mapped_column(Text)


class CheckpointRow(Base):
    """How far a source has been taken in; written in one transaction with its rows."""

    __tablename__ = "checkpoints"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    generation: Mapped[str] = mapped_column(String(32))
    offset: Mapped[int] = mapped_column(BigInteger)
    tail_hash: Mapped[str] = mapped_column(String(32))
    """Of the bytes just before ``offset``: tells the same file from one that only begins alike."""


class ContactRow(Base):
    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_totals", "line", "sub_line", "outcome"),
        Index("ix_contacts_number", "number", "started_at"),
    )

    id: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    line: Mapped[str] = mapped_column(NAME)
    number: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(40))
    sub_line: Mapped[str] = mapped_column(NAME)
    queue: Mapped[str] = mapped_column(NAME)
    """The first queue asked for: the one whose figures count this contact; empty for none."""
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[Outcome]
    lost_cause: Mapped[LostCause | None]
    wait: Mapped[float]
    talk: Mapped[float]
    choices: Mapped[list[str]] = mapped_column(JSON)
    evidence: Mapped[Evidence]


class LegRow(Base):
    __tablename__ = "legs"

    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    uniqueid: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    channel: Mapped[str] = mapped_column(String(150))
    role: Mapped[str] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(NAME)
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    hangup_cause: Mapped[int | None]
    hangup_source: Mapped[str] = mapped_column(String(150))
    evidence: Mapped[Evidence]


class VisitRow(Base):
    __tablename__ = "visits"
    __table_args__ = (Index("ix_visits_queue", "queue", "entered_at"),)

    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 0, in the order of entering."""
    queue: Mapped[str] = mapped_column(NAME)
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    position: Mapped[int | None]
    outcome: Mapped[VisitOutcome]
    wait: Mapped[float]
    operator: Mapped[str] = mapped_column(NAME)
    talk: Mapped[float]
    evidence: Mapped[Evidence]


class OfferRow(Base):
    __tablename__ = "offers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["contact_id", "visit"], ["visits.contact_id", "visits.ordinal"], ondelete="CASCADE"
        ),
        Index("ix_offers_operator", "operator", "offered_at"),
    )

    contact_id: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    operator: Mapped[str] = mapped_column(NAME)
    offered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[OfferOutcome]


class SegmentRow(Base):
    __tablename__ = "segments"

    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bridge: Mapped[str] = mapped_column(String(150))
    leg_a: Mapped[str] = mapped_column(CALL_ID)
    leg_b: Mapped[str] = mapped_column(CALL_ID)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OperatorWishRow(Base):
    """What an operator wants, as last said (decision 11)."""

    __tablename__ = "operator_wishes"

    operator: Mapped[str] = mapped_column(NAME, primary_key=True)
    logged_in: Mapped[bool]
    paused: Mapped[bool]
    reason: Mapped[str] = mapped_column(NAME)
    since: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(NAME)


class OperatorEventRow(Base):
    """Every wish ever said; rows are only added."""

    __tablename__ = "operator_events"
    __table_args__ = (Index("ix_operator_events_operator", "operator", "at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    operator: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]
    logged_in: Mapped[bool]
    paused: Mapped[bool]
    reason: Mapped[str] = mapped_column(NAME)
    changed_by: Mapped[str] = mapped_column(NAME)


class PromiseRow(Base):
    """A number to call back: accepted in the queue or out of hours, or taken by the fallback."""

    __tablename__ = "promises"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source: Mapped[str] = mapped_column(String(200), unique=True)
    """What told of it (the call and its number): taking the same in twice adds nothing."""
    kind: Mapped[PromiseKind]
    call: Mapped[str] = mapped_column(CALL_ID, index=True)
    """Uniqueid of the caller's channel."""
    number: Mapped[str] = mapped_column(NAME)
    line: Mapped[str] = mapped_column(NAME)
    queue: Mapped[str] = mapped_column(NAME)
    """Where the caller waited or would have; empty when none had been chosen."""
    language: Mapped[str] = mapped_column(String(8))
    arrived_at: Mapped[datetime]
    """Whose place is kept: since when the caller has been waiting."""
    at: Mapped[datetime]


class CallerRow(Base):
    """How a caller wants to be spoken to (T12); forgotten after ``remember_language`` days."""

    __tablename__ = "callers"

    number: Mapped[str] = mapped_column(NAME, primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    slow: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class DisturbanceRow(Base):
    """A disturbance that was announced (T10): since when, until when, by whom."""

    __tablename__ = "disturbances"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    line: Mapped[str] = mapped_column(NAME)
    """Empty: all lines."""
    reason: Mapped[str] = mapped_column(NAME)
    """Name of the prompt that says what is wrong; empty: nothing more than that something is."""
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    """What is wrong in free words, by language, where it was typed."""
    stops_calls: Mapped[bool]
    """Callers are told and can leave their number, but reach no operator."""
    resumes_at: Mapped[datetime | None]
    started_at: Mapped[datetime] = mapped_column(index=True)
    started_by: Mapped[str] = mapped_column(NAME)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str] = mapped_column(NAME)


class BlockRow(Base):
    """A number that was blocked; lifting it is noted beside it, nothing is ever removed."""

    __tablename__ = "blocks"
    __table_args__ = (Index("ix_blocks_number", "number", "blocked_at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    number: Mapped[str] = mapped_column(NAME)
    """E.164."""
    reason: Mapped[str] = mapped_column(Text)
    blocked_at: Mapped[datetime]
    blocked_by: Mapped[str] = mapped_column(NAME)
    until: Mapped[datetime | None]
    """None: until it is lifted."""
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str] = mapped_column(NAME)


class AnnouncementRow(Base):
    """One announcement to one waiting caller: what was predicted, spoken, and what happened."""

    __tablename__ = "announcements"
    __table_args__ = (UniqueConstraint("call", "at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    call: Mapped[str] = mapped_column(CALL_ID)
    """Uniqueid of the caller's channel."""
    queue: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(index=True)
    """When it began to play."""
    waited: Mapped[float]
    """Seconds in the queue until then."""
    position: Mapped[int]
    operators: Mapped[float]
    """Able to take this queue; one who serves several counts as a fraction."""
    expected: Mapped[float | None]
    """Mean estimate, seconds from ``at``; none without operators."""
    promised: Mapped[float | None]
    """The high quantile of it, seconds from ``at``."""
    spoken: Mapped[int | None]
    """Minutes as announced: 0 is under one, 99 more than thirty; none: no time was told."""
    variant: Mapped[str] = mapped_column(String(40))
    fate: Mapped[AnnouncementFate]
    happened: Mapped[float | None]
    """Seconds from ``at`` to the answer, or to leaving unserved."""
    actual: Mapped[float | None]
    """Seconds from ``at`` to the answer, or to when the caller would have been answered; none
    while that is open, and where it cannot be known."""
