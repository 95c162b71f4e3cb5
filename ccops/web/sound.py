"""Sounds as a browser plays them: A-law, which telephones carry, is not known to all of them."""

from __future__ import annotations

import struct

RATE = 8000


def wav_of(alaw: bytes) -> bytes:
    """The same sound as a WAV file: mono, 16 bits, 8 kHz."""
    body = b"".join(map(_SAMPLES.__getitem__, alaw))
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(body), b"WAVE"),
        *(b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16),
        *(b"data", len(body)),
    )
    return header + body


def _sample(code: int) -> int:
    """ITU-T G.711: sign, three bits of exponent, four of mantissa; every second bit inverted."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 15) << 4
    size = mantissa + 8 if exponent == 0 else (mantissa + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


_SAMPLES = [struct.pack("<h", _sample(code)) for code in range(256)]
