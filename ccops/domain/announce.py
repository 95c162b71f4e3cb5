"""Which waiting callers need their announcement changed now (decision 2).

app_queue itself plays the announcement, by a timer of its own: ``first`` seconds after joining,
then ``every`` so many seconds, later where the caller's operator was being rung. It takes the
sounds of the channel's language, so that language must be the right variant shortly before.
Setting it only then keeps a departure ahead of 300 callers from costing 300 commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccops.domain.live import Waiting

LEAD = timedelta(seconds=4)
"""How long before its time an announcement is kept right: a few ticks, in which positions move."""

EARLY = timedelta(seconds=2)
"""app_queue's timer counts in whole seconds: an announcement may come this much before its time."""


@dataclass(frozen=True)
class Timing:
    """When a queue announces, in seconds (``hotline.yaml``: first_announcement, announce_every)."""

    first: int
    every: int


@dataclass(frozen=True)
class Change:
    """The channel's language is to become ``variant``."""

    call: str
    channel: str
    variant: str


@dataclass
class _Caller:
    joined_at: datetime
    every: timedelta
    next_at: datetime
    variant: str = ""


class AnnouncementPlan:
    """Remembers for each waiting caller what is set, and when the next announcement comes.

    A caller found waiting (ccops was restarted) is kept right at once and until the next
    announcement has been heard of, as it is not known when that will be.
    """

    def __init__(self) -> None:
        self._callers: dict[str, _Caller] = {}

    def due(
        self,
        waiting: Iterable[Waiting],
        timings: Mapping[str, Timing],
        variant_of: Callable[[Waiting], str],
        now: datetime,
    ) -> list[Change]:
        """The changes to make now. ``variant_of`` is only asked about callers who are due.

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
                plan = _Caller(
                    joined_at=caller.joined_at,
                    every=timedelta(seconds=timing.every),
                    next_at=caller.joined_at + timedelta(seconds=timing.first),
                )
            present[caller.call] = plan
            if now >= plan.next_at - LEAD:
                variant = variant_of(caller)
                if variant != plan.variant:
                    changes.append(Change(caller.call, caller.channel, variant))
        self._callers = present
        return changes

    def done(self, change: Change) -> None:
        """The language has been set."""
        if plan := self._callers.get(change.call):
            plan.variant = change.variant

    def started(self, call: str, at: datetime) -> None:
        """The caller's announcement begins: the next one is a whole interval away.

        Music that stops long before its time is no announcement.
        """
        plan = self._callers.get(call)
        if plan is not None and at >= plan.next_at - EARLY:
            plan.next_at = at + plan.every
