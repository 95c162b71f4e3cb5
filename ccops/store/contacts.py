"""Writing derived contacts, and reading them back as records of the domain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, delete, select

from ccops.domain.records import Contact, Leg, Offer, Segment, Visit
from ccops.store.dialect import insert_all, upsert
from ccops.store.models import ContactRow, LegRow, OfferRow, SegmentRow, VisitRow

R = TypeVar("R", Leg, Visit, Offer, Segment, Contact)

CHUNK = 500
"""Ids in one statement; SQLite allows some 32,000 parameters."""

_DELETE = {
    model: delete(model).where(model.contact_id == bindparam("id"))
    for model in (LegRow, VisitRow, SegmentRow)
}


def replace(
    connection: Connection, contacts: Sequence[Contact], stored: Mapping[str, Contact]
) -> None:
    """Put ``contacts`` in the place of what is stored under their ids.

    ``stored``: what is known for certain to be in the database, by id; of those only what differs
    is written.
    """
    rows: list[dict[str, Any]] = []
    legs: list[dict[str, Any]] = []
    visits: list[dict[str, Any]] = []
    offers: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    stale: dict[type[LegRow | VisitRow | SegmentRow], list[str]] = defaultdict(list)
    for contact in contacts:
        old = stored.get(contact.id)
        row = _contact_row(contact)
        if old is None or _contact_row(old) != row:
            rows.append(row)
        if old is None or old.legs != contact.legs:
            stale[LegRow].append(contact.id)
            legs.extend({"contact_id": contact.id, **vars(leg)} for leg in contact.legs)
        if old is None or old.segments != contact.segments:
            stale[SegmentRow].append(contact.id)
            segments.extend(
                {"contact_id": contact.id, "ordinal": number, **vars(segment)}
                for number, segment in enumerate(contact.segments)
            )
        if old is None or old.visits != contact.visits:
            stale[VisitRow].append(contact.id)
            for number, visit in enumerate(contact.visits):
                values = dict(vars(visit))
                del values["offers"]
                visits.append({"contact_id": contact.id, "ordinal": number, **values})
                offers.extend(
                    {"contact_id": contact.id, "visit": number, "ordinal": ring, **vars(offer)}
                    for ring, offer in enumerate(visit.offers)
                )
    upsert(connection, ContactRow, rows)
    for model, ids in stale.items():
        connection.execute(_DELETE[model], [{"id": contact_id} for contact_id in ids])
    insert_all(connection, LegRow, legs)
    insert_all(connection, VisitRow, visits)
    insert_all(connection, OfferRow, offers)
    insert_all(connection, SegmentRow, segments)


def remove(connection: Connection, ids: Iterable[str]) -> None:
    """Forget contacts that are none after all: their calls turned out to be part of another."""
    for chunk in _chunks(list(ids)):
        connection.execute(delete(ContactRow).where(ContactRow.id.in_(chunk)))


def load(connection: Connection, ids: Sequence[str]) -> list[Contact]:
    """The contacts with these ids, in the order of their start; unknown ids are left out."""
    rows: list[Row[Any]] = []
    for chunk in _chunks(ids):
        rows.extend(
            connection.execute(select(ContactRow.__table__).where(ContactRow.id.in_(chunk)))
        )
    return _with_parts(connection, sorted(rows, key=lambda row: (row.started_at, row.id)))


def recent(
    connection: Connection, limit: int = 50, before: datetime | None = None
) -> list[Contact]:
    """The last contacts, newest first; ``before`` pages back."""
    query = select(ContactRow.__table__).order_by(
        ContactRow.started_at.desc(), ContactRow.id.desc()
    )
    if before is not None:
        query = query.where(ContactRow.started_at < before)
    return _with_parts(connection, list(connection.execute(query.limit(limit))))


def open_ids(connection: Connection, started_before: datetime) -> list[str]:
    """Ids of the contacts that started before a moment and have not ended."""
    return list(
        connection.scalars(
            select(ContactRow.id)
            .where(ContactRow.ended_at.is_(None), ContactRow.started_at < started_before)
            .order_by(ContactRow.started_at)
        )
    )


def _with_parts(connection: Connection, rows: Sequence[Row[Any]]) -> list[Contact]:
    ids = [row.id for row in rows]
    legs: dict[str, list[Leg]] = defaultdict(list)
    visits: dict[str, list[Visit]] = defaultdict(list)
    offers: dict[tuple[str, int], list[Offer]] = defaultdict(list)
    segments: dict[str, list[Segment]] = defaultdict(list)
    for chunk in _chunks(ids):
        for leg in connection.execute(
            select(LegRow.__table__)
            .where(LegRow.contact_id.in_(chunk))
            .order_by(LegRow.started_at, LegRow.uniqueid)
        ):
            legs[leg.contact_id].append(_record(Leg, leg))
        for offer in connection.execute(
            select(OfferRow.__table__)
            .where(OfferRow.contact_id.in_(chunk))
            .order_by(OfferRow.ordinal)
        ):
            offers[offer.contact_id, offer.visit].append(_record(Offer, offer))
        for visit in connection.execute(
            select(VisitRow.__table__)
            .where(VisitRow.contact_id.in_(chunk))
            .order_by(VisitRow.ordinal)
        ):
            visits[visit.contact_id].append(
                _record(Visit, visit, offers=tuple(offers[visit.contact_id, visit.ordinal]))
            )
        for segment in connection.execute(
            select(SegmentRow.__table__)
            .where(SegmentRow.contact_id.in_(chunk))
            .order_by(SegmentRow.ordinal)
        ):
            segments[segment.contact_id].append(_record(Segment, segment))
    return [
        _record(
            Contact,
            row,
            legs=tuple(legs[row.id]),
            visits=tuple(visits[row.id]),
            segments=tuple(segments[row.id]),
            choices=tuple(row.choices),
        )
        for row in rows
    ]


def _record(kind: type[R], row: Row[Any], **parts: Any) -> R:
    stored = {field.name for field in fields(kind)} - parts.keys()
    return kind(**{name: getattr(row, name) for name in stored}, **parts)


def _contact_row(contact: Contact) -> dict[str, Any]:
    values = dict(vars(contact))
    del values["legs"], values["visits"], values["segments"]
    values["choices"] = list(contact.choices)
    return values


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
