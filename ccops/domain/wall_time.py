"""Moments as people write them on a command line or in a form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from ccops.errors import CcopsError

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_SPAN = re.compile(r"(?:in\s+)?((?:\d{1,5}\s*[dhm]\s*)+)", re.ASCII | re.IGNORECASE)
_PIECE = re.compile(r"(\d+)\s*([dhm])", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


class MomentError(CcopsError):
    """The text tells no moment."""

    code = "moment"


def read_moment(text: str, now: datetime) -> datetime:
    """The moment that ``text`` tells, in UTC.

    ``in 2h``, ``7d`` or ``1h 30m`` from now; ``15:30``, the next time that clocks show it; an ISO
    8601 date or date with time. ``now`` is in the hotline's zone, which holds for all that names
    none. Raises MomentError for anything else. The moment may be past.
    """
    text = text.strip()
    try:
        if span := _SPAN.fullmatch(text):
            pieces = _PIECE.findall(span[1])
            length = sum((int(n) * _UNITS[unit.lower()] for n, unit in pieces), timedelta())
            return now.astimezone(UTC) + length
        if clock := _TIME.fullmatch(text):
            return _next(time(int(clock[1]), int(clock[2])), now).astimezone(UTC)
        given = datetime.fromisoformat(text)
        return (given if given.tzinfo else given.replace(tzinfo=now.tzinfo)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentError(
            f"{text[:40]!r} is no time that can be understood.",
            remedy='Write for example "15:30", "in 2h", "7d" or "2027-03-21 09:00".',
        ) from None


def _next(clock: time, now: datetime) -> datetime:
    moment = datetime.combine(now.date(), clock, tzinfo=now.tzinfo)
    return moment if moment > now else moment + timedelta(days=1)  # by the clock on the wall
