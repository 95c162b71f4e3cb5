"""Simulated days of one queue, told in the domain's live events.

What a predictor says changes nothing in these days (patience is drawn when a caller joins), so a
day is simulated once and every predictor is asked about the same announcements. Handle times are
log-normal, wrap-up included; patience is exponential. Times are seconds from the start.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    Device,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    OperatorCompleted,
    OperatorConnected,
)

QUEUE = "support"
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
HOUR = 3600.0
WRAP_UP = 10
FIRST, EVERY = 3.0, 60.0
"""Seconds from joining to the first announcement, and from one to the next."""


@dataclass(frozen=True)
class Span:
    """From ``start`` (hours) on, until the next span: staff, load and length of the calls."""

    start: float
    operators: int
    calls_per_hour: float
    handle_time: float = 180.0
    """Mean, seconds, wrap-up included."""


@dataclass(frozen=True)
class Case:
    """A kind of day."""

    name: str
    description: str
    hours: float
    runs: int
    patience: float
    """Mean, seconds."""
    spans: Sequence[Span]
    spread: float = 0.8
    """Sigma of the handle time's logarithm."""

    def at(self, seconds: float) -> Span:
        return next(span for span in reversed(self.spans) if span.start * HOUR <= seconds)


@dataclass(frozen=True)
class Asked:
    """An announcement is due: what is predicted for this caller?"""

    call: str


@dataclass(frozen=True)
class Idle:
    """An operator became free and nobody waits."""


@dataclass
class Day:
    """One simulated day: what happened, in order, and what only the simulation knows."""

    happened: list[tuple[float, LiveEvent | Asked | Idle]]
    served: dict[str, float]
    """Call → when an operator took it or, for who hung up, would have taken it."""
    calls: int = 0
    given_up: int = 0


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def day(case: Case, seed: int) -> Day:
    """Simulate ``case`` once."""
    return _Run(case, random.Random(f"{case.name} {seed}")).run()


class _Run:
    """First come, first served, by whichever operator is free."""

    def __init__(self, case: Case, rng: random.Random) -> None:
        self._case = case
        self._rng = rng
        self._day = Day([], {})
        self._order = count()
        self._agenda: list[tuple[float, int, str, str]] = []
        """Time, order, what, whom."""
        self._free: deque[str] = deque()
        self._busy: set[str] = set()
        self._leaving: set[str] = set()
        self._names = count(101)
        self._line: list[tuple[str, bool]] = []
        """Calls in order of arrival; False: hung up, still standing there as a ghost."""
        self._joined: dict[str, float] = {}
        self._handle_time = 180.0

    def run(self) -> Day:
        end = self._case.hours * HOUR
        for index, span in enumerate(self._case.spans):
            until = (
                self._case.spans[index + 1].start * HOUR
                if index + 1 < len(self._case.spans)
                else end
            )
            self._at(span.start * HOUR, "span", str(index))
            clock = span.start * HOUR
            while (clock := clock + self._rng.expovariate(span.calls_per_hour / HOUR)) < until:
                self._day.calls += 1
                self._at(clock, "join", f"c{self._day.calls}")
        while self._agenda:
            now, _, what, whom = heapq.heappop(self._agenda)
            getattr(self, f"_{what}")(now, whom)
            self._distribute(now)
        assert not self._line, "the day ends when the last caller has been served"
        return self._day

    def _at(self, time: float, what: str, whom: str) -> None:
        heapq.heappush(self._agenda, (time, next(self._order), what, whom))

    def _tell(self, now: float, what: LiveEvent | Asked | Idle) -> None:
        self._day.happened.append((now, what))

    # -- what happens

    def _span(self, now: float, index: str) -> None:
        """Another shift: the free leave first, then who talks, after the call."""
        span = self._case.spans[int(index)]
        self._handle_time = span.handle_time
        staff = [*self._free, *sorted(self._busy - self._leaving)]
        for operator in staff[: max(0, len(staff) - span.operators)]:
            self._tell(now, MemberRemoved(QUEUE, operator, moment(now)))
            if operator in self._busy:
                self._leaving.add(operator)
            else:
                self._free.remove(operator)
        for _ in range(span.operators - len(staff)):
            self._free.append(str(next(self._names)))
            self._tell(now, MemberChanged(_member(self._free[-1], now), moment(now)))

    def _join(self, now: float, call: str) -> None:
        self._joined[call] = now
        place = 1 + sum(alive for _, alive in self._line)
        self._line.append((call, True))
        caller = Waiting(call, f"PJSIP/trunk-{call}", QUEUE, "", "uz", moment(now), place)
        self._tell(now, CallerJoined(caller))
        patience = self._rng.expovariate(1 / self._case.patience)
        self._at(now + patience, "hangup", call)
        self._at(now + FIRST, "announce", call)

    def _announce(self, now: float, call: str) -> None:
        if (call, True) in self._line:
            self._tell(now, Asked(call))
            self._at(now + EVERY, "announce", call)

    def _hangup(self, now: float, call: str) -> None:
        if (call, True) in self._line:
            self._line[self._line.index((call, True))] = (call, False)
            self._day.given_up += 1
            self._tell(now, CallerGaveUp(QUEUE, call, moment(now)))
            self._tell(now, CallerLeft(QUEUE, call, moment(now)))

    def _hung_up_after_talk(self, now: float, whom: str) -> None:
        operator, talk = whom.split()
        self._tell(now, OperatorCompleted(QUEUE, operator, moment(now), talk=int(float(talk))))
        if operator not in self._leaving:
            self._tell(now, MemberChanged(_member(operator, now), moment(now)))

    def _ready(self, _: float, operator: str) -> None:
        self._busy.discard(operator)
        if operator in self._leaving:
            self._leaving.discard(operator)
        else:
            self._free.append(operator)

    def _distribute(self, now: float) -> None:
        """Whoever is first gets a free operator; so would have, at that moment, each ghost that
        stands before him, or stands there when nobody else does."""
        while self._free and self._line:
            place = next((i for i, (_, alive) in enumerate(self._line) if alive), None)
            gone = self._line if place is None else self._line[: place + 1]
            for call, _ in gone:
                self._day.served[call] = now
            self._line = [] if place is None else self._line[place + 1 :]
            if place is None:
                self._tell(now, Idle())
            else:
                self._connect(now, gone[-1][0])

    def _connect(self, now: float, call: str) -> None:
        operator = self._free.popleft()
        self._busy.add(operator)
        self._tell(now, CallerLeft(QUEUE, call, moment(now)))
        self._tell(now, OperatorConnected(QUEUE, operator, call, moment(now)))
        spread = self._case.spread
        mean = math.log(self._handle_time) - spread**2 / 2
        handled = self._rng.lognormvariate(mean, spread)
        talk = max(1.0, handled - WRAP_UP)
        self._at(now + talk, "hung_up_after_talk", f"{operator} {talk}")
        self._at(now + talk + WRAP_UP, "ready", operator)


def _member(operator: str, now: float) -> Member:
    return Member(
        QUEUE,
        operator,
        Device.FREE,
        paused=False,
        reason="",
        in_call=False,
        last_call=moment(now) if now else None,
    )
