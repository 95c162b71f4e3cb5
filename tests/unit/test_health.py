"""Whether the state of the parts is told as it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ccops.i18n import LANGUAGES, texts
from ccops.services import health as subject
from ccops.services.health import (
    Finding,
    Health,
    PartState,
    agi_probe,
    database_probe,
    journal_probe,
    link_probe,
    operators_probe,
)

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
PARTS = ("asterisk", "agi", "operators", "journal", "database")


class HandClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class Parts:
    """The parts of a hotline, each working until a test breaks it."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.connected = self.listening = self.reconciled = True
        self.lags = {"queue_log": 0.1, "cel": 0.2}
        self.database_error: Exception | None = None
        self.writes = 0
        self.health = Health(
            {
                "asterisk": link_probe(lambda: self.connected),
                "agi": agi_probe(lambda: self.listening),
                "operators": operators_probe(lambda: self.reconciled),
                "journal": journal_probe(lambda: self.lags),
                "database": database_probe(self._write),
            },
            self.clock,
        )

    async def _write(self) -> None:
        self.writes += 1
        if self.database_error is not None:
            raise self.database_error

    async def states(self, after: float = 5.0) -> dict[str, str]:
        self.clock.seconds += after
        report = await self.health.check()
        return {part.part: part.state.value for part in report.parts if part.state != "up"}


@pytest.fixture
def parts() -> Parts:
    return Parts()


async def test_all_well(parts: Parts) -> None:
    report = await parts.health.check()
    assert report.ready
    assert [part.part for part in report.parts] == list(PARTS)
    assert {part.state for part in report.parts} == {PartState.UP}


@pytest.mark.parametrize("broken", ["connected", "listening", "reconciled"])
async def test_not_ready_without_what_calls_need(parts: Parts, broken: str) -> None:
    setattr(parts, broken, False)
    assert list((await parts.states()).values()) == ["down"]
    assert not (await parts.health.check()).ready


async def test_calls_are_taken_without_the_records(parts: Parts) -> None:
    parts.lags["cel"] = 94.4
    parts.database_error = OSError("disk full")
    assert await parts.states() == {"journal": "degraded", "database": "degraded"}
    report = await parts.health.check()
    assert report.ready
    journal = next(part for part in report.parts if part.part == "journal")
    assert journal.finding == Finding("late", {"seconds": 94})


async def test_since_is_when_the_state_began(parts: Parts) -> None:
    await parts.states(0)
    parts.connected = False
    await parts.states(10)
    await parts.states(20)
    report = await parts.health.check()
    assert {part.part: (part.since - START).total_seconds() for part in report.parts} == {
        "asterisk": 10, "agi": 0, "operators": 0, "journal": 0, "database": 0,
    }  # fmt: skip
    parts.connected = True
    await parts.states(5)
    report = await parts.health.check()
    assert report.ready
    assert (report.parts[0].since - START).total_seconds() == 35


async def test_many_who_ask_do_not_load_the_database(parts: Parts) -> None:
    await asyncio.gather(*(parts.health.check() for _ in range(20)))
    assert parts.writes == 1
    await parts.states(subject.FRESH)
    assert parts.writes == 2


async def test_a_part_that_hangs_does_not_hang_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subject, "PROBE_TIMEOUT", 0.02)

    async def never() -> Finding:
        await asyncio.Event().wait()
        raise AssertionError

    async def broken() -> Finding:
        raise RuntimeError("a defect in the probe")

    report = await Health({"asterisk": broken, "database": never}).check()
    assert [(part.state, part.finding.code) for part in report.parts] == [
        (PartState.DOWN, "no_answer"),
        (PartState.DEGRADED, "no_answer"),
    ]


def test_every_finding_has_its_words_in_every_language() -> None:
    codes = {
        "asterisk": ("up", "down", "no_answer"),
        "agi": ("up", "down", "no_answer"),
        "operators": ("up", "not_reconciled", "no_answer"),
        "journal": ("up", "late", "no_answer"),
        "database": ("up", "not_writable", "no_answer"),
    }
    for language in LANGUAGES:
        catalogue = texts(language)
        for part, known in codes.items():
            for code in known:
                assert catalogue[f"health.{part}.{code}.message"]
                if code != "up":
                    assert catalogue[f"health.{part}.{code}.remedy"]
