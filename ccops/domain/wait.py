"""How long a waiting caller may expect to wait, and what to promise.

E = Σ from i = 0 to k−1 of 1 / (s/A + i·θ), for the caller at position k, with s operators able to
take the queue, mean handle time A and abandonment rate θ: each of the k departures ahead (the
caller's own turn included) happens when one of s operators becomes free, or one of those who wait
gives up. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ccops.domain.live import Waiting
from ccops.domain.live_events import (
    CallerGaveUp,
    CallerJoined,
    CallerLeft,
    LiveEvent,
    OperatorCompleted,
    Resync,
)
from ccops.domain.wait_history import History
from ccops.domain.wait_promises import Estimate, Promises
from ccops.domain.wait_turns import Turn, Turns


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
    """What to tell callers, from what the live events tell of each queue's recent calls."""

    def __init__(self) -> None:
        self._histories: dict[str, History] = {}
        self._turns = Turns()
        self._promises = Promises()

    def expected(
        self, queue: str, position: int, operators: float, wrap_up: int, at: datetime
    ) -> float | None:
        """As ``expected_wait``, with what is known of ``queue`` at ``at``."""
        history = self._history(queue)
        return expected_wait(
            position, operators, history.talk_time + wrap_up, history.abandonment(at)
        )

    def promise(
        self, caller: Waiting, operators: float, wrap_up: int, at: datetime
    ) -> Estimate | None:
        """What to tell ``caller`` at ``at``; None where no operator can take the queue.

        May be asked any number of times; only what is then ``spoken`` binds.
        """
        expected = self.expected(caller.queue, caller.position, operators, wrap_up, at)
        if expected is None:
            return None
        return self._promises.promise(caller.queue, caller.call, expected, at)

    def spoken(self, queue: str, call: str, estimate: Estimate, at: datetime) -> None:
        """The caller heard ``estimate``: later ones keep to it, and its error is learnt from.

        Nobody hears anything who has left.
        """
        if self._history(queue).waits(call):
            self._promises.spoken(queue, call, estimate, at)

    def learn(self, queue: str, predicted: float, actual: float) -> None:
        """An earlier announcement (from the ledger, after a start): ``expected`` and the wait."""
        self._promises.learn(queue, predicted, actual)

    def take(self, event: LiveEvent) -> list[Turn]:
        """Learn from a live event; they come in order. The turns that have come, if any."""
        match event:
            case CallerJoined(caller):
                self._history(caller.queue).joined(caller.call, caller.joined_at)
            case CallerLeft(queue, call, at):
                self._history(queue).left(call, at)
            case CallerGaveUp(queue, _, at):
                self._history(queue).gave_up(at)
            case OperatorCompleted(queue, _, _, talk):
                self._history(queue).talked(talk)
            case Resync(_, waiting):
                for queue in self._histories.keys() | {caller.queue for caller in waiting}:
                    present = {c.call: c.joined_at for c in waiting if c.queue == queue}
                    self._history(queue).only(present)
        return self._judged(self._turns.take(event))

    def free(self, queue: str, at: datetime) -> list[Turn]:
        """See :meth:`Turns.free`: an operator is ready for ``queue``."""
        return self._judged(self._turns.free(queue, at))

    def ghosts_first(self) -> Iterator[str]:
        """See :meth:`Turns.ghosts_first`: the queues for which ``free`` matters."""
        return self._turns.ghosts_first()

    def _judged(self, turns: list[Turn]) -> list[Turn]:
        for turn in turns:
            self._promises.judge(turn)
        return turns

    def _history(self, queue: str) -> History:
        return self._histories.setdefault(queue, History())
