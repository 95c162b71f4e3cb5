"""When something is open: ``calendars:`` of ``hotline.yaml``.

Hours are written as one text, ``09:00-13:00, 14:00-18:00``, or ``closed``; ``00:00-24:00`` is the
whole day. They are wall-clock times in the hotline's zone.
"""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator

from ccops.config.types import Part, Text, Wanted

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60


class Span(NamedTuple):
    """From one minute of the day (inclusive) to another (exclusive, at most 1440)."""

    begin: int
    end: int


def _hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip() == "closed":
        return ()
    spans = tuple(_span(part) for part in value.split(","))
    for before, after in itertools.pairwise(spans):
        if after.begin < before.end:
            raise ValueError("the times overlap, or are not in the order of the day")
    return spans


def _span(text: str) -> Span:
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text, re.ASCII)
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a time from-to")
    hour, minute, hour2, minute2 = map(int, match.groups())
    begin, end = hour * 60 + minute, hour2 * 60 + minute2
    if minute > 59 or minute2 > 59 or end > MIDNIGHT:
        raise ValueError(f"{text.strip()!r} is no time of a day: the last is 24:00")
    if begin % 5 or end % 5:
        raise ValueError("times are spoken to callers in steps of five minutes")
    if end <= begin:
        raise ValueError("the end is not after the beginning; a night is two entries on two days")
    return Span(begin, end)


def _days(value: str) -> str:
    first, _, last = value.partition("-")
    if last and WEEKDAYS.index(last) <= WEEKDAYS.index(first):
        raise ValueError("the second weekday must come after the first in the week")
    return value


def _date(value: str) -> str:
    try:
        date.fromisoformat(value if len(value) == 10 else f"2024-{value}")
    except ValueError:
        raise ValueError(f"there is no day {value}") from None
    return value


Hours = Annotated[
    tuple[Span, ...],
    BeforeValidator(_hours),
    WithJsonSchema({"type": "string", "examples": ["09:00-13:00, 14:00-18:00", "closed"]}),
    Wanted('times of the day such as "09:00-13:00, 14:00-18:00", or closed'),
]
Weekdays = Annotated[
    str,
    Field(pattern=f"^({'|'.join(WEEKDAYS)})(-({'|'.join(WEEKDAYS)}))?$"),
    AfterValidator(_days),
    Wanted("a weekday or several in a row: mon, tue, wed, thu, fri, sat, sun or mon-fri"),
]
Date = Annotated[
    str,
    Field(pattern=r"^([0-9]{4}-)?[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_date),
    Wanted('a day as "2027-03-21", or "03-21" for each year'),
]


class Day(Part):
    """A holiday, or a day with hours of its own."""

    hours: Hours = ()
    """``closed`` when left out."""
    name: Text | None = None
    """What the day is, for the pages."""


class Calendar(Part):
    """Opening hours by weekday, and the days that differ."""

    week: Annotated[
        dict[Weekdays, Hours],
        Field(min_length=1),
        Wanted('each weekday once with its hours, for example {mon-fri: "09:00-18:00"}'),
    ]
    """Weekdays that are not named are closed."""
    days: dict[Date, Day] = {}
    """A day of one year goes before the same day of each year."""

    @field_validator("week")
    @classmethod
    def _each_day_once(cls, week: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
        named = [day for name in week for day in days_of(name)]
        twice = sorted({day for day in named if named.count(day) > 1}, key=WEEKDAYS.index)
        if twice:
            raise ValueError(f"{', '.join(twice)} is given more than once")
        return week


def days_of(name: str) -> tuple[str, ...]:
    """The weekdays that a key of ``week`` names: ``mon-wed`` is mon, tue, wed."""
    first, _, last = name.partition("-")
    begin = WEEKDAYS.index(first)
    return WEEKDAYS[begin : WEEKDAYS.index(last or first) + 1]
