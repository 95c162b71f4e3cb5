"""When something is open, and when it opens."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ccops.config.calendar import Calendar
from ccops.domain.calendar import is_open, next_opening

TASHKENT = ZoneInfo("Asia/Tashkent")
BERLIN = ZoneInfo("Europe/Berlin")

OFFICES = Calendar.model_validate(
    {
        "week": {"mon-fri": "09:00-13:00, 14:00-18:00", "sat": "10:00-14:00"},
        "days": {
            "03-21": {"hours": "closed", "name": {"uz": "Navroʻz"}},
            "2028-03-21": {"hours": "10:00-12:00"},
            "2026-12-31": {"hours": "09:00-13:00"},
        },
    }
)


def tashkent(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TASHKENT)


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00:00", True),
        ("2026-11-23 12:59:59", True),
        ("2026-11-23 13:00:00", False),
        ("2026-11-23 14:00:00", True),
        ("2026-11-23 18:00:00", False),
        ("2026-11-28 10:00:00", True),
        ("2026-11-29 10:00:00", False),
        pytest.param("2026-12-31 12:00:00", True, id="a shortened day, in its hours"),
        pytest.param("2026-12-31 15:00:00", False, id="a shortened day, after them"),
        pytest.param("2027-12-31 15:00:00", True, id="only in that year"),
        pytest.param("2029-03-21 11:00:00", False, id="a holiday of each year"),
        pytest.param("2028-03-21 11:00:00", True, id="which one year has hours of its own"),
    ],
)
def test_is_open(at: str, open_: bool) -> None:
    assert is_open(OFFICES, tashkent(at)) is open_


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        pytest.param("2026-11-23 10:17:31", "2026-11-23 10:17:31", id="open already"),
        pytest.param("2026-11-23 08:59:59", "2026-11-23 09:00", id="in the morning"),
        pytest.param("2026-11-23 13:00", "2026-11-23 14:00", id="after lunch"),
        pytest.param("2026-11-28 14:00", "2026-11-30 09:00", id="after the weekend"),
        pytest.param("2026-12-31 13:00", "2027-01-01 09:00", id="after a shortened day"),
        pytest.param("2029-03-20 18:00", "2029-03-22 09:00", id="after a holiday"),
    ],
)
def test_next_opening(at: str, opens: str) -> None:
    assert next_opening(OFFICES, tashkent(at)) == tashkent(opens)


def test_what_never_opens() -> None:
    never = Calendar.model_validate({"week": {"mon": "closed"}})
    assert next_opening(never, tashkent("2026-11-23 10:00")) is None


def test_a_day_of_each_year_is_found_a_year_ahead() -> None:
    yearly = Calendar.model_validate(
        {"week": {"mon": "closed"}, "days": {"11-22": {"hours": "09:00-10:00"}}}
    )
    assert next_opening(yearly, tashkent("2026-11-22 10:00")) == tashkent("2027-11-22 09:00")


def test_a_day_that_is_past_opens_nothing() -> None:
    once = Calendar.model_validate(
        {"week": {"mon": "closed"}, "days": {"2026-11-22": {"hours": "09:00-10:00"}}}
    )
    assert next_opening(once, tashkent("2026-11-22 10:00")) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        next_opening(OFFICES, datetime(2026, 11, 22))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hours", "at", "opens"),
    [
        pytest.param(
            "02:30-06:00", "2027-03-28T00:30", "2027-03-28T01:00", id="put forward into the hours"
        ),
        pytest.param("02:00-02:45", "2027-03-28T00:30", "2027-03-29T00:00", id="jumped over"),
        pytest.param("09:00-12:00", "2027-03-27T11:00", "2027-03-28T07:00", id="summer begins"),
        pytest.param("09:00-12:00", "2027-10-30T10:00", "2027-10-31T08:00", id="summer ends"),
        pytest.param(
            "02:30-02:45", "2027-10-31T00:00", "2027-10-31T00:30", id="for the first time"
        ),
        pytest.param("02:30-02:45", "2027-10-31T00:50", "2027-10-31T01:30", id="and once more"),
    ],
)
def test_changes_of_summer_time(hours: str, at: str, opens: str) -> None:
    """Moments in UTC; Berlin's clocks change at 01:00 UTC."""
    calendar = Calendar.model_validate({"week": {"mon-sun": hours}})
    begun = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(BERLIN)
    found = next_opening(calendar, begun)
    assert found is not None
    assert found.astimezone(UTC) == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert is_open(calendar, found)


def test_clocks_put_forward_at_midnight() -> None:
    """Beirut's 28 March 2027 begins at one o'clock."""
    beirut = ZoneInfo("Asia/Beirut")
    calendar = Calendar.model_validate({"week": {"sun": "00:30-06:00"}})
    found = next_opening(calendar, datetime(2027, 3, 27, 12, tzinfo=beirut))
    assert found == datetime(2027, 3, 28, 1, tzinfo=beirut)
