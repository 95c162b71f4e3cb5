"""What a queue's recent calls tell: how long they take, and how soon callers give up.

Durations are seconds.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

INITIAL_TALK = 180.0
"""Stands for the calls that a queue has not had yet, up to ``INITIAL_CALLS``: the first short
call of the day must not promise everybody a short wait."""

INITIAL_CALLS = 3
RECENT_CALLS = 200
"""The mean of fewer is too uncertain: call lengths vary by almost as much as their mean."""

RECENT_WAITS = 2000
RECENT = timedelta(hours=1)


class History:
    """One queue's recent calls and waits. Memory is bounded."""

    def __init__(self) -> None:
        self._talks: deque[float] = deque(maxlen=RECENT_CALLS)
        self._ended: deque[tuple[datetime, float]] = deque(maxlen=RECENT_WAITS)
        self._given_up: deque[datetime] = deque(maxlen=RECENT_WAITS)
        self._waiting: dict[str, datetime] = {}

    def joined(self, call: str, at: datetime) -> None:
        self._waiting.setdefault(call, at)

    def left(self, call: str, at: datetime) -> None:
        joined_at = self._waiting.pop(call, None)
        if joined_at is not None:
            self._ended.append((at, (at - joined_at).total_seconds()))

    def waits(self, call: str) -> bool:
        return call in self._waiting

    def gave_up(self, at: datetime) -> None:
        self._given_up.append(at)

    def talked(self, seconds: float) -> None:
        self._talks.append(seconds)

    def only(self, waiting: dict[str, datetime]) -> None:
        """These wait (call → joined), nobody else does; what became of the others is not known."""
        self._waiting = waiting

    @property
    def talk_time(self) -> float:
        """Mean of the recent calls; at least one second."""
        missing = max(0, INITIAL_CALLS - len(self._talks))
        total = INITIAL_TALK * missing + sum(self._talks)
        return max(1.0, total / (missing + len(self._talks)))

    def abandonment(self, at: datetime) -> float:
        """Abandonments per second of waiting, of who left in the hour before ``at`` or still waits.

        Those who still wait belong to it: while a queue grows, most of the waiting is theirs.
        """
        since = at - RECENT
        while self._ended and self._ended[0][0] < since:
            self._ended.popleft()
        while self._given_up and self._given_up[0] < since:
            self._given_up.popleft()
        waited = sum(seconds for _, seconds in self._ended)
        waited += sum((at - joined).total_seconds() for joined in self._waiting.values())
        return len(self._given_up) / waited if waited > 0 else 0.0
