"""``ccops report``: what the records say about a period."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ccops.clock import SystemClock
from ccops.commands import Config
from ccops.commands.announcement_report import Report, as_csv, as_json, as_table
from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.store.ports import StoredLedger
from ccops.store.session import Database, sqlite_url

app = typer.Typer(no_args_is_help=True, help="Reports from the records.")

DAYS = 2
"""As many days as are reported when none is named; today is the last."""


class Format(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


From = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        metavar="DAY",
        formats=["%Y-%m-%d"],
        help="First day, like 2026-03-21, in the hotline's time zone; by default the day before"
        " the last one.",
    ),
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to",
        metavar="DAY",
        formats=["%Y-%m-%d"],
        help="Day after the last one; tomorrow by default.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to this file.")
]


class PeriodError(CcopsError):
    """The period has no length."""

    code = "period"


@app.callback()
def group() -> None:
    """Reports from the records. The database is only read; the hotline may run or not."""


@app.command()
def announcements(
    first: From = None,
    end: To = None,
    queue: Annotated[
        str, typer.Option("--queue", metavar="QUEUE", help="Only this queue of hotline.yaml.")
    ] = "",
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            metavar="table|csv|json",
            help="table: shares and errors; json: the same with all counts; csv: one line for"
            " each announcement.",
        ),
    ] = Format.table,
    out: Out = None,
    config: Config = None,
) -> None:
    """Show how good the waiting times were that callers were told.

    In total, by queue, by what was said, by hour of the day; those of callers who hung up beside.
    Covers yesterday and today when no days are given.
    """
    home = Home.default()
    hotline = load(config or home.config)
    zone = ZoneInfo(hotline.time_zone)
    days = _days(first, end, SystemClock().now().astimezone(zone).date())
    report = Report(zone, *days, queue)
    text = asyncio.run(_announcements(_database(home, hotline), report, form))
    heard = form is Format.csv or report.summary.total.all.announcements
    # A queue that is no longer configured may well have records.
    if queue and not heard and queue not in hotline.queues:
        raise CcopsError(
            f"This hotline has no queue {queue}, and no records of one in this period.",
            remedy=f"Write one of: {', '.join(hotline.queues)}.",
            code="unknown_queue",
        )
    if out is None:
        typer.echo(text, nl=False)
    else:
        _write(out, text)
        typer.echo(f"Wrote {out}.")


async def _announcements(database: Database, report: Report, form: Format) -> str:
    async with _closing(database):
        batches = StoredLedger(database).between(*report.moments, report.queue)
        if form is Format.csv:
            return await as_csv(report, batches)
        async for batch in batches:
            report.summary.add(batch)
    return as_json(report) if form is Format.json else as_table(report)


def _days(first: datetime | None, end: datetime | None, today: date) -> tuple[date, date]:
    """First day, and the day after the last one."""
    last = end.date() if end else max(today, first.date() if first else today) + timedelta(days=1)
    begin = first.date() if first else last - timedelta(days=DAYS)
    if begin >= last:
        raise PeriodError(
            "The period ends before it begins.",
            remedy=f"--to is the day after the last one: --from {begin} --to"
            f" {begin + timedelta(days=1)} covers one day.",
        )
    return begin, last


def _database(home: Home, hotline: Hotline) -> Database:
    return Database.to_read(hotline.database or sqlite_url(home.database))


@asynccontextmanager
async def _closing(database: Database) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await database.close()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CcopsError(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file with --out."
        ) from error
