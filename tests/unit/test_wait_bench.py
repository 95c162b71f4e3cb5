"""The benchmark of the announced waits, on a few days: the aims are met, and can be missed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ccops.domain import wait_promises
from tests.bench.wait import misses
from tests.bench.wait_cases import C
from tests.bench.wait_score import APP_QUEUE, EXPECTED, PROMISED, Steadiness, replay

SHORT = replace(C, name="short", hours=4)


def test_ours_beats_app_queues_own_number() -> None:
    result = replay(SHORT, runs=4)
    scores = result.scores
    assert scores[PROMISED].announcements > 1000
    assert scores[EXPECTED].rmse < 0.7 * scores[APP_QUEUE].rmse
    assert scores[PROMISED].late_share < 0.05 < 0.2 < scores[APP_QUEUE].late_share
    assert scores[PROMISED].kept_share > 0.85
    assert scores[PROMISED].mean_beyond < 180
    steadiness = result.steadiness
    assert steadiness[PROMISED].put_off_share < 0.6 * steadiness[EXPECTED].put_off_share


def test_a_mean_for_a_promise_misses_the_aims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait_promises, "KEPT", 0.5)
    monkeypatch.setattr(wait_promises, "SELDOM_LATE", 0.5)
    missed = misses(replay(SHORT, runs=2))
    assert any(aim.startswith("late by more than 60 s") for aim in missed)
    assert any(aim.startswith("promises kept") for aim in missed)


@pytest.mark.parametrize(
    ("before", "now", "minutes", "longer", "put_off"),
    [
        ((0, 5), 60, 4, 0, 0),
        ((0, 7), 60, 7, 0, 0),  # six are left, and seven is the next step
        ((0, 5), 60, 5, 0, 1),
        ((0, 2), 60, 3, 1, 1),
        ((0, 0), 60, 0, 0, 0),
        ((0, 1), 60, 1, 0, 1),
    ],
)
def test_what_counts_as_unsteady(
    before: tuple[float, int], now: float, minutes: int, longer: int, put_off: int
) -> None:
    steadiness = Steadiness()
    steadiness.add(before, now, minutes)
    assert (steadiness.longer, steadiness.put_off) == (longer, put_off)
