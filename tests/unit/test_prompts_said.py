"""A supervisor's own words, spoken while calls go on."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from ccops.prompts.spoken_now import LONGEST, SaidTextError, SpeakNow, speak_now
from ccops.prompts.voice import VoiceError
from tests.unit.prompts_support import NoProgram, Workshop, hotline

WORDS: dict[str, str] = {
    "uz": "Elektr yoʻq, soat oʻn ikkida tiklanadi.",
    "ru": "Света нет, дадут в двенадцать.",
}
OTHER = {"uz": "Aloqa uzildi.", "ru": "Связь прервана."}


WHAT = hotline()


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def say(workshop: Workshop, texts: dict[str, str], **options: Any) -> str:
    engines = {"espeak-ng": workshop.voice}
    return speak_now(
        WHAT,
        texts,
        NoProgram(),
        workshop.sounds,
        workshop.root / "cache",
        **{"engines": engines, **options},
    )


def test_it_lies_ready_in_each_language_at_both_paces(workshop: Workshop) -> None:
    name = say(workshop, WORDS)
    assert workshop.files().keys() == {
        f"{language}{pace}/ccops/{name}.alaw" for language in ("uz", "ru") for pace in ("", "_slow")
    }
    said = {(text, pace) for language, text, pace in workshop.voice.said if language == "ru"}
    assert said == {(WORDS["ru"], 125), (WORDS["ru"], 88)}


def test_the_same_words_have_the_same_name_and_are_spoken_once(workshop: Workshop) -> None:
    name = say(workshop, WORDS)
    spaced = {language: f"  {text} " for language, text in reversed(WORDS.items())}
    workshop.voice.said.clear()
    assert say(workshop, spaced) == name
    assert workshop.voice.said == []
    assert say(workshop, OTHER) != name


def test_what_was_lost_comes_back(workshop: Workshop) -> None:
    name = say(workshop, WORDS)
    before = workshop.files()
    (workshop.sounds / "ru" / "ccops" / f"{name}.alaw").unlink()
    say(workshop, WORDS)
    assert workshop.files() == before


def test_a_build_leaves_it_alone(workshop: Workshop) -> None:
    workshop.build(hotline())
    name = say(workshop, WORDS)
    workshop.build(hotline(("ru",)))
    assert (workshop.sounds / "uz" / "ccops" / f"{name}.alaw").is_file()
    assert (workshop.sounds / "ru_slow" / "ccops" / f"{name}.alaw").is_file()


def test_old_words_go_unless_they_are_in_use(workshop: Workshop) -> None:
    old, used = say(workshop, WORDS), say(workshop, OTHER)
    month_ago = time.time() - 31 * 86400
    for file in workshop.sounds.rglob("*.alaw"):
        os.utime(file, (month_ago, month_ago))
    new = say(workshop, {"uz": "Yangi.", "ru": "Новое."}, in_use={used})
    left = {Path(file).stem for file in workshop.files()}
    assert left == {used, new}
    assert old not in left


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "missing in: ru"),
        (" \n ", "missing in: ru"),
        ("Света\nнет", "line breaks"),
        ("Света\x00нет", "line breaks"),
        ("а" * (LONGEST + 1), "501 characters"),
        ("… !", "nothing to speak"),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_a_remedy(
    workshop: Workshop, text: str, complaint: str
) -> None:
    with pytest.raises(SaidTextError, match=complaint) as refused:
        say(workshop, {**WORDS, "ru": text})
    assert refused.value.remedy
    assert not workshop.sounds.exists()


def test_a_voice_that_fails_is_told(workshop: Workshop) -> None:
    with pytest.raises(VoiceError, match="does not run"):
        say(workshop, WORDS, engines={})
    assert not workshop.files()


async def test_calls_go_on_meanwhile(workshop: Workshop) -> None:
    """The voice runs in a thread; what it says of a missing program comes back from there."""
    cache = workshop.root / "cache"
    speaker = SpeakNow(lambda: WHAT, NoProgram(), workshop.sounds, cache, frozenset)
    with pytest.raises(VoiceError, match="does not run"):
        await speaker.speak(WORDS)
    workshop.voice.version = NoProgram().version
    name = await asyncio.to_thread(say, workshop, WORDS)
    assert await speaker.speak(WORDS) == name, "by now the cache has it"
