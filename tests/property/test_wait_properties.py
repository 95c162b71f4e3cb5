"""What must hold for any expected wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.domain.wait import expected_wait

positions = st.integers(1, 300)
staff = st.floats(0.1, 100)
handle_times = st.floats(1, 3600)
rates = st.floats(0, 0.1)


def wait(position: int, operators: float, handle_time: float, rate: float) -> float:
    seconds = expected_wait(position, operators, handle_time, rate)
    assert seconds is not None
    return seconds


@given(positions, staff, handle_times, rates)
def test_further_back_is_longer_more_staff_and_more_leaving_are_not(
    k: int, s: float, a: float, rate: float
) -> None:
    here = wait(k, s, a, rate)
    assert 0 < here < wait(k + 1, s, a, rate)
    assert wait(k, s + 1, a, rate) < here
    assert wait(k, s, a, rate + 0.01) <= here


@given(positions, staff, handle_times)
def test_without_leaving_it_is_a_plain_product(k: int, s: float, a: float) -> None:
    assert wait(k, s, a, 0) == pytest.approx(k * a / s)
