"""The next opening is one, and the first, whatever the hours and whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ccops.config.calendar import MIDNIGHT, WEEKDAYS, Calendar
from ccops.domain.calendar import is_open, next_opening
from ccops.domain.spoken_time import PROMPTS, moment

STEP = timedelta(minutes=5)
ZONES = st.sampled_from(
    ["Asia/Tashkent", "Europe/Berlin", "Asia/Beirut", "Australia/Lord_Howe", "America/New_York"]
).map(ZoneInfo)

CHANGES = st.sampled_from(
    [
        datetime(2027, month, day, tzinfo=UTC)
        for month, day in [(3, 14), (3, 28), (4, 4), (10, 3), (10, 31), (11, 7)]
    ]
)
"""About when clocks change in one of the zones."""

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=3 * 365)).map(lambda ahead: FIRST + ahead),
    st.builds(
        lambda day, minutes: day + timedelta(minutes=minutes), CHANGES, st.integers(-2000, 2000)
    ),
)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def hours(draw: st.DrawFn) -> str:
    marks = draw(st.sets(st.integers(0, MIDNIGHT // 5), max_size=6))
    edges = sorted(mark * 5 for mark in marks)
    spans = [
        f"{_clock(begin)}-{_clock(end)}"
        for begin, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    return ", ".join(spans) or "closed"


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    days = st.dates(date(2026, 1, 1), date(2029, 1, 1))
    named = st.one_of(days.map(str), days.map(lambda day: f"{day:%m-%d}"))
    return Calendar.model_validate(
        {
            "week": draw(st.dictionaries(st.sampled_from(WEEKDAYS), hours(), min_size=1)),
            "days": {
                name: {"hours": text}
                for name, text in draw(st.dictionaries(named, hours(), max_size=4)).items()
            },
        }
    )


@given(calendars(), MOMENTS, ZONES)
def test_the_next_opening_is_the_first(
    calendar: Calendar, moment_: datetime, zone: ZoneInfo
) -> None:
    at = moment_.astimezone(zone)
    found = next_opening(calendar, at)
    if found is not None:
        assert is_open(calendar, found)
        assert found.tzinfo is zone
    between = moment_
    until = moment_ + timedelta(days=10)
    if found is not None:
        until = min(until, found.astimezone(UTC))
    while between < until:
        assert not is_open(calendar, between.astimezone(zone))
        # From one mark of five minutes to the next: it opens at no other moment.
        between += STEP - timedelta(
            minutes=between.minute % 5, seconds=between.second, microseconds=between.microsecond
        )


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=400)), ZONES)
def test_every_moment_can_be_told(now: datetime, ahead: timedelta, zone: ZoneInfo) -> None:
    told = moment(now + ahead, now.astimezone(zone))
    assert set(told) <= PROMPTS
    assert len(told) in (2, 3, 4)
