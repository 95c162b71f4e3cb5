"""The real voice. Needs the espeak-ng that `make setup` brings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccops import provision
from ccops.config.model import Voice
from ccops.config.types import Lang
from ccops.domain.variants import MINUTES
from ccops.prompts import audio
from ccops.prompts.build import build
from ccops.prompts.catalogue import LANGUAGES, load
from ccops.prompts.espeak import EspeakVoice
from ccops.prompts.voice import DEFAULT_VOICES, VoiceError
from tests.unit.prompts_support import TEXTS, hotline

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def espeak() -> provision.Program:
    return provision.find().espeak


@pytest.fixture(scope="module")
def built(
    espeak: provision.Program, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, float]]:
    """All languages with the real voice, and how long each file plays."""
    folder = tmp_path_factory.mktemp("voice")
    result = build(hotline(LANGUAGES), espeak, folder / "sounds", folder / "cache", TEXTS)
    return folder / "sounds", dict(result.seconds)


def test_every_file_is_equally_loud_and_does_not_clip(built: tuple[Path, dict[str, float]]) -> None:
    sounds, seconds = built
    for path in seconds:
        if re.search(r"_p([2-9]|1\d)", path):
            continue  # joined from the same fragments as the others
        samples = audio.from_alaw((sounds / f"{path}.alaw").read_bytes())
        assert audio.loudness(samples) == pytest.approx(audio.LOUDNESS, abs=1.5), path
        assert audio.peak(samples) < -1, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_next_caller_is_told_in_under_three_seconds(
    built: tuple[Path, dict[str, float]], language: Lang
) -> None:
    _, seconds = built
    heads = [f"{language}_p1", *(f"{language}_p1_m{step}" for step in MINUTES)]
    assert max(seconds[f"{head}/ccops/wait"] for head in heads) < 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_in_trouble_is_short(
    built: tuple[Path, dict[str, float]], language: Lang
) -> None:
    _, seconds = built
    assert seconds[f"{language}/ccops/disturbance"] < 5
    assert seconds[f"{language}/ccops/wait"] < 5
    assert max(length for path, length in seconds.items() if f"{language}_p" in path) < 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_speech_is_neither_hurried_nor_slow(espeak: provision.Program, language: Lang) -> None:
    """Letters per second, pauses included; figures of each language's own calm announcements."""
    text = load(hotline(LANGUAGES), TEXTS).texts[language]["still-busy"]
    sound = EspeakVoice(espeak).speak(text, language, DEFAULT_VOICES[language])
    assert 10 < len(text) / (len(audio.for_telephone(sound)) / audio.RATE) < 17


def test_uzbek_words_reach_the_voice_with_an_uzbek_i(
    espeak: provision.Program, tmp_path: Path
) -> None:
    log = tmp_path / "spoken"
    program = provision.Program(
        ("sh", "-c", 'tee -a "$SPOKEN" | "$@"', "sh", *espeak.command),
        {**espeak.env, "SPOKEN": str(log)},
        espeak.version,
    )
    text = "Bitta qoʻngʻiroq. Salom, WiFi."
    EspeakVoice(program).speak(text, "uz", DEFAULT_VOICES["uz"])
    spoken = log.read_text(encoding="utf-8").removeprefix("Bitta\n\nqo'ng'iroq\n\nWiFi")
    assert re.fullmatch(r"\[\[[^y]*\]\] \[\[qonQ\"'i[^y]*\]\]\. Salom, .*", spoken)


def test_an_unknown_voice_is_a_clear_fault(espeak: provision.Program) -> None:
    with pytest.raises(VoiceError, match="zz-none"):
        EspeakVoice(espeak).speak("salom", "uz", Voice(name="zz-none"))
