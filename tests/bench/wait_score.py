"""Replays a simulated day to every predictor, and keeps the score.

Ours are the classes that run in production, fed with the day's live events; the others are what
one could use instead. A caller who hung up counts with the wait that would have been.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerJoined,
    LiveEvent,
    OperatorCompleted,
    OperatorConnected,
)
from ccops.domain.live_state import LiveState
from ccops.domain.variants import MORE, spoken_minutes
from ccops.domain.wait import WaitEstimates, expected_wait
from ccops.domain.wait_promises import Estimate
from tests.bench.wait_days import QUEUE, WRAP_UP, Asked, Case, Day, Idle, day, moment

APP_QUEUE = "app_queue's own"
EXPECTED = "E: with abandonment"
KNOWN = "E, if A and θ were known"
PROMISED = "ccops: what is promised"
LATE = 60.0


@dataclass
class Score:
    """Of one predictor, over all announcements of a case. Errors in seconds."""

    announcements: int = 0
    squares: float = 0.0
    late: int = 0
    """Turns that came more than a minute after what was told."""
    kept: int = 0
    beyond: float = 0.0
    """Seconds told beyond the wait, summed."""

    def add(self, told: float, actual: float) -> None:
        self.announcements += 1
        self.squares += (told - actual) ** 2
        self.late += actual > told + LATE
        self.kept += actual <= told
        self.beyond += max(0.0, told - actual)

    @property
    def rmse(self) -> float:
        return math.sqrt(self.squares / self.announcements)

    @property
    def late_share(self) -> float:
        return self.late / self.announcements

    @property
    def kept_share(self) -> float:
        return self.kept / self.announcements

    @property
    def mean_beyond(self) -> float:
        return self.beyond / self.announcements


@dataclass
class Steadiness:
    """Of what the same caller hears one after the other."""

    later: int = 0
    """Announcements that follow another one."""
    longer: int = 0
    """More minutes are told than a minute before."""
    put_off: int = 0
    """More than is left, rounded up to a spoken step, of what was told a minute before."""

    def add(self, before: tuple[float, int], now: float, minutes: int) -> None:
        told_at, told = before
        self.later += 1
        self.longer += minutes > told
        left = told_at + spoken_seconds(told) - now
        self.put_off += minutes > spoken_minutes(max(0.0, left))

    @property
    def longer_share(self) -> float:
        return self.longer / max(1, self.later)

    @property
    def put_off_share(self) -> float:
        return self.put_off / max(1, self.later)


@dataclass
class Result:
    """One case."""

    case: Case
    calls: int = 0
    given_up: int = 0
    waits: float = 0.0
    """Actual waits from the announcement on, summed, in seconds."""
    scores: dict[str, Score] = field(default_factory=dict)
    steadiness: dict[str, Steadiness] = field(default_factory=dict)
    beyond_thirty: int = 0
    """Announcements of ours that say "more than thirty minutes"."""

    @property
    def ratio(self) -> float:
        """RMSE of the expected wait to that of app_queue's own number."""
        return self.scores[EXPECTED].rmse / self.scores[APP_QUEUE].rmse


def spoken_seconds(minutes: int) -> float:
    """The longest wait that a spoken step allows: "more than thirty minutes" has none."""
    return math.inf if minutes == MORE else max(1, minutes) * 60.0


def replay(case: Case, runs: int | None = None) -> Result:
    """Simulate the case's days, and ask everybody about every announcement."""
    result = Result(case)
    for seed in range(runs or case.runs):
        simulated = day(case, seed)
        result.calls += simulated.calls
        result.given_up += simulated.given_up
        _Replay(simulated, result).run()
    return result


class _Replay:
    def __init__(self, simulated: Day, result: Result) -> None:
        self._day = simulated
        self._result = result
        self._live = LiveState()
        self._estimates = WaitEstimates()
        self._rivals = _Rivals(result.case)
        self._told: dict[tuple[str, str], tuple[float, int]] = {}
        """Predictor and call → when something was told last, and the minutes."""

    def run(self) -> None:
        for now, what in self._day.happened:
            match what:
                case Asked(call):
                    self._announce(call, now)
                case Idle():
                    self._estimates.free(QUEUE, moment(now))
                case _:
                    self._live.apply(what)
                    self._estimates.take(what)
                    self._rivals.take(what, now)

    def _announce(self, call: str, now: float) -> None:
        caller = next(caller for caller in self._live.waiting() if caller.call == call)
        operators = self._live.capacity(QUEUE)
        estimate = self._estimates.promise(caller, operators, WRAP_UP, moment(now))
        assert estimate is not None, "somebody is always at work in these days"
        self._estimates.spoken(QUEUE, call, estimate, moment(now))
        actual = self._day.served[call] - now
        self._result.waits += actual
        head = next(iter(self._live.waiting())).call
        for name, told in self._rivals.ask(caller, head, operators, now):
            self._keep(name, call, now, told, actual)
        self._keep(EXPECTED, call, now, estimate.expected, actual)
        self._keep(PROMISED, call, now, _told(estimate), actual)

    def _keep(self, name: str, call: str, now: float, told: float, actual: float) -> None:
        self._result.scores.setdefault(name, Score()).add(told, actual)
        minutes = spoken_minutes(told)
        steadiness = self._result.steadiness.setdefault(name, Steadiness())
        if before := self._told.get((name, call)):
            steadiness.add(before, now, minutes)
        self._told[name, call] = now, minutes
        self._result.beyond_thirty += name == PROMISED and minutes == MORE


def _told(estimate: Estimate) -> float:
    """What the caller hears, in seconds: "under one minute" is anything below sixty."""
    if estimate.minutes == MORE:
        return estimate.promised
    return estimate.minutes * 60.0 or math.nextafter(60.0, 0)


class _Rivals:
    """What else could be told: seconds from now on."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._joined: dict[str, float] = {}
        self._holdtime = 0
        self._waits: deque[float] = deque(maxlen=5)
        self._handled: deque[float] = deque(maxlen=50)

    def take(self, event: LiveEvent, now: float) -> None:
        match event:
            case CallerJoined(caller):
                self._joined[caller.call] = now
            case OperatorConnected(_, _, call, _):
                waited = now - self._joined[call]
                self._waits.append(waited)
                self._holdtime = (3 * self._holdtime + int(waited)) // 4
            case OperatorCompleted(_, _, _, talk):
                self._handled.append(talk + WRAP_UP)

    def ask(
        self, caller: Waiting, head: str, operators: float, now: float
    ) -> Iterator[tuple[str, float]]:
        """For ``caller``, while ``head`` stands first."""
        waited = now - self._joined[caller.call]
        mean = sum(self._waits) / len(self._waits) if self._waits else 0.0
        last = self._waits[-1] if self._waits else 0.0
        handled = sum(self._handled) / len(self._handled) if self._handled else 180.0
        yield APP_QUEUE, abs(self._holdtime + 30 - int(waited)) // 60 * 60.0
        yield "mean of the last five waits", max(0.0, mean - waited)
        yield "the last to enter service (LES)", max(0.0, last - waited)
        yield "the head of the line (HOL)", max(0.0, now - self._joined[head] - waited)
        yield "k·A/s", caller.position * handled / operators
        known = expected_wait(
            caller.position, operators, self._case.at(now).handle_time, 1 / self._case.patience
        )
        assert known is not None
        yield KNOWN, known
