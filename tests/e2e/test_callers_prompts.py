"""Prompts: what is missing is listed, each can be listened to, and a studio's recording is heard
by the next caller (point 7)."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import wave

import numpy as np
import pytest

from ccops.resources import ivr_prompts
from ccops.simulator.ear import Ear
from ccops.simulator.network import Network
from ccops.simulator.voices import RATE, melody
from tests.e2e.countries import Site, each_profile
from tests.e2e.listening import sound_of
from tests.e2e.running import eventually, prompts_folder

pytestmark = [pytest.mark.e2e]


@each_profile("prompts")
async def test_a_recording_dropped_in_is_heard_and_gone_when_it_is_taken_away(
    site: Site, citizens: Network
) -> None:
    """In stereo, at 44.1 kHz and too quiet, as a studio might send it; in a folder of its own."""
    folder = prompts_folder(site.hotline.home)
    shutil.copytree(ivr_prompts(), folder)
    recording = folder / site.second / "main-menu.wav"
    recording.parent.mkdir(exist_ok=True)
    missing = await asyncio.to_thread(site.hotline.command, "prompts", "missing")
    assert "main-menu" in missing
    recording.write_bytes(_studio())
    try:
        listed = await asyncio.to_thread(site.hotline.command, "prompts", "missing", "--csv")
        names = [line for line in listed.splitlines() if line.startswith(f"{site.second},usual,")]
        assert names
        assert not any("main-menu" in line for line in names)
        await asyncio.to_thread(site.hotline.command, "render")

        caller = await site.call(citizens)
        await caller.press("2")
        sound = sound_of(site.hotline, f"{site.second}/main-menu")
        await site.heard(caller, "main-menu", whole=True, timeout=12)
        assert caller.recording is not None
        voice = melody("studio").astype("<i2").tobytes()
        assert abs(sound.stat().st_size - len(voice) // 2) < RATE, "the recording, not the voice"
        await caller.hangup()
    finally:
        shutil.rmtree(folder)
        await asyncio.to_thread(site.hotline.command, "render")
    assert sound.stat().st_size > len(voice), "the voice is back"
    caller = await site.in_menu(citizens)
    await caller.hangup()


@each_profile("prompts")
async def test_every_prompt_can_be_listened_to(site: Site, citizens: Network) -> None:
    """What the page plays is what the caller hears."""
    status, body = site.hotline.get("/api/v1/prompts")
    assert status == 200
    prompts = json.loads(body)["prompts"]
    names = {(each["language"], each["name"]) for each in prompts}
    for language in site.country.languages:
        assert {(language, name) for name in ("main-menu", "welcome", "position-3")} <= names
    for language, name in sorted(names):
        status = await asyncio.to_thread(_plays, site, language, name)
        assert status, f"{language}/{name} cannot be played"

    caller = await site.in_menu(citizens)
    page = _samples(site, site.second, "main-menu")

    def recorded() -> bool:
        assert caller.recording is not None
        return caller.recording.exists() and caller.recording.stat().st_size > 16000 * 9

    await eventually(recorded, 20, "some seconds of the menu")
    await caller.hangup()
    assert caller.recording is not None
    beginning = site.hotline.home.root / "page.wav"
    with wave.open(str(beginning), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(page[: 3 * RATE].tobytes())
    assert Ear(caller.recording).find(beginning), "the menu as the page plays it"


def _plays(site: Site, language: str, name: str) -> bool:
    return _samples(site, language, name).size > RATE // 10


def _samples(site: Site, language: str, name: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(
        io.BytesIO(site.hotline.download(f"/api/v1/prompts/{language}/{name}.wav"))
    ) as w:
        assert (w.getframerate(), w.getnchannels(), w.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(w.readframes(w.getnframes()), dtype="<i2")


def _studio() -> bytes:
    """Four seconds of a melody."""
    quiet = melody("studio").astype(np.float64) * 0.2
    places = np.arange(0, quiet.size, RATE / 44100)
    channel = np.interp(places, np.arange(quiet.size), quiet).astype("<i2")
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(44100)
            sound.writeframes(np.column_stack((channel, channel)).tobytes())
        return file.getvalue()
