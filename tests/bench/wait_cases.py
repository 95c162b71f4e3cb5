"""The days that ``make bench-wait`` replays.

C and D are those of the reference figures: handle times log-normal with a mean of 180 s; C has
four operators and a tenth more calls than they can take, D shifts of 6, 12, 8 and 4 with peaks of
two and a half times the calls. What is not told there (patience, spread, where the peaks are) was
chosen so that app_queue's own number errs about as much as it does there. Night and Monday are
our own.
"""

from __future__ import annotations

from tests.bench.wait_days import Case, Span

_SHIFTS = ((0, 6), (2, 12), (4, 8), (6, 4))
_LOAD = 0.9 * 20
"""Calls an hour and operator, outside the peaks: nine tenths of what they can take."""

C = Case(
    "C",
    "8 h, 4 operators, 10 % more calls than they can take",
    hours=8,
    runs=20,
    patience=300,
    spans=[Span(0, 4, 88)],
)

D = Case(
    "D",
    "8 h, shifts of 6, 12, 8 and 4 operators; in each, half an hour with 2.5 times the calls",
    hours=8,
    runs=20,
    patience=400,
    spans=[
        span
        for start, operators in _SHIFTS
        for span in (
            Span(start, operators, operators * _LOAD),
            Span(start + 0.75, operators, operators * _LOAD * 2.5),
            Span(start + 1.25, operators, operators * _LOAD),
        )
    ],
)

NIGHT = Case(
    "night",
    "10 h from nine in the evening: 3 operators, 2 from eleven, 4 from six; at half past one the "
    "power fails in a district, and for half an hour four times as many call",
    hours=10,
    runs=40,
    patience=900,
    spans=[
        Span(0, 3, 40, 200),
        Span(2, 2, 20, 200),
        Span(4.5, 2, 80, 200),
        Span(5, 2, 20, 200),
        Span(9, 4, 40, 200),
    ],
)

MONDAY = Case(
    "Monday",
    "6 h from seven: 4 operators, 14 from eight, when for forty minutes almost twice as many call "
    "as they can take; again at ten for twenty minutes, after the news; 12 from eleven",
    hours=6,
    runs=20,
    patience=600,
    spans=[
        Span(0, 4, 50),
        Span(1, 14, 500),
        Span(1 + 2 / 3, 14, 220),
        Span(3, 14, 500),
        Span(3 + 1 / 3, 14, 220),
        Span(4, 12, 180),
        Span(5, 12, 220),
    ],
)

CASES = (C, D, NIGHT, MONDAY)
