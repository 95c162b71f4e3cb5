"""Raw rows: Asterisk's own lines, stored once, with the checkpoint up to which they are held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, select

from ccops.domain.raw import Checkpoint, RawLine, RejectedLine
from ccops.store.dialect import insert_new, upsert
from ccops.store.models import CheckpointRow, RawRow, RejectedRow

CHUNK = 500

_RAW = RawRow.__table__.c
_COLUMNS = [_RAW[name] for name in RawLine.__slots__]
_NAMES: BindParameter[Any] = bindparam("names", expanding=True)
_OF_LINKEDIDS = select(*_COLUMNS).where(_RAW.linkedid.in_(_NAMES)).order_by(_RAW.id)
_OF_UNIQUEIDS = select(*_COLUMNS).where(_RAW.uniqueid.in_(_NAMES)).order_by(_RAW.id)


def checkpoint(connection: Connection, source: str) -> Checkpoint | None:
    """Where taking in ``source`` has to go on; None when nothing has been taken in."""
    table = CheckpointRow.__table__.c
    row = connection.execute(
        select(table.source, table.generation, table.offset, table.tail_hash).where(
            table.source == source
        )
    ).first()
    return None if row is None else Checkpoint(*row)


def save(
    connection: Connection,
    lines: Sequence[RawLine],
    rejected: Sequence[RejectedLine],
    reached: Iterable[Checkpoint],
) -> None:
    """Store lines with the checkpoints they lead to: all or nothing.

    A line that is held already is left as it is.
    """
    insert_new(connection, RawRow, [_values(line) for line in lines])
    insert_new(connection, RejectedRow, [_values(line) for line in rejected])
    upsert(connection, CheckpointRow, [_values(point) for point in reached])


def of_linkedids(connection: Connection, linkedids: Iterable[str]) -> list[RawLine]:
    """CEL lines with one of these linkedids."""
    return _lines(connection, _OF_LINKEDIDS, linkedids)


def of_uniqueids(connection: Connection, uniqueids: Iterable[str]) -> list[RawLine]:
    """Lines of both files that tell of one of these channels."""
    return _lines(connection, _OF_UNIQUEIDS, uniqueids)


def last_start(connection: Connection) -> datetime | None:
    """When Asterisk last started, as queue_log tells it."""
    # The uniqueid is what the index finds.
    return connection.scalar(
        select(func.max(RawRow.at)).where(RawRow.uniqueid == "NONE", RawRow.event == "QUEUESTART")
    )


def _lines(connection: Connection, query: Select[Any], wanted: Iterable[str]) -> list[RawLine]:
    names = sorted(wanted)
    found: list[RawLine] = []
    for start in range(0, len(names), CHUNK):
        rows = connection.execute(query, {"names": names[start : start + CHUNK]})
        found.extend(RawLine(*row) for row in rows)
    return found


def _values(record: RawLine | RejectedLine | Checkpoint) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}
