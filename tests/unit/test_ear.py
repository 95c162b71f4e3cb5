"""The ear recognises prompts as they come over a telephone line.

The speech is synthetic but mean: every word has the same pitch, so that all of them are alike to
a careless comparison, and it goes through A-law, noise and another loudness.
"""

from __future__ import annotations

import asyncio
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ccops.prompts.audio import from_alaw, to_alaw
from ccops.simulator.ear import Ear, NotHeardError, hears

RATE = 8000
Samples = NDArray[np.float32]


def word(text: str) -> Samples:
    """A voiced sound of 0.25 to 0.45 s; its formants follow from the text, its pitch does not."""
    dice = random.Random(text)
    seconds = dice.uniform(0.25, 0.45)
    t = np.arange(int(seconds * RATE)) / RATE
    glide = [(dice.uniform(250, 900), dice.uniform(250, 900)) for _ in range(2)]
    glide += [(dice.uniform(900, 3000), dice.uniform(900, 3000)) for _ in range(2)]
    sound = np.zeros(len(t))
    for harmonic in range(1, 28):
        frequency = 120.0 * harmonic
        formants = sum(
            np.exp(-(((frequency - (a + (b - a) * t / seconds)) / 180) ** 2)) for a, b in glide
        )
        sound += formants * np.sin(2 * np.pi * frequency * t)
    envelope = np.minimum(1, np.minimum(t, seconds - t) / 0.02)
    sound = sound * envelope
    return (0.25 * sound / np.abs(sound).max()).astype(np.float32)


def speech(text: str) -> Samples:
    pause = np.zeros(RATE // 50, np.float32)
    return np.concatenate([part for w in text.split() for part in (word(w), pause)])


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def line(*parts: Samples, gain: float = 1.0, noise: float = 0.0, seed: int = 1) -> Samples:
    """What comes out at the other end; ``noise`` is its RMS relative to full scale."""
    sound = np.concatenate(parts) * gain
    sound = sound + np.random.default_rng(seed).normal(0, noise or 1e-9, len(sound))
    return from_alaw(to_alaw(sound.astype(np.float32)))


GREETING_UZ = speech("assalomu alaykum ishonch telefoniga xush kelibsiz")
GREETING_RU = speech("zdravstvujte vy pozvonili na gorjachuju liniju")
MENU_UZ = speech("operator bilan bog‘lanish uchun birni bosing")


def wait(position: str, minutes: str) -> Samples:
    return speech(f"siz navbatda {position} o‘rindasiz kutish vaqti taxminan {minutes} daqiqa")


PROMPTS = {
    "uz/greeting": GREETING_UZ,
    "ru/greeting": GREETING_RU,
    "uz/menu": MENU_UZ,
    "uz_p3_m5/wait": wait("uchinchi", "besh"),
    "uz_p3_m7/wait": wait("uchinchi", "yetti"),
    "uz_p4_m5/wait": wait("to‘rtinchi", "besh"),
}


@pytest.mark.parametrize(
    ("gain", "noise"), [(1.0, 0.0), (0.25, 0.0), (2.0, 0.0), (1.0, 0.012), (0.3, 0.004)]
)
@pytest.mark.parametrize("offset", [0.0, 0.0371, 2.5])
def test_prompts_are_found_at_their_second(gain: float, noise: float, offset: float) -> None:
    gap = 1.234
    ear = Ear(line(silence(offset), GREETING_UZ, silence(gap), MENU_UZ, gain=gain, noise=noise))
    greeting, menu = ear.heard(PROMPTS)
    assert (greeting.name, menu.name) == ("uz/greeting", "uz/menu")
    assert greeting.at == pytest.approx(offset, abs=0.002)
    assert menu.at == pytest.approx(offset + len(GREETING_UZ) / RATE + gap, abs=0.002)
    assert greeting.duration == pytest.approx(len(GREETING_UZ) / RATE)
    assert not greeting.cut
    assert not menu.cut
    assert min(greeting.score, menu.score) > 0.85


def test_the_wrong_language_is_not_heard() -> None:
    ear = Ear(line(silence(1), GREETING_UZ, silence(1), noise=0.003))
    assert ear.find(GREETING_RU) == []
    assert ear.heard({"ru/greeting": GREETING_RU, "uz/menu": MENU_UZ}) == []


@pytest.mark.parametrize("name", ["uz_p3_m5/wait", "uz_p3_m7/wait", "uz_p4_m5/wait"])
@pytest.mark.parametrize("noise", [0.0, 0.012])
def test_variants_joined_from_the_same_fragments_are_told_apart(name: str, noise: float) -> None:
    ear = Ear(line(silence(0.7), PROMPTS[name], silence(0.5), noise=noise))
    (heard,) = ear.heard(PROMPTS)
    assert (heard.name, heard.cut, heard.also) == (name, False, ())


def test_a_wrong_variant_alone_is_not_heard_to_its_end() -> None:
    ear = Ear(line(silence(0.7), PROMPTS["uz_p3_m5/wait"], silence(0.5)))
    for wrong in ("uz_p3_m7/wait", "uz_p4_m5/wait"):
        (heard,) = ear.heard({wrong: PROMPTS[wrong]})
        assert heard.cut


@pytest.mark.parametrize("seconds", [0.8, 1.0, 1.33, 1.7])
def test_a_prompt_broken_off_by_a_key_is_heard_for_as_long_as_it_lasted(seconds: float) -> None:
    ear = Ear(line(silence(1), GREETING_UZ[: int(seconds * RATE)], silence(0.3), MENU_UZ))
    greeting, menu = ear.heard(PROMPTS)
    assert (greeting.name, greeting.cut) == ("uz/greeting", True)
    assert greeting.duration == pytest.approx(seconds, abs=0.1)
    assert (menu.name, menu.cut) == ("uz/menu", False)


def test_variants_broken_off_before_they_differ_are_named_together() -> None:
    common = len(speech("siz navbatda uchinchi"))
    ear = Ear(line(PROMPTS["uz_p3_m5/wait"][:common], silence(1)))
    (heard,) = ear.heard(PROMPTS)
    assert {heard.name, *heard.also} == {"uz_p3_m5/wait", "uz_p3_m7/wait"}
    assert heard.cut


def test_a_prompt_that_begins_like_a_longer_one_is_itself() -> None:
    short, long = speech("kuting iltimos"), speech("kuting iltimos operatorlar band")
    prompts = {"short": short, "long": long}
    assert [h.name for h in Ear(line(short, silence(1))).heard(prompts)] == ["short"]
    assert [h.name for h in Ear(line(long, silence(1))).heard(prompts)] == ["long"]


def test_music_between_announcements_is_neither() -> None:
    tones = np.random.default_rng(5).uniform(200, 900, 40)
    t = np.arange(RATE // 4) / RATE
    music = np.concatenate([0.2 * np.sin(2 * np.pi * f * t) for f in tones]).astype(np.float32)
    announcement = PROMPTS["uz_p3_m5/wait"]
    ear = Ear(line(music[: 3 * RATE], announcement, music, announcement, music))
    first, second = ear.heard(PROMPTS)
    assert first.name == second.name == "uz_p3_m5/wait"
    length = len(announcement) / RATE
    assert (first.at, second.at) == pytest.approx((3, 3 + length + len(music) / RATE), abs=0.01)


@pytest.mark.parametrize("kept", [slice(160, None), slice(800, None)])
def test_a_beginning_that_was_lost_does_not_hide_the_prompt(kept: slice) -> None:
    (heard,) = Ear(line(GREETING_UZ[kept], silence(1))).heard(PROMPTS)
    assert (heard.name, heard.at, heard.cut) == ("uz/greeting", 0.0, False)


def test_a_lost_and_a_repeated_frame_do_not_break_a_prompt() -> None:
    middle = len(GREETING_UZ) // 2
    lost = np.concatenate([GREETING_UZ[:middle], GREETING_UZ[middle + 160 :]])
    repeated = np.concatenate([GREETING_UZ[:middle], GREETING_UZ[middle - 160 :]])
    for sound in (lost, repeated):
        (heard,) = Ear(line(silence(1), sound, silence(1))).heard(PROMPTS)
        assert (heard.name, heard.cut) == ("uz/greeting", False)


def test_silence_and_an_empty_recording_hold_nothing() -> None:
    for samples in (silence(3), silence(0)):
        ear = Ear(samples)
        assert ear.heard(PROMPTS) == []
        assert ear.level(0, 3) == -120


def test_level_tells_sound_from_silence() -> None:
    ear = Ear(line(GREETING_UZ, silence(2)))
    length = len(GREETING_UZ) / RATE
    assert ear.level(0, length) > -25
    assert ear.level(length + 0.1, length + 1.9) < -70


def wav(samples: Samples, *, declared: int | None = None) -> bytes:
    body = np.round(samples * 32767).astype("<i2").tobytes()
    size = len(body) if declared is None else declared
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, RATE,
                       2 * RATE, 2, 16)  # fmt: skip
    return head + struct.pack("<4sI", b"data", size) + body


def test_files_are_read_as_asterisk_writes_them(tmp_path: Path) -> None:
    growing, prompt = tmp_path / "call.wav", tmp_path / "greeting.alaw"
    growing.write_bytes(wav(line(silence(0.5), GREETING_UZ), declared=0))
    prompt.write_bytes(to_alaw(GREETING_UZ))
    (heard,) = Ear(growing).heard({"greeting": prompt})
    assert heard.at == pytest.approx(0.5, abs=0.002)
    assert Ear(growing).duration == pytest.approx(0.5 + len(GREETING_UZ) / RATE)


async def test_hears_waits_for_what_is_yet_to_come(tmp_path: Path) -> None:
    growing, prompt = tmp_path / "call.wav", tmp_path / "greeting.alaw"
    prompt.write_bytes(to_alaw(GREETING_UZ))
    with pytest.raises(NotHeardError, match="greeting"):
        await hears(growing, prompt, timeout=0)
    sound = line(GREETING_UZ, silence(1), GREETING_UZ)
    waiting = asyncio.create_task(hears(growing, prompt, timeout=10, after=1.5))
    growing.write_bytes(wav(sound[: 2 * RATE], declared=0))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done, "the second time is yet to come"
    growing.write_bytes(wav(sound, declared=0))
    hit = await waiting
    assert hit.at == pytest.approx(1 + len(GREETING_UZ) / RATE, abs=0.002)
