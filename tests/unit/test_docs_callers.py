"""docs/callers.md: each quotation is a text of a profile or the product, and the calls go so."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ccops.config.loader import load
from ccops.config.model import Hotline
from ccops.config.profiles import PROFILES, write_profile
from ccops.domain.dialogue import after_staff, entry
from ccops.domain.dialogue_steps import Ask, HangUp, Step, Tell, ToQueue, ToStaff
from ccops.domain.situation import Memory, Situation
from ccops.prompts import catalogue
from ccops.resources import ivr_prompts
from tests.unit.dialogue_calls import call

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "callers.md").read_text(encoding="utf-8")
QUOTED = sorted(set(re.findall(r"“([^”]+)”", DOCUMENT)) - {"In quotation marks"})


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("profiles")
    texts: list[str] = []
    for name in PROFILES:
        write_profile(name, folder / f"{name}.yaml")
        hotline = load(folder / f"{name}.yaml")
        spoken = catalogue.load(hotline, ivr_prompts()).texts
        texts += [text for language in hotline.languages for text in spoken[language].values()]
    return texts


def test_there_are_quotations() -> None:
    assert len(QUOTED) > 40


@pytest.mark.parametrize("quotation", QUOTED)
def test_a_quotation_is_what_is_heard(quotation: str, heard: list[str]) -> None:
    words = " ".join(quotation.split())
    assert any(text.startswith(words) for text in heard), "change docs/callers.md as well"


def at(
    name: str, folder: Path, year: int, month: int, day: int, hour: int, minute: int
) -> tuple[Hotline, datetime]:
    write_profile(name, folder / "hotline.yaml")
    hotline = load(folder / "hotline.yaml")
    zone = ZoneInfo(hotline.time_zone)
    return hotline, datetime(year, month, day, hour, minute, tzinfo=zone)


def heard_in(steps: list[Step]) -> list[tuple[str, ...]]:
    return [step.prompts for step in steps if isinstance(step, Ask | Tell)]


def test_the_call_in_uzbekistan(tmp_path: Path) -> None:
    hotline, evening = at("uz", tmp_path, 2026, 11, 24, 22, 30)
    steps, then = call(entry(hotline, "1176", Situation(evening, "+998712000001")), "1412")
    assert heard_in(steps) == [("greeting",), ("main-menu",), ("more-menu",), ("rights-menu",)]
    assert then == ToQueue("employment", head_start=180)
    steps, then = call(entry(hotline, "1176", Situation(evening, "+998712000001")), "1462")
    assert heard_in(steps)[-1] == ("staff-absent",)
    assert then == ToQueue("employment")
    steps, _ = call(entry(hotline, "1176", Situation(evening, "+998712000001")), "1356")
    assert ("offices-closed", "offices-reopen", "tomorrow", "hour-9") in heard_in(steps)


def test_the_call_in_kazakhstan(tmp_path: Path) -> None:
    hotline, sunday = at("kz", tmp_path, 2026, 11, 22, 12, 0)
    known = Situation(sunday, "+77172000001", Memory("kk"))
    steps, then = call(entry(hotline, "1499", known), ["", "", "1", "1"])
    assert heard_in(steps) == [
        ("greeting-known",),
        ("closed", "opens", "tomorrow", "hour-8"),
        ("after-hours-menu",),
        ("callback-offer", "callback-other"),
        ("callback-promised",),
    ]
    assert then == HangUp()
    monday = Situation(sunday + timedelta(days=1), "+77172000001", Memory("kk"))
    assert call(entry(hotline, "1499", monday), ["", "2", "1"])[1] == ToQueue("appeals")
    assert call(entry(hotline, "1499", monday), ["", "1", "6"])[1] == ToQueue(
        "services", head_start=180
    )


def test_the_call_in_azerbaijan(tmp_path: Path) -> None:
    hotline, tuesday = at("az", tmp_path, 2026, 11, 24, 11, 0)
    kate = Situation(tuesday, "+994120000001")
    steps, then = call(entry(hotline, "195", kate), "2222")
    assert heard_in(steps) == [
        ("greeting",),
        ("main-menu",),
        ("ministry-menu",),
        ("reception-menu",),
        ("connecting-staff",),
    ]
    assert then == ToStaff("301", "aparat")
    steps, then = call(after_staff(hotline, "195", kate, "NOANSWER"), [])
    assert (heard_in(steps), then) == ([("staff-absent",)], ToQueue("aparat"))
    wednesday = Situation(tuesday + timedelta(days=1), "+994120000001")
    steps, then = call(entry(hotline, "195", wednesday), "2222")
    assert (heard_in(steps)[-1], then) == (("staff-absent",), ToQueue("aparat"))
    for key, body in enumerate(("dvx", "aparat", "emdx", "aibndx"), start=1):
        assert call(entry(hotline, "195", kate), f"1{key}1")[1] == ToQueue(body)
        assert hotline.sub_lines[hotline.queues[body].sub_line].label == f"195-1-{key}"


@pytest.mark.parametrize(
    ("name", "line", "prompt", "ways"),
    [
        ("uz", "1176", "in-writing", ["36"]),
        ("kz", "1499", "in-writing", ["35"]),
        ("az", "195", "in-writing", ["55"]),
        ("uz", "1176", "complaints", ["34"]),
        ("kz", "1499", "complaints", ["23", "34"]),
        ("az", "195", "complaints", ["53"]),
    ],
)
def test_the_keys_for_everybody(
    name: str, line: str, prompt: str, ways: list[str], tmp_path: Path
) -> None:
    hotline, noon = at(name, tmp_path, 2026, 11, 24, 12, 0)
    for way in ways:
        steps, _ = call(entry(hotline, line, Situation(noon)), f"1{way}")
        assert (prompt,) in heard_in(steps)
