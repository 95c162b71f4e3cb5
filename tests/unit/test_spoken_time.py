"""A moment to come, as the prompts that tell it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ccops.domain.spoken_time import moment

TASHKENT = ZoneInfo("Asia/Tashkent")
NOW = datetime(2026, 11, 23, 10, 17, tzinfo=TASHKENT)
"""A Monday."""


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-23 14:00", "today hour-14"),
        ("2026-11-23 14:30", "today hour-and-14 minute-30"),
        ("2026-11-24 09:00", "tomorrow hour-9"),
        ("2026-11-25 00:00", "on-wed hour-0"),
        ("2026-11-29 23:55", "on-sun hour-and-23 minute-55"),
        pytest.param("2026-11-30 09:00", "day-30 month-11 hour-9", id="the next Monday"),
        ("2027-01-02 09:05", "day-2 month-1 hour-and-9 minute-5"),
        pytest.param("2026-11-23 14:31", "today hour-and-14 minute-35", id="rounded up"),
        pytest.param("2026-11-23 14:30:01", "today hour-and-14 minute-35", id="seconds too"),
        pytest.param("2026-11-23 14:56", "today hour-15", id="up to the hour"),
        pytest.param("2026-11-23 23:56", "tomorrow hour-0", id="up to the next day"),
    ],
)
def test_moment(at: str, told: str) -> None:
    local = datetime.fromisoformat(at).replace(tzinfo=TASHKENT)
    assert moment(local, NOW) == tuple(told.split())


def test_any_zone_is_told_in_the_hotlines() -> None:
    assert moment(datetime(2026, 11, 24, 4, 0, tzinfo=UTC), NOW) == ("tomorrow", "hour-9")
