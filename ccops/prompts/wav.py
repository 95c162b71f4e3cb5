"""Reading and writing WAV files.

The standard library's ``wave`` refuses what studios deliver (the extensible header, 32-bit float)
and what espeak-ng streams (a length that was not known when the header was written).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccops.errors import CcopsError

Samples = NDArray[np.float32]
"""Mono, full scale at ±1."""

_PCM, _EXTENSIBLE = 1, 0xFFFE


class NotWavError(CcopsError):
    """The bytes are not a WAV file that can be read."""

    code = "not_wav"


class Sound(NamedTuple):
    """Mono samples and how many of them make a second."""

    samples: Samples
    rate: int


def read_wav(data: bytes) -> Sound:
    """Decode PCM of 8 to 32 bits or float; several channels are averaged into one."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotWavError("This is not a WAV file.", remedy="Save it as WAV, uncompressed.")
    form: tuple[int, int, int, int] | None = None
    position = 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        body = data[position + 8 : position + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if kind == _EXTENSIBLE and len(body) >= 26:
                (kind,) = struct.unpack_from("<H", body, 24)
            form = kind, channels, rate, bits
        elif name == b"data" and form is not None:
            kind, channels, rate, bits = form
            if channels < 1 or rate < 1:
                break
            frames = _decode(body, kind, bits)
            whole = len(frames) // channels * channels
            mono = frames[:whole].reshape(-1, channels).mean(axis=1, dtype=np.float32)
            return Sound(mono, rate)
        position += 8 + size + size % 2
    raise NotWavError("The WAV file holds no sound.", remedy="Save it as WAV, uncompressed.")


def write_wav(samples: Samples, rate: int) -> bytes:
    """Mono, 16 bits."""
    body = to_int16(samples).astype("<i2").tobytes()
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(body), b"WAVE"),
        *(b"fmt ", 16, _PCM, 1, rate, rate * 2, 2, 16),
        *(b"data", len(body)),
    )
    return header + body


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Round to 16 bits; what exceeds full scale is held at full scale."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


def _decode(body: bytes, kind: int, bits: int) -> Samples:
    width = bits // 8
    if width:
        body = body[: len(body) // width * width]
    return _scaled(body, kind, bits).astype(np.float32)


def _scaled(body: bytes, kind: int, bits: int) -> NDArray[np.floating]:
    match kind, bits:
        case (1, 8):
            return (np.frombuffer(body, np.uint8) - 128.0) / 128
        case (1, 16):
            return np.frombuffer(body, "<i2") / 2**15
        case (1, 24):
            low, middle, high = np.frombuffer(body, np.uint8).reshape(-1, 3).T.astype(np.int32)
            return ((high << 24) | (middle << 16) | (low << 8)) / 2**31
        case (1, 32):
            return np.frombuffer(body, "<i4") / 2**31
        case (3, 32):
            return np.frombuffer(body, "<f4")
        case (3, 64):
            return np.frombuffer(body, "<f8")
    raise NotWavError(
        f"The WAV file's encoding (format {kind}, {bits} bits) is not known.",
        remedy="Save it as WAV, uncompressed.",
    )
