"""How long a waiting caller may expect to wait.

E = Σ from i = 0 to k−1 of 1 / (s/A + i·θ), for the caller at position k, with s operators able to
take the queue, mean handle time A and abandonment rate θ: each of the k departures ahead (the
caller's own turn included) happens when one of s operators becomes free, or one of those who wait
gives up. Durations are seconds.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    LiveEvent,
    OperatorCompleted,
    Resync,
)

INITIAL_HANDLE_TIME = 180.0
"""Seconds; stands for the calls that a queue has not had yet, up to ``INITIAL_CALLS``: the first
short call of the day must not promise everybody a short wait."""

INITIAL_CALLS = 3
RECENT_CALLS = 50
RECENT_WAITS = 2000
RECENT = timedelta(minutes=30)


def expected_wait(
    position: int, operators: float, handle_time: float, abandonment: float = 0.0
) -> float | None:
    """Seconds until the caller at ``position`` (1 is the head) is answered.

    ``operators`` may be a fraction (one shared with other queues), ``handle_time`` is above 0,
    ``abandonment`` is in abandonments per second of waiting. None where no operator can take the
    queue: there is no estimate, and only the position can be told.
    """
    if operators <= 0:
        return None
    service = operators / handle_time
    return sum(1 / (service + ahead * abandonment) for ahead in range(position))


class WaitEstimates:
    """Expected waits, from what the live events tell of each queue's recent calls."""

    def __init__(self) -> None:
        self._histories: dict[str, _History] = {}
        self._joined: dict[tuple[str, str], datetime] = {}

    def expected(
        self, queue: str, position: int, operators: float, wrap_up: int, at: datetime
    ) -> float | None:
        """As ``expected_wait``, with what is known of ``queue`` at ``at``."""
        history = self._history(queue)
        return expected_wait(
            position, operators, history.talk_time + wrap_up, history.abandonment(at)
        )

    def take(self, event: LiveEvent) -> None:
        """Learn from a live event; they come in order."""
        match event:
            case CallerJoined(caller):
                self._joined.setdefault((caller.queue, caller.call), caller.joined_at)
            case CallerLeft(queue, call, at):
                joined = self._joined.pop((queue, call), None)
                if joined is not None:
                    self._history(queue).waited((at - joined).total_seconds(), at)
            case CallerGaveUp(queue, _, at):
                self._history(queue).gave_up(at)
            case OperatorCompleted(queue, _, _, talk):
                self._history(queue).talked(talk)
            case Resync(_, waiting):
                self._joined = {(c.queue, c.call): c.joined_at for c in waiting}

    def _history(self, queue: str) -> _History:
        return self._histories.setdefault(queue, _History())


class _History:
    """One queue's recent calls."""

    def __init__(self) -> None:
        self._talks: deque[float] = deque(maxlen=RECENT_CALLS)
        self._waits: deque[tuple[datetime, float]] = deque(maxlen=RECENT_WAITS)
        self._given_up: deque[datetime] = deque(maxlen=RECENT_WAITS)

    def talked(self, seconds: float) -> None:
        self._talks.append(seconds)

    def waited(self, seconds: float, at: datetime) -> None:
        self._waits.append((at, seconds))

    def gave_up(self, at: datetime) -> None:
        self._given_up.append(at)

    @property
    def talk_time(self) -> float:
        """Mean of the recent calls; at least one second."""
        missing = max(0, INITIAL_CALLS - len(self._talks))
        total = INITIAL_HANDLE_TIME * missing + sum(self._talks)
        return max(1.0, total / (missing + len(self._talks)))

    def abandonment(self, at: datetime) -> float:
        """Abandonments per second of waiting in the half hour before ``at``; 0 without waiting."""
        since = at - RECENT
        while self._waits and self._waits[0][0] < since:
            self._waits.popleft()
        while self._given_up and self._given_up[0] < since:
            self._given_up.popleft()
        waiting = sum(seconds for _, seconds in self._waits)
        return len(self._given_up) / waiting if waiting > 0 else 0.0
