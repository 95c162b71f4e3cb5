"""``ccops report announcements`` as a person meets it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ccops.commands.announcement_report import LABEL
from ccops.commands.report import app
from ccops.config.profiles import write_profile
from ccops.domain.ledger import Announcement
from ccops.errors import CcopsError
from ccops.store.ports import StoredLedger
from ccops.store.session import Database, sqlite_url

NINE = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
"""9 o'clock in Tashkent."""


class Hotline:
    """A home with the profile uz, and a database once something has been stored."""

    def __init__(self, home: Path) -> None:
        self.home = home
        write_profile("uz", home / "hotline.yaml")

    def store(self, announcements: Iterable[Announcement]) -> None:
        async def save() -> None:
            database = await Database.open(sqlite_url(self.home / "ccops.sqlite"))
            try:
                await StoredLedger(database).save(list(announcements))
            finally:
                await database.close()

        asyncio.run(save())

    def report(self, *arguments: str) -> str:
        result = CliRunner().invoke(
            app, ["announcements", *arguments], catch_exceptions=False, color=False
        )
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("CCOPS_HOME", str(home))
    return Hotline(home)


def announcement(number: int = 0, hours: float = 0, **values: object) -> Announcement:
    one = Announcement(
        call=f"1773115200.{number}",
        queue="employment",
        language="uz",
        at=NINE + timedelta(hours=hours, seconds=number),
        waited=3.1,
        position=2,
        operators=2.0,
        expected=90.0,
        promised=165.0,
        spoken=3,
        variant="uz_p2_m3_free",
    )
    return replace(one, **values)  # type: ignore[arg-type]


def answered(one: Announcement, after: float) -> Announcement:
    return one.answered(one.at + timedelta(seconds=after))


def left(one: Announcement, after: float, actual: float | None = None) -> Announcement:
    one = one.left(one.at + timedelta(seconds=after))
    return (
        one if actual is None else one.would_have_been_answered(one.at + timedelta(seconds=actual))
    )


DAY = ("--from", "2026-03-10", "--to", "2026-03-11")

SAMPLE = [
    *(answered(announcement(n), 80 + n) for n in range(20)),
    answered(announcement(30, 1), 200),
    answered(announcement(31, 1), 400),
    left(announcement(32, 1), 20, actual=150),
    left(announcement(33, 1), 20),
    answered(announcement(34, 2, queue="benefits", spoken=99, expected=2000.0), 2100),
    answered(announcement(35, 2, queue="benefits", spoken=None, expected=None, promised=None), 60),
    announcement(36, 2),
]


def test_a_day_as_a_table(hotline: Hotline) -> None:
    hotline.store(SAMPLE)
    text = hotline.report(*DAY)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in text
    assert lines[0] == "Announcements of waiting times, 2026-03-10 (Asia/Tashkent)"
    by_label = {line[:LABEL].strip(): line[LABEL:].split() for line in lines}
    assert " ".join(by_label["all"]) == "27 91.3% 8.7% 4.3% +24 s 71 s 2 100.0%"
    assert by_label["employment"][0] == "25"
    assert by_label["benefits"][:2] == ["2", "–"]
    assert by_label["up to 3 minutes"][0] == "25"
    assert by_label["over 30 minutes"][0] == "1"
    assert by_label["no time"] == ["1", "–", "–", "–", "–", "–", "0", "–"]
    assert by_label["10:00"][:2] == ["4", "33.3%"]
    apart = lines[lines.index("Not in the shares:") + 1 :][:4]
    assert [line.strip() for line in apart] == [
        "1 told no time",
        '1 told "over 30 minutes"',
        "1 whose end is unknown",
        "1 to callers who still wait",
    ]


def test_one_queue(hotline: Hotline) -> None:
    hotline.store(SAMPLE)
    text = hotline.report(*DAY, "--queue", "benefits")
    assert "queue benefits" in text.splitlines()[0]
    assert "employment" not in text
    assert "by queue" not in text


def test_csv_has_a_line_for_each_and_no_number(hotline: Hotline) -> None:
    hotline.store(SAMPLE)
    rows = list(csv.DictReader(io.StringIO(hotline.report(*DAY, "--format", "csv"))))
    assert len(rows) == len(SAMPLE)
    assert rows[0] == {
        "at": "2026-03-10T09:00:00.000+05:00",
        "call": "1773115200.0",
        "queue": "employment",
        "language": "uz",
        "waited": "3.1",
        "position": "2",
        "operators": "2.0",
        "expected": "90.0",
        "promised": "165.0",
        "spoken": "3",
        "variant": "uz_p2_m3_free",
        "fate": "answered",
        "happened": "80.0",
        "actual": "80.0",
        "error": "-10.0",
        "result": "kept",
    }
    assert [row["result"] for row in rows[20:]] == [
        "late", "late_over_60", "kept", "unknown", "open_ended", "no_time", "",
    ]  # fmt: skip


def test_json_has_every_count(hotline: Hotline) -> None:
    hotline.store(SAMPLE)
    content = json.loads(hotline.report(*DAY, "--format", "json"))
    assert (content["from"], content["to"], content["queue"]) == ("2026-03-10", "2026-03-11", None)
    assert content["total"]["all"] == {
        "announcements": 27,
        "judged": 23,
        "kept": 21,
        "late": 2,
        "late_over_60": 1,
        "open_ended": 1,
        "no_time": 1,
        "unknown": 1,
        "pending": 1,
        "kept_share": 0.913,
        "late_share": 0.087,
        "late_over_60_share": 0.0435,
        "errors": 24,
        "mean_error": 23.8,
        "rmse": 71.4,
    }
    assert content["total"]["left"]["announcements"] == 2
    assert [one["queue"] for one in content["queues"]] == ["benefits", "employment"]
    assert [one["minutes"] for one in content["spoken"]] == [3, 99, None]
    assert [one["hour"] for one in content["hours"]] == [9, 10, 11]


def test_a_day_is_the_hotlines_own(hotline: Hotline) -> None:
    midnight = datetime(2026, 3, 9, 19, 0, tzinfo=UTC)  # in Tashkent
    second = timedelta(seconds=1)
    hotline.store(
        announcement(at=midnight + offset)
        for offset in (-second, 0 * second, timedelta(days=1) - second, timedelta(days=1))
    )
    rows = hotline.report(*DAY, "--format", "csv").splitlines()[1:]
    assert [row.partition(".")[0] for row in rows] == ["2026-03-10T00:00:00", "2026-03-10T23:59:59"]


def test_yesterday_and_today_by_default(hotline: Hotline) -> None:
    now = datetime.now(UTC)
    days = (timedelta(days=days) for days in (0, 1, 3))
    hotline.store(announcement(at=now - ago) for ago in days)
    assert len(hotline.report("--format", "csv").splitlines()) == 3
    early = (now - timedelta(days=5)).date()
    assert len(hotline.report("--format", "csv", "--from", str(early)).splitlines()) == 4


def test_into_a_file(hotline: Hotline, tmp_path: Path) -> None:
    hotline.store(SAMPLE)
    file = tmp_path / "ledger.csv"
    said = hotline.report(*DAY, "--format", "csv", "--out", str(file))
    assert said == f"Wrote {file}.\n"
    assert len(file.read_text().splitlines()) == len(SAMPLE) + 1
    with pytest.raises(CcopsError, match="cannot be written"):
        hotline.report(*DAY, "--out", str(tmp_path / "no" / "folder"))


def test_nothing_yet(hotline: Hotline) -> None:
    hotline.store([])
    text = hotline.report(*DAY)
    assert text.startswith("No announcements in this period: 2026-03-10 (Asia/Tashkent).\n")
    assert "--from" in text
    assert hotline.report(*DAY, "--format", "csv").count("\n") == 1
    total = json.loads(hotline.report(*DAY, "--format", "json"))["total"]["all"]
    assert (total["announcements"], total["kept_share"]) == (0, None)


def test_a_queue_that_the_hotline_does_not_have(hotline: Hotline) -> None:
    hotline.store([])
    with pytest.raises(CcopsError, match="no queue benefit") as caught:
        hotline.report(*DAY, "--queue", "benefit")
    assert "employment" in caught.value.remedy


def test_before_the_hotline_was_ever_started(hotline: Hotline) -> None:
    with pytest.raises(CcopsError, match="no records yet") as caught:
        hotline.report(*DAY)
    assert "ccops run" in caught.value.remedy
    assert not (hotline.home / "ccops.sqlite").exists()


def test_a_database_of_an_older_version(hotline: Hotline) -> None:
    sqlite3.connect(hotline.home / "ccops.sqlite").execute("CREATE TABLE other (id)").close()
    with pytest.raises(CcopsError, match="older than this version"):
        hotline.report(*DAY)


def test_reading_changes_nothing_while_the_hotline_runs(hotline: Hotline) -> None:
    """A writer in the middle of a transaction holds nobody up."""
    hotline.store(SAMPLE)
    writer = sqlite3.connect(hotline.home / "ccops.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM announcements")
    assert len(hotline.report(*DAY, "--format", "csv").splitlines()) == len(SAMPLE) + 1
    writer.execute("ROLLBACK")
    writer.close()


def test_a_period_that_ends_before_it_begins(hotline: Hotline) -> None:
    with pytest.raises(CcopsError, match="ends before it begins") as caught:
        hotline.report("--from", "2026-03-10", "--to", "2026-03-10")
    assert "--from 2026-03-10 --to 2026-03-11" in caught.value.remedy
