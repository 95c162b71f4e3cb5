"""From the expected wait to what a caller is promised: rarely exceeded, and steady.

A mean is exceeded half of the time, and every exceeded promise makes callers hang up. So what is
spoken is a high quantile: the expected wait times what the actual waits have lately been in
relation to it, per queue. Durations are seconds.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.domain.variants import MORE, spoken_minutes
from ccops.domain.wait_turns import Turn

KEPT = 0.8
"""Share of waits that must not exceed the promise. Rounding up to a spoken step makes it more."""

SELDOM_LATE = 0.95
LATE = 60.0
"""Share of waits that must not exceed the promise by more than ``LATE``. Where few operators
serve, single long calls decide; then this asks for more than ``KEPT`` does."""

RECENT_RATIOS = 300
INITIAL_RATIOS = 20
"""Ratios that stand for those not learnt yet: exponentially distributed, as if each wait hung on
one call."""

HOLD = 1.25
DROP = 0.75
"""A promise is held while the wait, told anew, would be between these times what is left of it."""

HEARD = 1.0
"""Music stops for an announcement and when an operator answers, which tells itself at once. While
an announcement is played nobody is connected."""


@dataclass(frozen=True)
class Estimate:
    """What is told to a caller at one moment."""

    expected: float
    """The mean, seconds from now."""
    promised: float
    """What the wait, from now, will rarely exceed; seconds."""
    minutes: int
    """The step that is spoken for it (``variants``): 0 is under one minute, 99 beyond the last."""
    until: datetime
    """The moment promised: of this announcement, or of an earlier one that is held."""


@dataclass
class _Spoken:
    """What one caller has heard."""

    until: datetime
    """The promise: answered by then."""
    predicted: list[tuple[datetime, float]]
    """Each announcement and the expected wait behind it."""


class Promises:
    """Remembers what has been promised to whom, and learns from what became of it."""

    def __init__(self) -> None:
        self._ratios: dict[str, deque[float]] = {}
        self._spoken: dict[tuple[str, str], _Spoken] = {}

    def promise(self, queue: str, call: str, expected: float, at: datetime) -> Estimate:
        """What to tell this caller at ``at``, who is expected to wait ``expected`` more.

        Steady: who has been promised a moment is told what is left until then, rounded up. Only
        when it is over, or the wait told anew differs clearly from what is left (``HOLD``,
        ``DROP``), is another moment promised. Asking changes nothing: see :meth:`spoken`.
        """
        afresh = self._quantile(queue, expected)
        if (spoken := self._spoken.get((queue, call))) is not None:
            left = (spoken.until - at).total_seconds()
            if left > 0 and DROP * left <= afresh <= HOLD * left:
                return Estimate(expected, left, spoken_minutes(left), spoken.until)
        minutes = spoken_minutes(afresh)
        seconds = afresh if minutes == MORE else max(1, minutes) * 60
        return Estimate(expected, afresh, minutes, at + timedelta(seconds=seconds))

    def spoken(self, queue: str, call: str, estimate: Estimate, at: datetime) -> None:
        """The caller hears ``estimate``: it binds, and will be judged when the turn comes."""
        known = self._spoken.setdefault((queue, call), _Spoken(estimate.until, []))
        known.until = estimate.until
        known.predicted.append((at, estimate.expected))

    def judge(self, turn: Turn) -> None:
        """Learn from what has been spoken to this caller; afterwards nothing is promised."""
        spoken = self._spoken.pop((turn.queue, turn.call), None)
        if spoken is not None and turn.at is not None:
            for at, predicted in spoken.predicted:
                actual = (turn.at - at).total_seconds()
                if actual >= HEARD:
                    self.learn(turn.queue, predicted, actual)

    def learn(self, queue: str, predicted: float, actual: float) -> None:
        """A wait that was expected to take ``predicted`` more seconds took ``actual``."""
        if predicted > 0:
            ratios = self._ratios.setdefault(queue, deque(maxlen=RECENT_RATIOS))
            ratios.append(actual / predicted)

    def _quantile(self, queue: str, expected: float) -> float:
        learnt = self._ratios.get(queue, deque[float]())
        ratios = sorted([*learnt, *_initial(INITIAL_RATIOS - len(learnt))])
        kept = ratios[int(KEPT * len(ratios))]
        seldom_late = ratios[int(SELDOM_LATE * len(ratios))]
        return max(expected * kept, expected * seldom_late - LATE)


def _initial(count: int) -> list[float]:
    """Quantiles of the exponential distribution, evenly spread; none for a count below 1."""
    return [-math.log(1 - (i + 0.5) / count) for i in range(count)]
