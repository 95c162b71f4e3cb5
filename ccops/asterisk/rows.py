"""Understanding the lines of the CEL file and of queue_log.

The columns of the CEL file are those of asterisk-conf/cel_custom.conf (docs/architecture.md). A
line that cannot be understood raises ``RowError`` with the reason; the caller keeps it aside.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta

from ccops.domain.raw import CelRow, QueueRow
from ccops.numbers import told

CEL_COLUMNS = 13
QUEUE_COLUMNS = 5
"""Before the event's own data."""

LONGEST_ID = 149
"""AST_MAX_UNIQUEID."""
LONGEST_NAME = 80
"""AST_MAX_EXTENSION and the like; a longer one tells of two rows run together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class RowError(ValueError):
    """A line that is none; the text is the reason and holds nothing of the line's content."""


def parse_cel(line: str) -> CelRow:
    """One row of the CEL file."""
    try:
        columns = next(csv.reader((line,), strict=True), [])
    except csv.Error:
        raise RowError("quotes do not match: the row was cut") from None
    if len(columns) != CEL_COLUMNS:
        raise RowError(f"{len(columns)} columns where {CEL_COLUMNS} belong")
    event, at, uniqueid, linkedid, channel, number, *rest = columns
    exten, context, app, app_data, peer, extra, userfield = rest
    if not event or not uniqueid or not linkedid:
        raise RowError("no event, uniqueid or linkedid")
    _fit(uniqueid, linkedid, channel, longest=LONGEST_ID)
    # The number is the caller's own word: cut, so that nobody can keep a call out of the records.
    _fit(event, exten, context, longest=LONGEST_NAME)
    return CelRow(
        event,
        _time(at),
        uniqueid,
        linkedid,
        channel,
        told(number)[:LONGEST_NAME],
        exten,
        context,
        app,
        app_data,
        peer,
        _extra(extra),
        userfield,
    )


def parse_queue(line: str) -> QueueRow:
    """One line of queue_log."""
    columns = line.split("|")
    if len(columns) < QUEUE_COLUMNS:
        raise RowError(f"{len(columns)} columns where at least {QUEUE_COLUMNS} belong")
    at, callid, queue, member, event, *data = columns
    if not callid or not event:
        raise RowError("no call or event")
    _fit(callid, longest=LONGEST_ID)
    _fit(queue, member, event, longest=LONGEST_NAME)
    return QueueRow(_time(at), callid, queue, member, event, tuple(data))


def _fit(*names: str, longest: int) -> None:
    if any(len(name) > longest for name in names):
        raise RowError("a name is too long")


def _time(text: str) -> datetime:
    """Epoch seconds, with or without a fraction, exactly to the microsecond."""
    seconds, _, fraction = text.partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise RowError("the time is no number of seconds")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise RowError("the time is no number of seconds")
    return _EPOCH + timedelta(
        seconds=int(seconds), microseconds=int(fraction[:6].ljust(6, "0") or 0)
    )


def _extra(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        extra = json.loads(text)
    except ValueError:
        raise RowError("eventextra is no JSON") from None
    if not isinstance(extra, dict):
        raise RowError("eventextra is no JSON object")
    return {key: str(value) for key, value in extra.items()}
