"""What holds for every announcement and every sound."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.domain.variants import (
    MINUTES,
    MORE,
    POSITIONS,
    Variant,
    spoken_minutes,
    spoken_position,
    variant,
    variants,
)
from ccops.prompts.audio import from_alaw, to_alaw
from tests.unit.prompts_support import Workshop, hotline

languages = st.sampled_from(["uz", "ru"])
positions = st.integers(min_value=1, max_value=10_000)
waits = st.none() | st.floats(min_value=0, max_value=1e9)
tariffs = st.sampled_from([None, False, True])


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a hotline that has a paid line and a free one."""
    workshop = Workshop(tmp_path_factory.mktemp("prompts"))
    line = dict(hotline().lines["1000"])
    lines = {"1000": line, "2000": {**line, "wait_is_paid": True}}
    workshop.build(hotline(lines=lines))
    return workshop.sounds


def resolve(sounds: Path, language: str) -> Path | None:
    """Where Asterisk finds ``ccops/wait``: it cuts the language at its last "_" until it does."""
    while True:
        if (file := sounds / language / "ccops" / "wait.alaw").is_file():
            return file
        language, found, _ = language.rpartition("_")
        if not found:
            return None


@given(language=languages, position=positions, seconds=waits, paid=tariffs)
def test_whatever_the_announcer_asks_for_is_there(
    sounds: Path, language: str, position: int, seconds: float | None, paid: bool | None
) -> None:
    name = variant(language, position, seconds, paid)
    found = resolve(sounds, name)
    assert found is not None
    expected = name if position > 1 else re.sub(r"_(free|paid)$", "", name)
    assert found.parent.parent.name == expected


@given(language=languages, position=positions, seconds=waits, paid=tariffs)
def test_names_suit_asterisk(
    language: str, position: int, seconds: float | None, paid: bool | None
) -> None:
    name = variant(language, position, seconds, paid)
    assert len(name) <= 39
    assert re.fullmatch(r"[a-z]{2}(_[a-z0-9]+)+", name)
    assert name.split("_")[0] == language
    assert Variant.of(language, position, seconds, paid) in set(
        variants(language, frozenset([None, False, True]))
    )


@given(st.floats(min_value=0, max_value=1800))
def test_the_spoken_wait_is_the_smallest_step_that_holds(seconds: float) -> None:
    step = spoken_minutes(seconds)
    if step == 0:
        assert seconds < 60
        return
    assert seconds <= step * 60
    smaller = MINUTES[MINUTES.index(step) - 1]
    assert seconds > smaller * 60 or (smaller == 0 and seconds == 60)


@given(st.floats(min_value=0, max_value=1e7), st.floats(min_value=0, max_value=1e7))
def test_a_longer_wait_never_sounds_shorter(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert spoken_minutes(shorter) <= spoken_minutes(longer)


@given(st.integers(min_value=-5, max_value=200))
def test_positions(position: int) -> None:
    if position < 1:
        with pytest.raises(ValueError, match="begin at 1"):
            spoken_position(position)
    else:
        assert spoken_position(position) == (position if position <= 20 else MORE)
        assert spoken_position(position) in POSITIONS


@given(st.lists(st.integers(min_value=-32768, max_value=32767), min_size=1))
def test_alaw_keeps_every_sample_within_half_a_step(samples: list[int]) -> None:
    heard = from_alaw(to_alaw((np.array(samples) / 32768).astype(np.float32))) * 32768
    for before, after in zip(samples, heard, strict=True):
        size = abs(before)
        step = 16 if size < 512 else 2 ** (size.bit_length() - 5)
        assert abs(after - before) <= step / 2 + 1


@given(st.binary(min_size=1))
def test_alaw_bytes_survive_decoding_and_encoding(data: bytes) -> None:
    assert to_alaw(from_alaw(data)) == data
