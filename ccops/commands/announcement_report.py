"""The report of announcements as a table for people, as JSON and as CSV.

What the figures mean is defined in ``ccops.domain.ledger``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ccops.domain.ledger import Account, Announcement, Result, Summary, Tally
from ccops.domain.variants import MORE

COLUMNS = (
    "at",
    "call",
    "queue",
    "language",
    "waited",
    "position",
    "operators",
    "expected",
    "promised",
    "spoken",
    "variant",
    "fate",
    "happened",
    "actual",
    "error",
    "result",
)
"""Of the CSV. Durations are seconds, ``spoken`` minutes; empty: none, or not known."""

LABEL = 20
ABOVE = "callers who left"
HEADS = ("heard", "kept", "late", ">60 s", "error", "RMSE", "heard", "kept")
WIDTHS = (7, 7, 7, 7, 8, 8, 9, 7)

NOTES = """\
heard   announcements that were played
kept    share of those that told a time: the wait was not longer than told
late    share of those that told a time: it was; >60 s: by more than a minute
error   actual wait less the expected one, mean; RMSE: root of its mean square
callers who left hung up or took a callback; what they heard is in the columns
before as well, judged by the wait that they would have had."""


class Report:
    """What is asked for, and the figures once they have been added."""

    def __init__(self, zone: ZoneInfo, first: date, end: date, queue: str = "") -> None:
        """Days of ``zone``; ``end`` is the day after the last one. No ``queue``: all of them."""
        self.zone = zone
        self.first, self.end = first, end
        self.queue = queue
        self.summary = Summary(zone)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Midnight before the first day, and after the last one."""
        return self._midnight(self.first), self._midnight(self.end)

    @property
    def title(self) -> str:
        last = self.end - timedelta(days=1)
        days = f"{self.first}" if last == self.first else f"{self.first} to {last}"
        return f"{days} ({self.zone.key})" + (f", queue {self.queue}" if self.queue else "")

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)


def as_table(report: Report) -> str:
    """For people; at most 80 columns."""
    summary = report.summary
    if not summary.total.all.announcements:
        return (
            f"No announcements in this period: {report.title}.\n"
            "They are written down as soon as a caller who waits has heard one. Another period:\n"
            "  ccops report announcements --from 2026-03-01 --to 2026-04-01\n"
        )
    lines = [
        f"Announcements of waiting times, {report.title}",
        "",
        ABOVE.rjust(LABEL + sum(WIDTHS)),
        _line("", HEADS),
        _line("all", _cells(summary.total)),
    ]
    if not report.queue:
        lines += _section("by queue", sorted(summary.queues.items()))
    steps = sorted(summary.steps.items(), key=lambda item: _order(item[0]))
    lines += _section("by what was said", ((step(spoken), one) for spoken, one in steps))
    hours = sorted(summary.hours.items())
    lines += _section("by hour of the day", ((f"{h:02}:00", one) for h, one in hours))
    return "\n".join([*lines, "", *_apart(summary.total.all), NOTES, ""])


def as_json(report: Report) -> str:
    summary = report.summary
    content = {
        "from": str(report.first),
        "to": str(report.end),
        "time_zone": report.zone.key,
        "queue": report.queue or None,
        "total": _account(summary.total),
        "queues": [
            {"queue": name, **_account(one)} for name, one in sorted(summary.queues.items())
        ],
        "spoken": [
            {"minutes": spoken, **_account(summary.steps[spoken])}
            for spoken in sorted(summary.steps, key=_order)
        ],
        "hours": [{"hour": hour, **_account(one)} for hour, one in sorted(summary.hours.items())],
    }
    return json.dumps(content, indent=2) + "\n"


async def as_csv(report: Report, batches: AsyncIterator[Sequence[Announcement]]) -> str:
    """One line for each announcement, the oldest first; no caller's number is among it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    async for batch in batches:
        writer.writerows(_row(one, report.zone) for one in batch)
    return text.getvalue()


def step(spoken: int | None) -> str:
    """What was said, in words."""
    if spoken is None:
        return "no time"
    if spoken == MORE:
        return "over 30 minutes"
    if spoken <= 1:
        return ("under 1 minute", "up to 1 minute")[spoken]
    return f"up to {spoken} minutes"


def _order(spoken: int | None) -> int:
    return MORE + 1 if spoken is None else spoken


def _section(title: str, accounts: Iterable[tuple[str, Account]]) -> Iterator[str]:
    yield ""
    yield title
    for label, account in accounts:
        yield _line(f"  {label}", _cells(account))


def _cells(account: Account) -> Iterator[str]:
    tally = account.all
    yield str(tally.announcements)
    yield _share(tally, tally.results[Result.KEPT])
    yield _share(tally, tally.late)
    yield _share(tally, tally.results[Result.LATE_OVER_60])
    yield _seconds(tally.mean_error, "+d")
    yield _seconds(tally.rmse)
    yield str(account.left.announcements)
    yield _share(account.left, account.left.results[Result.KEPT])


def _line(label: str, cells: Iterable[str]) -> str:
    if len(label) > LABEL:
        label = label[: LABEL - 1] + "…"
    right = "".join(cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return f"{label:<{LABEL}}{right}"


def _share(tally: Tally, count: int) -> str:
    share = tally.share(count)
    return "–" if share is None else f"{share:.1%}"


def _seconds(value: float | None, form: str = "d") -> str:
    return "–" if value is None else f"{round(value):{form}} s"


def _apart(tally: Tally) -> Iterator[str]:
    """What the shares leave out."""
    counts = (
        (tally.results[Result.NO_TIME], "told no time"),
        (tally.results[Result.OPEN_ENDED], 'told "over 30 minutes"'),
        (tally.results[Result.UNKNOWN], "whose end is unknown"),
        (tally.pending, "to callers who still wait"),
    )
    if any(count for count, _ in counts):
        yield "Not in the shares:"
        yield from (f"{count:>6} {what}" for count, what in counts if count)
        yield ""


def _account(account: Account) -> dict[str, Any]:
    return {"all": _tally(account.all), "left": _tally(account.left)}


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "announcements": tally.announcements,
        "judged": tally.judged,
        "kept": tally.results[Result.KEPT],
        "late": tally.late,
        "late_over_60": tally.results[Result.LATE_OVER_60],
        "open_ended": tally.results[Result.OPEN_ENDED],
        "no_time": tally.results[Result.NO_TIME],
        "unknown": tally.results[Result.UNKNOWN],
        "pending": tally.pending,
        "kept_share": _rounded(tally.share(tally.results[Result.KEPT]), 4),
        "late_share": _rounded(tally.share(tally.late), 4),
        "late_over_60_share": _rounded(tally.share(tally.results[Result.LATE_OVER_60]), 4),
        "errors": tally.errors,
        "mean_error": _rounded(tally.mean_error, 1),
        "rmse": _rounded(tally.rmse, 1),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _row(one: Announcement, zone: ZoneInfo) -> Iterator[object]:
    for column in COLUMNS:
        value = getattr(one, column)
        if isinstance(value, datetime):
            value = value.astimezone(zone).isoformat(timespec="milliseconds")
        elif isinstance(value, float):
            value = f"{value:.1f}"
        yield "" if value is None else value
