"""What somebody heard, told from the recording: which prompt, at which second, how much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ccops.errors import CcopsError
from ccops.prompts.audio import from_alaw
from ccops.prompts.wav import read_wav
from ccops.simulator.matching import ANCHOR, RATE, Haystack, Match, Samples, anchor

COMPLETE_BONUS = 0.05
"""Seconds by which a prompt that was heard to its end beats a longer one that was cut there."""
TOUCHING = 0.15
"""Seconds by which two prompts may overlap in the recording and still be two."""
SHORTEST = 0.5
"""Seconds of a cut prompt below which it is not recognised."""
CERTAIN = 1.0
"""Seconds after which a single prompt, looked for by itself, counts as heard."""
LOOK_AGAIN = 0.25
"""Seconds between two looks at a recording that is still growing."""
_WAV_HEADER = 44


class NotHeardError(CcopsError):
    """What should have been heard was not heard in time."""

    code = "not_heard"


@dataclass(frozen=True)
class Hit:
    """A prompt was found."""

    at: float
    """Seconds from the start of the recording."""
    score: float


@dataclass(frozen=True)
class Heard:
    """A prompt that was heard; times in seconds from the start of the recording."""

    name: str
    at: float
    duration: float
    """As long as it was heard."""
    score: float
    cut: bool
    """It was broken off, by a key or by the end of the call."""
    also: tuple[str, ...] = ()
    """Others which it may have been just as well: all that was heard of it is the same in them."""


class Ear:
    """One recording (16-bit WAV of Asterisk's, 8 kHz; it may still be growing), or samples.

    ``after``: only what began at that second or later is looked for; times stay the recording's.
    """

    def __init__(self, recording: Path | Samples, *, after: float = 0.0) -> None:
        samples = recorded(recording) if isinstance(recording, Path) else recording
        self._samples = samples
        self._skipped = min(int(after * RATE), len(samples))
        self._haystack = Haystack(samples[self._skipped :])
        self._places: dict[bytes, list[tuple[int, float]]] = {}

    @property
    def duration(self) -> float:
        return len(self._samples) / RATE

    def find(self, prompt: Samples | Path) -> list[Hit]:
        """Where the prompt was heard, in order, for a second at least or to its end."""
        matches = self._matches(load(prompt) if isinstance(prompt, Path) else prompt)
        sure = (match for match in matches if match.complete or match.length >= CERTAIN * RATE)
        return [Hit(self._second(match), match.score) for match in sure]

    def heard(self, prompts: Mapping[str, Path] | Mapping[str, Samples]) -> list[Heard]:
        """The prompts that were heard, in order; of several that fit, the one that fits longest."""
        candidates = [
            (match, name)
            for name, prompt in prompts.items()
            for match in self._matches(load(prompt) if isinstance(prompt, Path) else prompt)
        ]
        candidates.sort(key=lambda found: (-_worth(found[0]), found[1]))
        chosen: list[Heard] = []
        for match, name in candidates:
            if all(_apart(match, other) for other in chosen):
                also = tuple(
                    other for rival, other in candidates if other != name and _same(match, rival)
                )
                begin = max(match.begin, 0)
                length = match.length - (begin - match.begin)
                chosen.append(
                    Heard(name, begin / RATE, length / RATE, match.score, not match.complete, also)
                )
        skipped = self._skipped / RATE
        return sorted(
            (replace(one, at=one.at + skipped) for one in chosen), key=lambda heard: heard.at
        )

    def level(self, begin: float, end: float) -> float:
        """Mean level between two seconds, in dB relative to full scale; silence is -120."""
        piece = self._samples[int(begin * RATE) : int(end * RATE)].astype(np.float64)
        power = float(np.mean(piece**2)) if len(piece) else 0.0
        return float(10 * np.log10(power + 1e-12))

    def _matches(self, prompt: Samples) -> list[Match]:
        offset, needle = anchor(prompt)
        key = needle.tobytes()
        if key not in self._places:  # variants begin alike: look once
            self._places[key] = self._haystack.places(needle)
        matches = (
            self._haystack.follow(prompt, place - offset) for place, _score in self._places[key]
        )
        return [
            m
            for m in matches
            if (m.complete or m.length >= SHORTEST * RATE) and (m.begin >= 0 or not self._skipped)
        ]

    def _second(self, match: Match) -> float:
        return (self._skipped + max(match.begin, 0)) / RATE


def load(prompt: Path) -> Samples:
    """A prompt as it goes over the line: ``.alaw``, or WAV at 8 kHz."""
    data = prompt.read_bytes()
    if prompt.suffix == ".alaw":
        return from_alaw(data)
    sound = read_wav(data)
    if sound.rate != RATE:
        raise ValueError(f"{prompt.name} has {sound.rate} samples a second, not {RATE}")
    return sound.samples


def recorded(recording: Path) -> Samples:
    """What Asterisk has written so far; its header knows the length only at the end."""
    data = recording.read_bytes()[_WAV_HEADER:]
    return np.frombuffer(data, "<i2", len(data) // 2).astype(np.float32) / np.float32(32768)


async def hears(recording: Path, prompt: Path, *, timeout: float, after: float = 0.0) -> Hit:
    """Wait until the prompt is heard, at second ``after`` or later, in a recording that grows.

    Raises :class:`NotHeardError`.
    """
    sound = await asyncio.to_thread(load, prompt)

    def look() -> Hit | None:
        if not recording.exists():
            return None
        return next(iter(Ear(recording, after=after).find(sound)), None)

    try:
        async with asyncio.timeout(timeout):
            while (hit := await asyncio.to_thread(look)) is None:  # noqa: ASYNC110 — it is a file
                await asyncio.sleep(LOOK_AGAIN)
    except TimeoutError:
        raise NotHeardError(f"{prompt.stem} was not heard within {timeout:g} s.") from None
    return hit


def _worth(match: Match) -> float:
    return match.weight + (COMPLETE_BONUS if match.complete else 0.0)


def _apart(match: Match, other: Heard) -> bool:
    begin, end = match.begin / RATE, (match.begin + match.length) / RATE
    return min(end, other.at + other.duration) - max(begin, other.at) < TOUCHING


def _same(match: Match, rival: Match) -> bool:
    return (
        abs(match.begin - rival.begin) < ANCHOR // 10 and abs(_worth(match) - _worth(rival)) < 0.01
    )
