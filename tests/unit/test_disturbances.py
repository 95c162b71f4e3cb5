"""Disturbance mode, over a real database and a voice that only notes what it is asked to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from ccops.errors import CcopsError
from ccops.services.disturbances import STANDARD_REASONS, Disturbances
from ccops.store.ports import StoredDisturbances
from ccops.store.session import Database, sqlite_url
from tests.manual_clock import ManualClock
from tests.unit.hotline_sample import hotline

LINES = ("1000", "1001")
WORDS = {"uz": "Bazada nosozlik.", "ru": "Неполадка в базе."}
SAMPLE = hotline()
HOTLINE = SAMPLE.model_copy(
    update={
        "lines": dict.fromkeys(LINES, SAMPLE.lines["1000"]),
        "prompts": {"flood": {"uz": "Suv bosdi", "ru": "Потоп"}},
    }
)


@dataclass
class NotingVoice:
    said: list[Mapping[str, str]] = field(default_factory=list)
    refusal: CcopsError | None = None

    async def speak(self, texts: Mapping[str, str]) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.said.append(dict(texts))
        return f"said-{len(self.said)}"


@dataclass
class Site:
    """One process's view of the database."""

    database: Database
    clock: ManualClock
    voice: NotingVoice = field(default_factory=NotingVoice)

    def __post_init__(self) -> None:
        self.disturbances = Disturbances(
            StoredDisturbances(self.database), self.voice, self.clock, lambda: HOTLINE
        )


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    database = await Database.open(sqlite_url(tmp_path / "db.sqlite"))
    yield Site(database, ManualClock())
    await database.close()


async def test_a_line_hears_its_own_disturbance_before_that_of_all_lines(site: Site) -> None:
    everywhere = await site.disturbances.start("", "reason-power", {}, False, None, "cli")
    here = await site.disturbances.start("1001", "reason-data", {}, True, None, "api")
    assert site.disturbances.current("1000") == (everywhere,)
    assert site.disturbances.current("1001") == (here, everywhere)
    assert site.disturbances.by_line() == {"1000": 1, "1001": 2}
    assert (here.stops_calls, here.started_by) == (True, "api")


async def test_the_next_one_for_the_same_line_replaces_the_former(site: Site) -> None:
    first = await site.disturbances.start("", "reason-power", {}, False, None, "cli:aziza")
    other = await site.disturbances.start("1001", "", {}, False, None, "cli:aziza")
    site.clock.advance(60)
    second = await site.disturbances.start("", "reason-network", {}, False, None, "page:bobur")
    assert site.disturbances.all() == (second, other)
    (ended,) = await site.disturbances.history()
    assert (ended.id, ended.ended_at, ended.ended_by) == (first.id, site.clock.now(), "page:bobur")


async def test_it_ends_when_somebody_says_so_and_not_before(site: Site) -> None:
    soon = site.clock.now() + timedelta(hours=1)
    begun = await site.disturbances.start("", "reason-calls", {}, False, soon, "cli")
    site.clock.advance(7200)
    assert site.disturbances.current("1000") == (begun,), "a time of resumption is only told"
    ended = await site.disturbances.end(begun.id, "page")
    assert site.disturbances.current("1000") == ()
    assert (ended.ended_at, ended.ended_by) == (site.clock.now(), "page")
    site.clock.advance(60)
    assert await site.disturbances.end(begun.id, "api") == ended, "the first to end it did"
    with pytest.raises(CcopsError) as caught:
        await site.disturbances.end(begun.id + 1, "api")
    assert caught.value.code == "disturbance_unknown"


async def test_free_words_are_spoken_before_anybody_can_hear_of_them(site: Site) -> None:
    begun = await site.disturbances.start(
        "", "", {"uz": "  Bazada\n nosozlik. ", "ru": WORDS["ru"]}, False, None, "cli"
    )
    assert site.voice.said == [WORDS]
    assert (begun.reason, begun.texts) == ("said-1", WORDS)

    site.voice.refusal = CcopsError("No voice.", code="voice")
    with pytest.raises(CcopsError, match="No voice"):
        await site.disturbances.start("", "", WORDS, False, None, "cli")
    assert site.disturbances.all() == (begun,), "what cannot be said changes nothing"


@pytest.mark.parametrize("reason", [*STANDARD_REASONS, "flood", ""])
async def test_reasons_that_there_are(site: Site, reason: str) -> None:
    assert (await site.disturbances.start("", reason, {}, False, None, "cli")).reason == reason


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"line": "999"}, "line_unknown", "1000, 1001"),
        ({"reason": "no-such"}, "disturbance_reason_unknown", "flood"),
        ({"texts": {"uz": "Nosozlik"}}, "disturbance_text", "missing in ru"),
        ({"texts": {"uz": "Nosozlik", "ru": " "}}, "disturbance_text", "missing in ru"),
        ({"texts": {**WORDS, "kk": "Ақау"}}, "disturbance_text", "does not speak kk"),
        ({"texts": WORDS, "reason": "flood"}, "disturbance_text", "not both"),
        ({"resumes_at": timedelta(seconds=-1)}, "moment_past", "later"),
    ],
)
async def test_what_is_wrong_is_told_and_changes_nothing(
    site: Site, change: dict[str, object], code: str, told: str
) -> None:
    given = {"line": "", "reason": "", "texts": {}, "resumes_at": None} | change
    if isinstance(given["resumes_at"], timedelta):
        given["resumes_at"] += site.clock.now()
    with pytest.raises(CcopsError) as caught:
        await site.disturbances.start(**given, stops_calls=False, by="cli")  # type: ignore[arg-type]
    assert caught.value.code == code
    assert told in str(caught.value)
    assert site.disturbances.all() == ()
    assert site.voice.said == []


async def test_another_process_is_noticed_and_its_words_are_spoken_here_too(site: Site) -> None:
    other = Site(site.database, site.clock)
    begun = await other.disturbances.start("1000", "", WORDS, False, None, "cli")
    assert site.disturbances.all() == ()
    await site.disturbances.load()
    assert site.disturbances.current("1000") == (begun,)
    assert site.voice.said == [WORDS]
    await site.disturbances.load()
    assert site.voice.said == [WORDS], "once is enough"
    await other.disturbances.end(begun.id, "cli")
    await site.disturbances.load()
    assert site.disturbances.all() == ()


async def test_words_that_cannot_be_spoken_do_not_hide_the_disturbance(site: Site) -> None:
    begun = await Site(site.database, site.clock).disturbances.start(
        "", "", WORDS, True, None, "cli"
    )
    site.voice.refusal = CcopsError("No voice.", code="voice")
    await site.disturbances.load()
    assert site.disturbances.all() == (begun,)
