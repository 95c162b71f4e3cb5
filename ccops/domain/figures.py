"""Today's figures, as the KPI definitions (version 1) count them.

The database hands over cells, sums over one hour, queue and sub-line; everything shown is a sum of
cells. Waits and talks are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ccops.domain.records import Outcome

SHORT_WAIT = 10.0
"""A lost contact that waited less is a short one: no callback is owed."""


@dataclass(frozen=True)
class Cell:
    """Contacts of one outcome that started in one hour and first asked for one queue."""

    hour: datetime
    queue: str
    """Empty, like ``sub_line``, for contacts that never asked for an operator."""
    sub_line: str
    outcome: Outcome
    contacts: int
    ended: int
    """Of these, those that have ended: only they have a talk time."""
    short: int
    """Of these, those that waited less than ``SHORT_WAIT``."""
    in_time: int
    """Of these, those that waited no longer than the queue's service level."""
    wait: float
    max_wait: float
    talk: float


@dataclass(frozen=True)
class Figures:
    """Counts and means over some set of contacts."""

    incoming: int = 0
    """Contacts that asked for an operator: answered + lost + deferred + open in a queue."""
    answered: int = 0
    lost: int = 0
    lost_short: int = 0
    """Lost with a wait under 10 s; part of ``lost``."""
    deferred: int = 0
    """Accepted a callback that has not reached them yet."""
    self_served: int = 0
    left_in_menu: int = 0
    open: int = 0
    """Asked for an operator and still waits; part of ``incoming``."""
    in_menu: int = 0
    """Not ended, and has not asked for an operator so far; not part of ``incoming``."""
    in_time: int = 0
    """Answered within the service level of their queue."""
    mean_wait: float | None = None
    """Of answered contacts; None while there are none."""
    mean_talk: float | None = None
    """Of answered contacts that have ended."""
    max_wait: float = 0.0
    """The longest that any incoming contact waited, whatever came of it."""

    @property
    def answered_share(self) -> float | None:
        """Answered / incoming, from 0 to 1; None without an incoming contact."""
        return self.answered / self.incoming if self.incoming else None

    @property
    def service_level(self) -> float | None:
        """Answered in time / incoming, from 0 to 1; None without an incoming contact."""
        return self.in_time / self.incoming if self.incoming else None


@dataclass(frozen=True)
class DayFigures:
    """The figures of a period, whole and divided."""

    since: datetime
    until: datetime
    total: Figures
    by_sub_line: Mapping[str, Figures]
    by_queue: Mapping[str, Figures]
    by_hour: Mapping[datetime, Figures]
    """By the start of each hour counted from ``since``, hours without a contact included."""


@dataclass(frozen=True)
class ContactCount:
    """How many contacts there are of a kind, over all time."""

    line: str
    sub_line: str
    outcome: Outcome
    count: int


def day_figures(
    since: datetime, until: datetime, hours: Iterable[datetime], cells: Iterable[Cell]
) -> DayFigures:
    """Add the cells up: together, and per sub-line, queue and hour."""
    total: list[Cell] = list(cells)
    sub_lines: dict[str, list[Cell]] = {}
    queues: dict[str, list[Cell]] = {}
    by_hour: dict[datetime, list[Cell]] = {hour: [] for hour in hours}
    for cell in total:
        by_hour[cell.hour].append(cell)
        if cell.queue:
            sub_lines.setdefault(cell.sub_line, []).append(cell)
            queues.setdefault(cell.queue, []).append(cell)
    return DayFigures(
        since=since,
        until=until,
        total=figures(total),
        by_sub_line={name: figures(cells) for name, cells in sorted(sub_lines.items())},
        by_queue={name: figures(cells) for name, cells in sorted(queues.items())},
        by_hour={hour: figures(cells) for hour, cells in by_hour.items()},
    )


def figures(cells: Iterable[Cell]) -> Figures:
    """The figures over the contacts in ``cells``."""
    counts = dict.fromkeys(Outcome, 0)
    ended = short = in_time = in_menu = 0
    wait = talk = max_wait = 0.0
    for cell in cells:
        counts[cell.outcome] += cell.contacts
        max_wait = max(max_wait, cell.max_wait)
        if cell.outcome is Outcome.ANSWERED:
            in_time += cell.in_time
            ended += cell.ended
            wait += cell.wait
            talk += cell.talk
        elif cell.outcome is Outcome.LOST:
            short += cell.short
        elif cell.outcome is Outcome.OPEN and not cell.queue:
            in_menu += cell.contacts
    answered, lost = counts[Outcome.ANSWERED], counts[Outcome.LOST]
    deferred = counts[Outcome.DEFERRED]
    waiting = counts[Outcome.OPEN] - in_menu
    return Figures(
        incoming=answered + lost + deferred + waiting,
        answered=answered,
        lost=lost,
        lost_short=short,
        deferred=deferred,
        self_served=counts[Outcome.SELF_SERVED],
        left_in_menu=counts[Outcome.LEFT_IN_MENU],
        open=waiting,
        in_menu=in_menu,
        in_time=in_time,
        mean_wait=wait / answered if answered else None,
        mean_talk=talk / ended if ended else None,
        max_wait=max_wait,
    )
