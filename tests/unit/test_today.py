"""The hotline's day begins at its own midnight, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ccops.domain.figures import DayFigures, day_figures
from ccops.services.today import Today, day_of
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline


@pytest.mark.parametrize(
    ("moment", "zone", "hours"),
    [
        ("2026-11-22T23:30:00+05:00", "Asia/Tashkent", 24),
        ("2026-03-29T12:00:00+02:00", "Europe/Berlin", 23),
        ("2026-10-25T12:00:00+01:00", "Europe/Berlin", 25),
    ],
)
def test_a_day_is_as_long_as_it_is(moment: str, zone: str, hours: int) -> None:
    since, until = day_of(datetime.fromisoformat(moment), zone)
    assert since.tzinfo is UTC
    assert until - since == timedelta(hours=hours)
    assert since <= datetime.fromisoformat(moment) < until


class Records:
    def __init__(self) -> None:
        self.asked: list[datetime] = []

    async def day(
        self, since: datetime, until: datetime, service_levels: Mapping[str, int]
    ) -> DayFigures:
        self.asked.append(since)
        assert service_levels == {"support": 30, "tax": 30}
        return day_figures(since, until, [], [])

    async def answered_by_operator(self, since: datetime, until: datetime) -> Mapping[str, int]:
        return {"101": len(self.asked)} if since < until else {}


async def test_at_midnight_the_figures_begin_anew() -> None:
    records, clock = Records(), ManualClock()
    today = Today(records, clock, hotline)
    clock.time = datetime(2026, 11, 22, 18, 59, 59, 900000, tzinfo=UTC)
    assert (await today.figures()).since == datetime(2026, 11, 21, 19, tzinfo=UTC)
    await today.figures()
    assert len(records.asked) == 1, "read at most once a second"
    clock.time += timedelta(seconds=1.1)
    assert (await today.figures()).since == datetime(2026, 11, 22, 19, tzinfo=UTC)
    assert today.calls_by_operator() == {"101": 2}
