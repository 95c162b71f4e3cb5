"""The real voice. Needs the espeak-ng that `make setup` brings."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from ccops import provision
from ccops.config.model import Voice
from ccops.config.types import Lang
from ccops.prompts import audio, catalogue
from ccops.prompts.build import build
from ccops.prompts.catalogue import LANGUAGES, load
from ccops.prompts.espeak import EspeakVoice
from ccops.prompts.spoken_now import LONGEST, speak_now
from ccops.prompts.voice import DEFAULT_VOICES, VoiceError
from tests.unit.prompts_support import TEXTS, hotline

# One group: all languages are spoken once, and not by each worker anew.
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("voice")]


@pytest.fixture(scope="module")
def espeak() -> provision.Program:
    return provision.find().espeak


@pytest.fixture(scope="module")
def built(
    espeak: provision.Program, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, float]]:
    """All languages with the real voice, and how long each file plays."""
    folder = tmp_path_factory.mktemp("voice")
    line = dict(hotline(LANGUAGES).lines["1000"])
    what = hotline(LANGUAGES, lines={"1000": line, "2000": {**line, "wait_is_paid": True}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ccops.domain.variants.POSITIONS", (1, 17, 99))
        for row in ("day", "month", "hour", "hour-and", "minute"):
            patch.setitem(catalogue._ROWS, row, (5, 10))
        result = build(what, espeak, folder / "sounds", folder / "cache", TEXTS)
    return folder / "sounds", dict(result.seconds)


def test_every_file_is_equally_loud_and_does_not_clip(built: tuple[Path, dict[str, float]]) -> None:
    sounds, seconds = built
    for path in seconds:
        samples = audio.from_alaw((sounds / f"{path}.alaw").read_bytes())
        assert audio.loudness(samples) == pytest.approx(audio.LOUDNESS, abs=1.5), path
        assert audio.peak(samples) < -1, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_next_caller_is_told_place_time_and_price_in_under_three_seconds(
    built: tuple[Path, dict[str, float]], language: Lang
) -> None:
    _, seconds = built
    heads = {path: length for path, length in seconds.items() if f"{language}_p1" in path}
    heads = {path: length for path, length in heads.items() if re.search(r"_p1[_/]", path)}
    assert {f"{language}_p1_m30_paid/ccops/wait", f"{language}_p1_x_free/ccops/wait"} <= set(heads)
    assert {path: length for path, length in heads.items() if length > 3} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_announcement_is_long(built: tuple[Path, dict[str, float]], language: Lang) -> None:
    _, seconds = built
    assert seconds[f"{language}/ccops/disturbance"] < 5
    assert seconds[f"{language}/ccops/wait"] < 5
    waits = {path: length for path, length in seconds.items() if f"{language}_p" in path}
    slow = {path for path in waits if "slow" in path}
    offers = {
        path for path in waits if not re.search(r"_p\d+(_m[012])?(_free|_paid)?(_slow)?/", path)
    }
    assert max(waits[path] for path in waits.keys() - slow - offers) < 12
    assert max(waits[path] for path in waits.keys() - slow) < 15.5
    assert max(waits.values()) < 22


@pytest.mark.parametrize("language", LANGUAGES)
def test_slow_speech_has_about_seventy_per_cent_of_the_pace(
    built: tuple[Path, dict[str, float]], language: Lang
) -> None:
    _, seconds = built
    names = ("no-key", "still-busy", "blocked", "callback-offer", "no-operators", "reason-data")
    usual = sum(seconds[f"{language}/ccops/{name}"] for name in names)
    slow = sum(seconds[f"{language}_slow/ccops/{name}"] for name in names)
    assert usual / slow == pytest.approx(0.7, abs=0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_voice_knows_every_letter(espeak: provision.Program, language: Lang) -> None:
    """For a letter it does not know, it changes to English and says the letter's name."""
    texts = load(hotline((language,)), TEXTS).texts[language]
    own = [text for name, text in texts.items() if name not in ("welcome", "main-menu")]
    voice = DEFAULT_VOICES[language].name
    done = subprocess.run(
        [*espeak.command, "-v", voice, "-q", "-x", "-b", "1", "--stdin"],
        input="\n\n".join(own).translate(str.maketrans("ʻʼ", "''")).encode(),
        capture_output=True,
        env={**os.environ, **espeak.env},
        check=True,
    )
    spoken = done.stdout.decode()
    assert len(spoken.split()) > len(own)
    assert not re.search(r"\([a-z]{2}\)", spoken)


def test_a_text_of_the_longest_kind_is_spoken_at_once(
    espeak: provision.Program, tmp_path: Path
) -> None:
    words: dict[str, str] = {"uz": ("Elektr yoʻq. " * 40)[:LONGEST], "ru": "Света нет. " * 40}
    begun = time.perf_counter()
    speak_now(hotline(), words, espeak, tmp_path / "sounds", tmp_path / "cache")
    assert time.perf_counter() - begun < 3, "under a second on a quiet machine"


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
