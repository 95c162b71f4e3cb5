"""The ledger of announcements: what waiting callers were told, and what then happened.

Definitions, the only ones; metrics and reports use them. Times are seconds from the announcement.

- *expected*: the mean estimate behind it; *spoken*: the minutes that were said.
- *happened*: until the operator's answer, or until the caller left unserved.
- *actual*: until the answer; for who left, until the answer would have come had the caller stayed.
- *error*: actual - expected. Positive: the wait was longer than expected.
- The *bound* of what was spoken: 60 s for "under one minute", n x 60 s for "up to n minutes", none
  for "more than thirty minutes" (*open-ended*).
- *kept*: actual <= bound. *Late*: actual > bound; *late over 60*: by more than 60 s. Who left after
  the bound had passed waited longer than promised, so this is late even where actual is not known.
- *Open-ended* announcements and those that told *no time* (nobody at work; told less than a minute
  before) can be neither kept nor late: they are counted apart.
- *Unknown*: a time was told, the wait is over, and whether it was kept cannot be known.
- *Pending*: the caller still waits.

Shares are of the announcements that were kept or late. Each announcement counts, also several of
one caller. *Left* are those of callers who hung up, took a callback or waited in vain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ccops.domain.records import AnnouncementFate
from ccops.domain.variants import MORE

MUCH = 60.0
"""Seconds beyond the bound that make a late announcement one that is *late over 60*."""


class Result(StrEnum):
    """What an announcement was worth; exactly one for each that is no longer pending."""

    KEPT = "kept"
    LATE = "late"
    """By at most ``MUCH``."""
    LATE_OVER_60 = "late_over_60"
    OPEN_ENDED = "open_ended"
    NO_TIME = "no_time"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Announcement:
    """One announcement to one waiting caller."""

    call: str
    """Uniqueid of the caller's channel."""
    queue: str
    """Of ``hotline.yaml``."""
    language: str
    at: datetime
    """When it began to play."""
    waited: float
    """Seconds in the queue until then, since the last time of joining it."""
    position: int
    operators: float
    """Able to take the queue; one who serves several counts as a fraction."""
    expected: float | None
    """None without operators."""
    promised: float | None
    """The high quantile from which ``spoken`` was rounded up."""
    spoken: int | None
    """Minutes: 0 is under one, 99 more than thirty; None where no time was told."""
    variant: str
    """The channel's language when it began to play."""
    fate: AnnouncementFate = AnnouncementFate.WAITING
    happened: float | None = None
    actual: float | None = None

    def answered(self, at: datetime) -> Announcement:
        """An operator answered at ``at``."""
        wait = self._until(at)
        return replace(self, fate=AnnouncementFate.ANSWERED, happened=wait, actual=wait)

    def left(self, at: datetime) -> Announcement:
        """The caller left at ``at``, unserved."""
        return replace(self, fate=AnnouncementFate.LEFT, happened=self._until(at))

    def would_have_been_answered(self, at: datetime) -> Announcement:
        """An operator would have answered at ``at``, had the caller stayed."""
        return replace(self, actual=self._until(at))

    def waits_again(self) -> Announcement:
        """Who had left is back in the same queue: the same wait goes on."""
        return replace(self, fate=AnnouncementFate.WAITING, happened=None, actual=None)

    def lost_sight_of(self) -> Announcement:
        """Nobody saw how the wait ended."""
        return replace(self, fate=AnnouncementFate.UNKNOWN)

    @property
    def bound(self) -> float | None:
        """The longest wait that keeps the promise; None where there is none."""
        if self.spoken is None or self.spoken == MORE:
            return None
        return max(1, self.spoken) * 60.0

    @property
    def error(self) -> float | None:
        if self.actual is None or self.expected is None:
            return None
        return self.actual - self.expected

    @property
    def result(self) -> Result | None:
        """None while it is pending."""
        if self.fate is AnnouncementFate.WAITING:
            return None
        if self.bound is None:
            return Result.NO_TIME if self.spoken is None else Result.OPEN_ENDED
        wait = self.actual
        if wait is None and self.happened is not None and self.happened > self.bound:
            wait = self.happened  # at least
        if wait is None:
            return Result.UNKNOWN
        if wait <= self.bound:
            return Result.KEPT
        return Result.LATE if wait <= self.bound + MUCH else Result.LATE_OVER_60

    def _until(self, at: datetime) -> float:
        return max(0.0, (at - self.at).total_seconds())


@dataclass
class Tally:
    """How many announcements, and how good they were."""

    announcements: int = 0
    pending: int = 0
    results: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    errors: int = 0
    """How many errors are known."""
    _sum: float = 0.0
    _squares: float = 0.0

    def add(self, announcement: Announcement) -> None:
        self.announcements += 1
        result = announcement.result
        if result is None:
            self.pending += 1
        else:
            self.results[result] += 1
        error = announcement.error
        if error is not None:
            self.errors += 1
            self._sum += error
            self._squares += error * error

    @property
    def judged(self) -> int:
        """Kept or late: what the shares are of."""
        return self.results[Result.KEPT] + self.late

    @property
    def late(self) -> int:
        return self.results[Result.LATE] + self.results[Result.LATE_OVER_60]

    def share(self, count: int) -> float | None:
        """Of the judged; None where there are none."""
        return count / self.judged if self.judged else None

    @property
    def mean_error(self) -> float | None:
        return self._sum / self.errors if self.errors else None

    @property
    def rmse(self) -> float | None:
        """Root of the mean squared error."""
        return math.sqrt(self._squares / self.errors) if self.errors else None


@dataclass
class Account:
    """A tally of all announcements, and beside it one of those of callers who left."""

    all: Tally = field(default_factory=Tally)
    left: Tally = field(default_factory=Tally)

    def add(self, announcement: Announcement) -> None:
        self.all.add(announcement)
        if announcement.fate is AnnouncementFate.LEFT:
            self.left.add(announcement)


class Summary:
    """A period's announcements: in total, by queue, by what was spoken, by hour of the day."""

    def __init__(self, zone: ZoneInfo) -> None:
        """``zone`` is the one whose hours are meant."""
        self._zone = zone
        self.total = Account()
        self.queues: dict[str, Account] = {}
        self.steps: dict[int | None, Account] = {}
        """By ``spoken``."""
        self.hours: dict[int, Account] = {}
        """By the hour in which the announcement began, 0 to 23."""

    def add(self, announcements: Iterable[Announcement]) -> None:
        for each in announcements:
            hour = each.at.astimezone(self._zone).hour
            self.total.add(each)
            self.queues.setdefault(each.queue, Account()).add(each)
            self.steps.setdefault(each.spoken, Account()).add(each)
            self.hours.setdefault(hour, Account()).add(each)


@dataclass(frozen=True)
class Talk:
    """A call that was answered from a queue and has ended."""

    queue: str
    """Of ``hotline.yaml``."""
    language: str
    ended_at: datetime
    seconds: float


@dataclass(frozen=True)
class Past:
    """What estimates can be built on after a start; each the oldest first."""

    announcements: Sequence[Announcement]
    """The last hours', and all that are pending."""
    talks: Sequence[Talk]


@dataclass(frozen=True)
class Ending:
    """How a stay in a queue ended, as the records tell it afterwards."""

    call: str
    queue: str
    """Of ``hotline.yaml``."""
    entered_at: datetime
    left_at: datetime
    """The answer, or leaving without."""
    answered: bool


COARSE = timedelta(seconds=3)
"""By how much the records' whole seconds, and their own moment, may differ from the live events."""


def settled_by(announcement: Announcement, endings: Iterable[Ending]) -> Announcement | None:
    """The announcement as the stay in which it was made ended; None where none of them is it."""
    for ending in endings:
        if (
            ending.call == announcement.call
            and ending.queue == announcement.queue
            and ending.entered_at - COARSE <= announcement.at <= ending.left_at + COARSE
        ):
            if ending.answered:
                return announcement.answered(ending.left_at)
            return announcement.left(ending.left_at)
    return None
