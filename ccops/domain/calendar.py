"""Whether something is open, and when it opens: the rules of ``calendars:``.

Moments are aware datetimes in the zone whose clocks the calendar means. Where clocks are put
forward or back, what the wall clock shows decides: an hour that does not exist opens nothing, an
hour that comes twice is open twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ccops.config.calendar import WEEKDAYS, Calendar, Span, days_of

LOOK_AHEAD = 400
"""Days; a day that comes each year is among them."""


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether it is open at ``at``."""
    minute = at.hour * 60 + at.minute
    return any(span.begin <= minute < span.end for span in hours(calendar, at.date()))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """The first moment, ``at`` or later, at which it is open.

    In the zone of ``at``; None where it stays closed for the next 400 days.
    """
    if is_open(calendar, at):
        return at
    zone = at.tzinfo
    if zone is None:
        raise ValueError("a moment without a time zone")
    for days in range(LOOK_AHEAD + 1):
        day = at.date() + timedelta(days=days)
        begun = hours(calendar, day)
        if not begun:
            continue
        found = [
            moment.astimezone(zone)
            for moment in sorted(_changes(begun, day, zone))
            if moment > at and is_open(calendar, moment.astimezone(zone))
        ]
        if found:
            return found[0]
    return None


def hours(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The hours of one day: of that very date, else of that day of each year, else of the week."""
    for name in (day.isoformat(), f"{day:%m-%d}"):
        if name in calendar.days:
            return calendar.days[name].hours
    weekday = WEEKDAYS[day.weekday()]
    return next((spans for name, spans in calendar.week.items() if weekday in days_of(name)), ())


def _changes(spans: tuple[Span, ...], day: date, zone: tzinfo) -> Iterator[datetime]:
    """In UTC, every moment of ``day`` at which its spans can begin: when the wall clock comes to
    their beginning, once or twice, and when it is put forward into them."""
    for span in spans:
        for fold in (0, 1):
            yield _utc(day, span.begin, zone, fold)
    begin, end = _utc(day, 0, zone), _utc(day + timedelta(days=1), 0, zone)
    yield begin
    if _offset(begin, zone) == _offset(end, zone):
        return
    while end - begin > timedelta(minutes=1):
        middle = begin + timedelta(minutes=(end - begin) // timedelta(minutes=2))
        if _offset(middle, zone) == _offset(begin, zone):
            begin = middle
        else:
            end = middle
    yield end


def _utc(day: date, minute: int, zone: tzinfo, fold: int = 0) -> datetime:
    hour, minute = divmod(minute, 60)
    return datetime.combine(day, time(hour, minute, tzinfo=zone, fold=fold)).astimezone(UTC)


def _offset(moment: datetime, zone: tzinfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
