"""The tables.

Raw rows, checkpoints, rejected rows, wishes, events and promises are facts: they cannot be made
again. Contacts and what hangs under them are derived: replaced whenever they are derived anew.
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

from ccops.domain.records import Evidence, LostCause, OfferOutcome, Outcome, VisitOutcome
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
        Evidence: choice(Evidence),
        LostCause: choice(LostCause),
        OfferOutcome: choice(OfferOutcome),
        Outcome: choice(Outcome),
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
    """A number that the stand-alone fallback script took while ccops was away."""

    __tablename__ = "promises"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    spool_id: Mapped[str] = mapped_column(String(150), unique=True)
    """Name of the spool file: taking the same file in twice adds nothing."""
    number: Mapped[str] = mapped_column(NAME)
    line: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime]
