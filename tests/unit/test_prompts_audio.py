"""Sound on its way to the telephone."""

from __future__ import annotations

import numpy as np
import pytest

from ccops.prompts import audio
from ccops.prompts.audio import NoSoundError, for_telephone, from_alaw, loudness, peak, to_alaw
from ccops.prompts.wav import NotWavError, Samples, Sound, read_wav, to_int16, write_wav


def tone(hertz: float, seconds: float = 1.0, rate: int = 8000, level: float = 0.1) -> Samples:
    moments = np.arange(int(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * moments)).astype(np.float32)


def speech(level: float = 0.3, rate: int = 8000) -> Samples:
    """Noise in syllables: peaks far above the mean, as in speech."""
    noise = np.random.default_rng(7).standard_normal(3 * rate)
    syllables = np.abs(np.sin(np.arange(3 * rate) * 4 * np.pi / rate)) ** 3
    return (level * noise * syllables / 4).astype(np.float32)


@pytest.mark.parametrize(
    ("sample", "code"),
    # Of ITU-T G.711, table 1: both ends, zero from either side, the edges of segments.
    [(0, 0xD5), (-1, 0x55), (15, 0xD5), (16, 0xD4), (-16, 0x55), (-17, 0x54), (511, 0xCA),
     (512, 0xF5), (1023, 0xFA), (1024, 0xE5), (32767, 0xAA), (-32768, 0x2A)],
)  # fmt: skip
def test_alaw_codes(sample: int, code: int) -> None:
    assert to_alaw(np.array([sample / 32768], np.float32)) == bytes([code])


def test_alaw_silence_is_the_smallest_level() -> None:
    assert set(audio.silence(0.1)) == {audio.SILENCE}
    assert len(audio.silence(0.1)) == 800
    assert np.abs(from_alaw(audio.silence(0.1))).max() == 8 / 32768


@pytest.mark.parametrize("level", [0.02, 0.1, 0.9])
@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_everything_becomes_equally_loud(level: float, rate: int) -> None:
    samples = for_telephone(Sound(speech(level, rate), rate))
    assert loudness(samples) == pytest.approx(audio.LOUDNESS, abs=0.5)
    assert peak(samples) <= audio.PEAK + 0.01


def test_a_single_knock_is_held_without_distorting_the_rest() -> None:
    samples = tone(700)
    samples[4000:4004] = 0.999
    held = for_telephone(Sound(samples, 8000))
    assert peak(held) <= audio.PEAK + 0.01
    assert loudness(held) == pytest.approx(audio.LOUDNESS, abs=0.5)


def test_silence_at_the_ends_goes_and_pauses_within_stay() -> None:
    pause = np.zeros(4000, np.float32)
    sound = np.concatenate([pause, tone(700, 0.5), pause, tone(700, 0.5), pause, pause])
    samples = for_telephone(Sound(sound, 8000))
    assert len(samples) == pytest.approx(12000, abs=500)
    assert abs(samples[0]) < 0.001
    assert abs(samples[-1]) < 0.001


def test_offset_and_hum_do_not_count_as_sound() -> None:
    hum = tone(50, 3, level=0.005) + 0.1
    hum[8000:16000] += tone(700, 1)
    samples = for_telephone(Sound(hum.astype(np.float32), 8000))
    assert len(samples) == pytest.approx(8000, abs=500)
    assert abs(samples.mean()) < 0.001


def test_pauses_do_not_lower_the_loudness() -> None:
    once = tone(700, 1)
    with_pause = np.concatenate([once, np.zeros(16000, np.float32), once])
    assert loudness(with_pause) == pytest.approx(loudness(once), abs=0.1)


@pytest.mark.parametrize("samples", [np.zeros(8000), np.zeros(0), np.full(8000, 1e-5), [0.5]])
def test_nothing_to_hear_is_an_error(samples: list[float]) -> None:
    with pytest.raises(NoSoundError):
        for_telephone(Sound(np.array(samples, np.float32), 8000))


def test_wav_round_trip() -> None:
    samples = speech()
    sound = read_wav(write_wav(samples, 8000))
    assert sound.rate == 8000
    assert np.array_equal(to_int16(sound.samples), to_int16(samples))


def test_a_streamed_wav_without_a_length_is_read() -> None:
    data = bytearray(write_wav(tone(700), 8000))
    data[40:44] = b"\xff\xff\xff\x7f"
    assert len(read_wav(bytes(data)).samples) == 8000


def test_a_cut_wav_is_read_as_far_as_it_goes() -> None:
    assert len(read_wav(write_wav(tone(700), 8000)[:-1001]).samples) == 7499


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd",
        write_wav(tone(700), 8000).replace(b"fmt \x10\0\0\0\x01", b"fmt \x10\0\0\0\x06"),
    ],
    ids=["empty", "no chunks", "no format", "A-law in WAV"],
)
def test_what_is_not_understood_is_refused(data: bytes) -> None:
    with pytest.raises(NotWavError):
        read_wav(data)
