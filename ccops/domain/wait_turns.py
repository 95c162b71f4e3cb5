"""When each caller's turn came, or would have come for those who left unserved.

Who hangs up (or takes a callback, or waits too long) stays in line here as a ghost that keeps its
place. Its turn comes when somebody who stands behind it is answered, or when nobody who still
waits stands before it and an operator is free: that operator would have taken it. So the wait of
those who gave up is known as well, and an estimate is judged by all callers, not by the patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.domain.live import Waiting
from ccops.domain.live_events import CallerJoined, CallerLeft, LiveEvent, OperatorConnected, Resync
from ccops.domain.live_state import SAME_STAY

GHOSTS_STAY = timedelta(hours=1)
"""After this nothing sensible can be said of a turn that has not come."""


@dataclass(frozen=True)
class Turn:
    """A caller's turn in a queue."""

    queue: str
    call: str
    joined_at: datetime
    """Tells one stay in the queue from another one of the same call."""
    at: datetime | None
    """When an operator answered, or would have; None: it will not be known."""


@dataclass(eq=False)
class _Place:
    caller: Waiting
    left_at: datetime | None = None
    """None while the caller waits."""

    def turn(self, at: datetime | None) -> Turn:
        return Turn(self.caller.queue, self.caller.call, self.caller.joined_at, at)


class _Line:
    """One queue's places from the head."""

    def __init__(self) -> None:
        self.places: list[_Place] = []

    def find(self, call: str) -> _Place | None:
        return next((place for place in self.places if place.caller.call == call), None)

    def insert(self, caller: Waiting) -> None:
        """At the end or, with precedence, right behind the one who waits before."""
        ahead = [i for i, place in enumerate(self.places) if place.left_at is None]
        before = caller.position - 1
        index = len(self.places)
        if before < len(ahead):
            index = ahead[before - 1] + 1 if before > 0 else 0
        self.places.insert(index, _Place(caller))

    def remove(self, places: list[_Place]) -> None:
        if places:
            self.places = [place for place in self.places if place not in places]


class Turns:
    """Fed with all live events, in order; every stay that was seen ends in exactly one turn."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def take(self, event: LiveEvent) -> list[Turn]:
        """The turns that ``event`` makes known."""
        match event:
            case CallerJoined(caller):
                return self._join(caller)
            case CallerLeft(queue, call, at):
                return self._leave(self._line(queue), call, at)
            case OperatorConnected(queue, _, call, at):
                line = self._line(queue)
                place = line.find(call)
                return self._served(line, 1 + line.places.index(place), at) if place else []
            case Resync(_, waiting):
                return self._replace(waiting)
            case _:
                return []

    def free(self, queue: str, at: datetime) -> list[Turn]:
        """An operator is ready for ``queue`` at ``at``: the turn of the ghosts at its head.

        To be told each second or so while it is true; only matters for queues of ``ghosts_first``.
        """
        line = self._line(queue)
        waiting = (i for i, place in enumerate(line.places) if place.left_at is None)
        return self._served(line, next(waiting, len(line.places)), at)

    def ghosts_first(self) -> Iterator[str]:
        """Queues in which a ghost stands before all who wait."""
        for queue, line in self._lines.items():
            if line.places and line.places[0].left_at is not None:
                yield queue

    def _line(self, queue: str) -> _Line:
        return self._lines.setdefault(queue, _Line())

    def _join(self, caller: Waiting) -> list[Turn]:
        line = self._line(caller.queue)
        known = line.find(caller.call)
        if known is not None and known.left_at is None:
            return []
        # Back again: nobody stands in line twice, so the turn of the first stay never comes.
        again = [known] if known else []
        line.remove(again)
        line.insert(caller)
        return [place.turn(None) for place in again]

    def _leave(self, line: _Line, call: str, at: datetime) -> list[Turn]:
        """Served or not: that an operator answered is told after it."""
        place = line.find(call)
        if place is not None and place.left_at is None:
            place.left_at = at
        expired = [place for place in line.places if _too_late(place, at)]
        line.remove(expired)
        return [ghost.turn(None) for ghost in expired]

    def _served(self, line: _Line, count: int, at: datetime) -> list[Turn]:
        """It is the turn of the first ``count`` places, except of those who still wait: that
        somebody was let past them (by an operator's skill) does not end their waiting."""
        served = [place for place in line.places[:count] if place.left_at]
        line.remove(served)
        return [place.turn(None if _too_late(place, at) else at) for place in served]

    def _replace(self, waiting: tuple[Waiting, ...]) -> list[Turn]:
        """After a gap in the events only who still waits is known."""
        told = {(caller.queue, caller.call): caller.joined_at for caller in waiting}
        before, self._lines = self._lines, {}
        turns = []
        for queue, line in before.items():
            for place in line.places:
                joined_at = told.get((queue, place.caller.call))
                same = joined_at and abs(joined_at - place.caller.joined_at) <= SAME_STAY
                if place.left_at is None and same:
                    self._line(queue).places.append(place)
                else:
                    turns.append(place.turn(None))
        for caller in sorted(waiting, key=lambda caller: caller.position):
            turns += self._join(caller)
        return turns


def _too_late(place: _Place, at: datetime) -> bool:
    """A ghost of long ago: the queue has been left alone since."""
    return place.left_at is not None and at - place.left_at > GHOSTS_STAY
