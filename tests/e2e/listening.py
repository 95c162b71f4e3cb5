"""Waiting until somebody has heard something, by listening to the recording as it grows."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from ccops.simulator.caller import Caller
from ccops.simulator.ear import Ear, Heard
from ccops.simulator.phone import PhoneCall
from tests.e2e.running import Running

LOOK_AGAIN = 0.3
"""Seconds between two looks at a recording that is still growing."""


async def heard(
    hotline: Running,
    caller: Caller,
    prompt: str,
    *,
    at: float | None = None,
    after: float = 0.0,
    timeout: float = 8.0,
    whole: bool = False,
) -> Heard:
    """Wait until ``caller`` has heard ``LANGUAGE/NAME`` (a second of it, or the whole).

    ``at``: it must have begun there (±0.3 s of the answer); ``after``: only later ones count.
    """
    assert caller.recording is not None
    sound = sound_of(hotline, prompt)
    end = time.monotonic() + timeout
    while True:
        found = await asyncio.to_thread(_find, caller.recording, prompt, sound, after, whole)
        if found is not None:
            assert at is None or abs(found.at - at) < 0.3, f"{prompt} at {found.at:.1f} s"
            return found
        if time.monotonic() > end:
            story = await asyncio.to_thread(_story, hotline, caller.recording)
            # The next network clears its folder; whoever looks into this wants to hear it.
            shutil.copy(caller.recording, hotline.home.root / "not-heard.wav")
            raise AssertionError(f"{prompt} was not heard within {timeout:g} s; heard: {story}")
        await asyncio.sleep(LOOK_AGAIN)


def sound_of(hotline: Running, prompt: str) -> Path:
    folder, name = prompt.split("/")
    return hotline.home.sounds / folder / "ccops" / f"{name}.alaw"


def _find(recording: Path, name: str, sound: Path, after: float, whole: bool) -> Heard | None:
    hits = heard_after(recording, {name: sound}, after)
    return next((hit for hit in hits if not whole or not hit.cut), None)


def heard_after(recording: Path, sounds: Mapping[str, Path], after: float) -> list[Heard]:
    """What of ``sounds`` began at second ``after`` or later, in a recording that may still grow."""
    return Ear(recording, after=after).heard(sounds) if recording.exists() else []


def _story(hotline: Running, recording: Path) -> list[str]:
    if not recording.exists():
        return []
    prompts = {
        f"{path.parent.parent.name}/{path.stem}": path
        for path in hotline.home.sounds.glob("??/ccops/*.alaw")
    }
    return [f"{hit.at:.1f} s {hit.name}" for hit in Ear(recording).heard(prompts)]


async def heard_by_phone(
    hotline: Running, call: PhoneCall, prompt: str, *, timeout: float = 8.0
) -> None:
    """What an operator's telephone heard; the recording is complete a moment after the call."""
    assert call.recording is not None
    sound = sound_of(hotline, prompt)
    end = time.monotonic() + timeout
    while await asyncio.to_thread(_find, call.recording, prompt, sound, 0.0, False) is None:
        if time.monotonic() > end:
            story = await asyncio.to_thread(_story, hotline, call.recording)
            shutil.copy(call.recording, hotline.home.root / "not-heard.wav")
            raise AssertionError(f"{prompt} was not heard within {timeout:g} s; heard: {story}")
        await asyncio.sleep(0.2)
