"""Finding one sound in another by normalised cross-correlation: numbers in, numbers out.

A score is the correlation of two stretches after their means and levels have been taken away: 1 is
the same sound whatever its loudness, 0 has nothing in common. The same text spoken anew scores
below 0.5; a sound that went through A-law scores above 0.99, at 15 dB above noise about 0.98.
Positions are in samples, 8,000 a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE = 8000
ANCHOR = RATE // 2
"""The beginning of a prompt by which it is found."""
BLOCK = RATE // 5
"""A prompt is then compared piece by piece: this is where two variants are told apart."""
FRAME = RATE // 50
FOUND = 0.6
"""The least score of the anchor, and of a block at its place."""
SLIPPED = 0.8
"""The least score of a block elsewhere than at its place."""
SLIP = RATE // 10
"""Whole frames, so many samples at most, may be lost or repeated in the middle of a prompt."""
SOFT = 10 ** (-35 / 20)
"""RMS of a block below which it says nothing, for noise may cover it: 15 dB below a prompt's usual
level. One limit for all, so that prompts which begin alike are alike as far as they do."""
_CHUNK = 1 << 15
_SILENT = 1e-4
"""RMS below which there is nothing to compare (-80 dBFS)."""


@dataclass(frozen=True)
class Match:
    """How far a prompt can be followed from where it begins."""

    begin: int
    length: int
    """Samples from ``begin`` to where the likeness ends: the prompt's own length if it does not."""
    weight: float
    """Seconds of loud speech that agreed, each times its score."""
    score: float
    """Mean score of the blocks as far as it was followed; one that did not agree counts as 0."""
    complete: bool


class Haystack:
    """A recording, made ready for many searches."""

    def __init__(self, samples: Samples) -> None:
        # What was lost at the very beginning must not hide a prompt: half a second of nothing.
        self.samples = np.concatenate([np.zeros(ANCHOR, np.float32), samples])
        self._step = _CHUNK - ANCHOR
        chunks = -(-len(self.samples) // self._step)
        padded = np.pad(self.samples, (0, chunks * self._step + ANCHOR - len(self.samples)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, _CHUNK)[:: self._step]
        self._spectra = np.fft.rfft(windows, axis=1)
        padded64 = padded.astype(np.float64)
        self._sums = np.concatenate([[0.0], np.cumsum(padded64)])
        self._squares = np.concatenate([[0.0], np.cumsum(padded64**2)])

    def scores(self, needle: Samples) -> NDArray[np.float64]:
        """Score of ``needle`` (at most an anchor long) at every position, the padding included."""
        size = len(needle)
        level = needle - needle.mean()
        spectrum = np.conj(np.fft.rfft(level, _CHUNK))
        products = np.fft.irfft(self._spectra * spectrum, _CHUNK, axis=1)[:, : self._step]
        dots = products.reshape(-1)[: len(self.samples)].astype(np.float64)
        ends = np.arange(len(dots)) + size
        total = self._sums[ends] - self._sums[: len(dots)]
        power = self._squares[ends] - self._squares[: len(dots)] - total**2 / size
        floor = size * _SILENT**2
        scale = np.sqrt(np.maximum(power, floor) * max(float(level @ level), floor))
        return np.where(power > floor, dots / scale, 0.0)

    def places(self, needle: Samples, least: float = FOUND) -> list[tuple[int, float]]:
        """Positions (in the recording, negative if its beginning is missing) and scores."""
        scores = self.scores(needle)
        found = []
        for group in np.split(above := np.flatnonzero(scores >= least), _gaps(above)):
            if len(group):
                best = int(group[np.argmax(scores[group])])
                found.append((best - ANCHOR, float(scores[best])))
        return found

    def follow(self, prompt: Samples, begin: int) -> Match:
        """Compare ``prompt`` with what is heard from ``begin`` on, until they differ."""
        at = begin + ANCHOR
        shift, agreed, end, blocks, seen = 0, 0, 0, 0, 0
        weight, total = 0.0, 0.0
        missed, last_loud = False, 0
        for start, piece in _blocks(prompt):
            speech = _speech(piece)
            if not speech:
                continue
            last_loud = start + len(piece)
            blocks += 1
            score = _score(self._piece(at + shift + start, len(piece)), piece)
            if score >= FOUND and missed:
                break  # a piece differs, and then it goes on as before: another variant
            if score < FOUND:
                score, moved = self._nearby(at + shift + start, piece)
                if score < SLIPPED:
                    if missed:
                        break
                    missed = True
                    continue
                shift += moved
            missed = False
            agreed, end = start, last_loud
            weight += score * speech
            total += score
            seen = blocks
        complete = not missed and 0 < end == last_loud
        length = len(prompt) if complete else self._end(prompt, at + shift, agreed)
        return Match(begin, length, weight, total / seen if seen else 0.0, complete)

    def _nearby(self, position: int, piece: Samples) -> tuple[float, int]:
        """Best score of ``piece`` a few frames from ``position``, and how far away it is."""
        return max(
            (_score(self._piece(position + moved, len(piece)), piece), moved)
            for moved in range(-SLIP, SLIP + 1, FRAME)
        )

    def _end(self, prompt: Samples, at: int, begin: int) -> int:
        """Where after ``begin`` the likeness stops, to a frame."""
        end = begin
        for start in range(begin, len(prompt) - FRAME + 1, FRAME):
            piece = prompt[start : start + FRAME]
            if _rms(piece) < SOFT:
                continue
            if _score(self._piece(at + start, FRAME), piece) < FOUND:
                break
            end = start + FRAME
        return end

    def _piece(self, position: int, size: int) -> Samples:
        """Samples of the padded recording; silence beyond its ends."""
        begin, end = max(position, 0), max(min(position + size, len(self.samples)), 0)
        piece = self.samples[begin:end]
        if len(piece) == size:
            return piece
        before = min(max(-position, 0), size)
        return np.pad(piece, (before, size - before - len(piece)))


def anchor(prompt: Samples) -> tuple[int, Samples]:
    """The stretch by which a prompt is found, and where in the prompt it begins."""
    begin = next(
        (i for i in range(0, len(prompt), FRAME) if _rms(prompt[i : i + FRAME]) >= SOFT), 0
    )
    return begin, prompt[begin : begin + ANCHOR]


def _blocks(prompt: Samples) -> Iterator[tuple[int, Samples]]:
    """Blocks and where they begin; a short rest belongs to the last."""
    count = max(round(len(prompt) / BLOCK), 1)
    for place in range(count):
        start = place * BLOCK
        yield start, prompt[start : start + BLOCK if place < count - 1 else None]


def _speech(piece: Samples) -> float:
    """Seconds of it that are loud enough to compare; 0 when the whole is not."""
    if _rms(piece) < SOFT:
        return 0.0
    frames = piece[: len(piece) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    loud = np.count_nonzero((frames**2).mean(axis=1) >= SOFT**2)
    return float(loud) * FRAME / RATE


def _gaps(positions: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.flatnonzero(np.diff(positions) > SLIP) + 1


def _score(heard: Samples, piece: Samples) -> float:
    a, b = heard - heard.mean(), piece - piece.mean()
    scale = float(np.sqrt(float(a @ a) * float(b @ b)))
    return float(a @ b) / scale if scale > len(piece) * _SILENT**2 else 0.0


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) if len(samples) else 0.0
