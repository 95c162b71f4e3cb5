"""Which waiting callers need their announcement changed now (decision 2).

app_queue itself plays the announcement, by a timer of its own: ``first`` seconds after joining,
then ``every`` so many seconds, later where the caller's operator was being rung. It takes the
sounds of the channel's language, so that language must be the right variant shortly before.
Setting it only then keeps a departure ahead of 300 callers from costing 300 commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccops.domain.live import Waiting
from ccops.domain.variants import Variant
from ccops.domain.wait_promises import Estimate

LEAD = timedelta(seconds=4)
"""How long before its time an announcement is kept right: a few ticks, in which positions move."""

EARLY = timedelta(seconds=2)
"""app_queue's timer counts in whole seconds: an announcement may come this much before its time."""

APART = timedelta(minutes=1)
"""KZ 12.1, 12.2: the waiting time, and whether it is paid, are told at intervals of not less than
one minute, also to a caller who comes back to the queue (within a second: see ``EARLY``)."""

REMEMBERED = timedelta(minutes=10)
"""What has been told to a caller is forgotten so long after, once the caller waits no more."""


@dataclass(frozen=True)
class Timing:
    """When a queue announces, in seconds (``hotline.yaml``: first_announcement, announce_every)."""

    first: int
    every: int


@dataclass(frozen=True)
class Saying:
    """What a caller is to hear, and what it follows from."""

    variant: Variant
    position: int
    operators: float
    """Able to take the queue."""
    estimate: Estimate | None
    """None when no operator is at work."""


@dataclass(frozen=True)
class Change:
    """The channel's language is to become that of ``variant``."""

    call: str
    channel: str
    variant: Variant


@dataclass
class _Caller:
    joined_at: datetime
    every: timedelta
    next_at: datetime
    saying: Saying | None = None
    """As last reckoned."""
    variant: Variant | None = None
    """As last set."""


@dataclass
class _Heard:
    at: datetime
    """The last announcement."""
    told_at: datetime | None
    """The last one that told the time, or what waiting costs."""


class AnnouncementPlan:
    """Remembers for each waiting caller what is set, and when the next announcement comes.

    A caller of whom nothing has been heard (ccops was away) is kept right at once and until the
    next announcement has been heard of, as it is not known when that will be.
    """

    def __init__(self) -> None:
        self._callers: dict[str, _Caller] = {}
        self._heard: dict[str, _Heard] = {}

    def due(
        self,
        waiting: Iterable[Waiting],
        timings: Mapping[str, Timing],
        saying: Callable[[Waiting, bool], Saying],
        now: datetime,
    ) -> list[Change]:
        """The changes to make now. ``saying`` is only asked about callers who are due, and told
        whether the time can be told again.

        Queues without a timing announce nothing. Each change is asked for until ``done``.
        """
        present: dict[str, _Caller] = {}
        changes = []
        for caller in waiting:
            timing = timings.get(caller.queue)
            if timing is None:
                continue
            plan = self._callers.get(caller.call)
            if plan is None or plan.joined_at != caller.joined_at:
                plan = self._begin(caller, timing)
            present[caller.call] = plan
            if now >= plan.next_at - LEAD:
                again = self._tells_again(caller.call, max(now, plan.next_at))
                plan.saying = saying(caller, again)
                if plan.saying.variant != plan.variant:
                    changes.append(Change(caller.call, caller.channel, plan.saying.variant))
        self._callers = present
        self._heard = {
            call: heard
            for call, heard in self._heard.items()
            if call in present or now - heard.at < REMEMBERED
        }
        return changes

    def done(self, change: Change) -> None:
        """The language has been set."""
        if plan := self._callers.get(change.call):
            plan.variant = change.variant

    def started(self, call: str, at: datetime) -> Saying | None:
        """The caller's music stops, for an announcement if it is time for one: what is heard then.

        The next one is a whole interval away. None when it is no announcement, and when nothing
        had been set: the general text is heard.
        """
        plan = self._callers.get(call)
        if plan is None or at < plan.next_at - EARLY:
            return None
        plan.next_at = at + plan.every
        if plan.saying is None or plan.variant is None:
            return None
        return replace(plan.saying, variant=plan.variant)

    def heard(self, call: str, at: datetime, *, told: bool) -> None:
        """An announcement was heard; ``told`` the time, or what waiting costs.

        Also for what the ledger knows from before a restart.
        """
        before = self._heard.get(call)
        if before is not None and before.at > at:
            return
        told_at = at if told else before.told_at if before else None
        self._heard[call] = _Heard(at, told_at)
        plan = self._callers.get(call)
        if plan is not None and at >= plan.joined_at:
            plan.next_at = max(plan.next_at, at + plan.every)

    def _begin(self, caller: Waiting, timing: Timing) -> _Caller:
        every = timedelta(seconds=timing.every)
        heard = self._heard.get(caller.call)
        if heard is not None and heard.at >= caller.joined_at:
            return _Caller(caller.joined_at, every, heard.at + every)
        return _Caller(caller.joined_at, every, caller.joined_at + timedelta(seconds=timing.first))

    def _tells_again(self, call: str, at: datetime) -> bool:
        heard = self._heard.get(call)
        return heard is None or heard.told_at is None or at - heard.told_at >= APART
