"""From any sound to the telephone's: 8 kHz, one loudness, no silence around it, A-law.

Levels are in dB relative to full scale (dBFS). ``LOUDNESS`` is where Asterisk's own recordings lie,
6 dB above the nominal level of conversation (-26 dBFS, ITU-T P.56): a machine's voice has to carry
over a street. A-law itself overloads at full scale.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ccops.errors import CcopsError
from ccops.prompts.wav import Samples, Sound, to_int16

RATE = 8000
LOUDNESS = -20.0
PEAK = -2.0
SILENCE = 0xD5
"""The A-law byte of no sound."""

_FRAME = RATE // 50
_ACTIVE = 30.0
"""Frames of 20 ms less than this many dB below the loudest one count as speech."""
_QUIET = 40.0
"""What is more than this many dB below the loudest frame is silence, at the ends."""
_MARGIN = RATE // 100
"""Kept around the speech and faded: 10 ms, so that joints do not click."""


class NoSoundError(CcopsError):
    """Nothing can be heard."""

    code = "no_sound"


def for_telephone(sound: Sound) -> Samples:
    """Resample to 8 kHz, trim both ends and bring the loudness to ``LOUDNESS``."""
    samples = sound.samples
    if len(samples) and sound.rate != RATE:
        samples = soxr.resample(samples, sound.rate, RATE, quality="VHQ").astype(np.float32)
    if len(samples) < _FRAME or loudness(samples) < -70:
        raise NoSoundError("Nothing can be heard.", remedy="Record it again, louder.")
    return _level(_trim(_without_rumble(samples)))


def loudness(samples: Samples) -> float:
    """Level of the speech without its pauses, in dBFS."""
    frames = _frames(samples)
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    active = power > power.max() * 10 ** (-_ACTIVE / 10)
    return float(10 * np.log10(power[active].mean() + 1e-12)) if active.any() else -120.0


def peak(samples: Samples) -> float:
    """The largest sample, in dBFS."""
    return float(20 * np.log10(np.abs(samples).max() + 1e-6))


def to_alaw(samples: Samples) -> bytes:
    """Encode by ITU-T G.711 A-law, one byte for a sample."""
    return _ENCODE[to_int16(samples).view(np.uint16)].tobytes()


def from_alaw(data: bytes) -> Samples:
    """Decode ITU-T G.711 A-law."""
    return _DECODE[np.frombuffer(data, np.uint8)].astype(np.float32) / np.float32(32768)


def silence(seconds: float) -> bytes:
    """A-law of no sound."""
    return bytes([SILENCE]) * round(seconds * RATE)


def _frames(samples: Samples) -> Samples:
    short = -len(samples) % _FRAME
    return np.pad(samples, (0, short)).reshape(-1, _FRAME)


def _without_rumble(samples: Samples) -> Samples:
    """Take away offset, hum and knocks below the telephone's band; whole from 150 Hz up."""
    # Followed by its mirror image the sound has no step at its ends, which would ring.
    spectrum = np.fft.rfft(np.concatenate([samples, samples[::-1]]))
    frequency = np.fft.rfftfreq(2 * len(samples), 1 / RATE)
    spectrum *= np.clip((frequency - 50) / 100, 0, 1)
    return np.fft.irfft(spectrum)[: len(samples)].astype(np.float32)


def _trim(samples: Samples) -> Samples:
    power = (_frames(samples) ** 2).mean(axis=1)
    heard = np.flatnonzero(power > power.max() * 10 ** (-_QUIET / 10))
    start = max(0, heard[0] * _FRAME - _MARGIN)
    end = min(len(samples), (heard[-1] + 1) * _FRAME + _MARGIN)
    kept = samples[start:end].copy()
    ramp = np.linspace(0, 1, _MARGIN, dtype=np.float32)
    kept[:_MARGIN] *= ramp
    kept[-_MARGIN:] *= ramp[::-1]
    return kept


def _level(samples: Samples) -> Samples:
    """Apply gain, hold the peaks, and make up for what holding them cost."""
    for _ in range(5):
        missing = LOUDNESS - loudness(samples)
        if abs(missing) < 0.1:
            break
        samples = _limit(samples * np.float32(10 ** (missing / 20)))
    return _limit(samples)  # what was loud enough from the start has peaks of its own


def _limit(samples: Samples) -> Samples:
    """Turn the gain down smoothly, 2.5 ms before and after each sample above ``PEAK``."""
    ceiling = 10 ** (PEAK / 20)
    if np.abs(samples).max() <= ceiling:
        return samples
    reach = RATE // 400
    needed = np.minimum(1, ceiling / np.maximum(np.abs(samples), 1e-9))
    held = sliding_window_view(np.pad(needed, 2 * reach, mode="edge"), 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    smooth = np.convolve(held, window / window.sum(), mode="valid")
    return (samples * smooth).astype(np.float32)


def _decode_table() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, step = (code >> 4) & 7, (code & 15) << 4
    size = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    """Indexed by the sample's 16 bits read as unsigned."""
    positive = np.arange(0x80, 0x100, dtype=np.int32)
    levels = _DECODE[positive ^ 0x55].astype(np.int32)
    # Each level lies in the middle of its interval, whose width doubles from segment to segment.
    width = 16 << np.maximum(((positive >> 4) & 7) - 1, 0)
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    size = np.where(sample < 0, ~sample, sample)
    code = positive[np.searchsorted(levels - width // 2, size, side="right") - 1]
    return (np.where(sample < 0, code ^ 0x80, code) ^ 0x55).astype(np.uint8)


_DECODE = _decode_table()
_ENCODE = _encode_table()
