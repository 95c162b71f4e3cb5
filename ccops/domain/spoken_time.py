"""A moment to come, as prompts: ``("tomorrow", "hour-9")``, ``("on-mon", "hour-and-15",
"minute-30")``. The grammar is in the prompts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ccops.config.calendar import WEEKDAYS

STEP = 5
"""Minutes are spoken in such steps, rounded up: who calls then does not call too early."""

WEEK = 7
"""Days ahead from which on a weekday's name would be taken for another week's."""

PROMPTS = frozenset(
    {
        "today",
        "tomorrow",
        *(f"on-{weekday}" for weekday in WEEKDAYS),
        *(f"day-{day}" for day in range(1, 32)),
        *(f"month-{month}" for month in range(1, 13)),
        *(f"hour-{hour}" for hour in range(24)),
        *(f"hour-and-{hour}" for hour in range(24)),
        *(f"minute-{minute}" for minute in range(STEP, 60, STEP)),
    }
)
"""Everything that :func:`moment` can ask for."""


def moment(at: datetime, now: datetime) -> tuple[str, ...]:
    """``at`` as it is told at ``now``: the day, then the time of the clock in the zone of ``now``.

    ``at`` is aware and later than ``now``.
    """
    local = _rounded(at).astimezone(now.tzinfo)
    if local.minute:
        clock: tuple[str, ...] = (f"hour-and-{local.hour}", f"minute-{local.minute}")
    else:
        clock = (f"hour-{local.hour}",)
    return (*_day(local, now), *clock)


def _day(local: datetime, now: datetime) -> tuple[str, ...]:
    match (local.date() - now.date()).days:
        case 0:
            return ("today",)
        case 1:
            return ("tomorrow",)
        case days if 1 < days < WEEK:
            return (f"on-{WEEKDAYS[local.weekday()]}",)
        case _:
            return (f"day-{local.day}", f"month-{local.month}")


def _rounded(at: datetime) -> datetime:
    """Up to a whole step. Zones differ by whole steps, so that it may be done in UTC."""
    at = at.astimezone(UTC)
    beyond = timedelta(minutes=at.minute % STEP, seconds=at.second, microseconds=at.microsecond)
    return at + timedelta(minutes=STEP) - beyond if beyond else at
