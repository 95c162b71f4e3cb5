"""What people say on the simulated telephone: a melody each, easy to find in a recording.

No two moments of a melody sound alike, so where it is found is where it was said.
"""

from __future__ import annotations

import random
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = ("citizen", "operator")
RATE = 8000
NOTES = 16
NOTE = 0.25
"""Seconds of one note."""
LOUDNESS = 5000.0


def melody(name: str) -> NDArray[np.int16]:
    """Four seconds of gliding notes, the same for the same name, different for another."""
    notes = random.Random(f"voice of {name}")
    t = np.arange(int(NOTE * RATE)) / RATE
    swell = np.sin(np.pi * t / NOTE)
    sounds = []
    for _ in range(NOTES):
        start, end, second = (notes.uniform(300, 2500) for _ in range(3))
        glide = np.sin(2 * np.pi * (start * t + (end - start) * t * t / (2 * NOTE)))
        sounds.append(swell * (glide + 0.5 * np.sin(2 * np.pi * second * t)))
    return (LOUDNESS * np.concatenate(sounds)).astype(np.int16)


def file(folder: Path, name: str) -> Path:
    """Where :func:`write_all` puts a voice (a folder each, as music on hold wants it)."""
    return folder / name / f"{name}.wav"


def write_all(folder: Path) -> None:
    """Write every voice under ``folder``."""
    for name in NAMES:
        target = file(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(target), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(melody(name).astype("<i2").tobytes())
