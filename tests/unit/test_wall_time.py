"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ccops.domain.wall_time import MomentError, read_moment

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=ZoneInfo("Asia/Tashkent"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("in 2h", "2026-11-22 11:00"),
        ("2h", "2026-11-22 11:00"),
        ("1h 30m", "2026-11-22 10:30"),
        ("IN 7D", "2026-11-29 09:00"),
        ("15:30", "2026-11-22 10:30"),
        (" 9:05 ", "2026-11-23 04:05"),
        ("14:00", "2026-11-23 09:00"),
        ("2027-03-21", "2027-03-20 19:00"),
        ("2027-03-21 09:00", "2027-03-21 04:00"),
        ("2027-03-21T09:00", "2027-03-21 04:00"),
        ("2027-03-21T09:00:00Z", "2027-03-21 09:00"),
        ("2027-03-21T09:00+03:00", "2027-03-21 06:00"),
        ("2020-01-01", "2019-12-31 19:00"),
    ],
)
def test_what_people_write(text: str, moment: str) -> None:
    assert read_moment(text, NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "12:60", "2h later", "in", "9" * 9 + "d", "2027-02-30", "٢h"],
)
def test_what_tells_no_moment(text: str) -> None:
    with pytest.raises(MomentError) as caught:
        read_moment(text, NOW)
    assert "15:30" in caught.value.remedy


def test_what_lies_beyond_all_calendars() -> None:
    for text in ("99999d " * 99, "0001-01-01"):
        with pytest.raises(MomentError):
            read_moment(text, NOW)


def test_the_next_day_is_the_next_by_the_clock_on_the_wall() -> None:
    """Clocks are put forward in the night between."""
    now = datetime(2027, 3, 27, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert read_moment("9:00", now) == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)
