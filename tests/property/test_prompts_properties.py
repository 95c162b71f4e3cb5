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
    variants,
)
from ccops.prompts.audio import from_alaw, to_alaw
from tests.unit.prompts_support import Workshop, hotline

languages = st.sampled_from(["uz", "ru"])
positions = st.integers(min_value=1, max_value=10_000)
waits = st.none() | st.floats(min_value=0, max_value=1e9)
tariffs = st.sampled_from([None, False, True])
yes_or_no = st.booleans()
asked = st.builds(
    Variant.of,
    languages,
    positions,
    waits,
    tariffs,
    operators=yes_or_no,
    slow=yes_or_no,
    time=yes_or_no,
)


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


@given(asked)
def test_whatever_the_announcer_asks_for_is_there(sounds: Path, variant: Variant) -> None:
    found = resolve(sounds, variant.name)
    assert found is not None
    expected = variant.name.removesuffix("_slow") if variant.position == 1 else variant.name
    assert found.parent.parent.name == expected


@given(asked)
def test_names_suit_asterisk(variant: Variant) -> None:
    assert len(variant.name) <= 39
    assert re.fullmatch(r"[a-z]{2}_p\d+(_m\d+|_x)?(_free|_paid)?(_slow)?", variant.name)
    assert variant in set(variants(variant.language, frozenset([False, True])))


@given(positions, waits, tariffs, yes_or_no)
def test_time_and_price_are_not_told_again_within_a_minute(
    position: int, seconds: float | None, paid: bool | None, operators: bool
) -> None:
    told = Variant.of("uz", position, seconds, paid, operators=operators, time=False)
    assert told.name == f"uz_p{spoken_position(position)}"
    assert not told.offers_callback(0)


@given(asked, st.integers(min_value=0, max_value=7200))
def test_a_callback_is_offered_for_a_long_wait_and_never_to_the_next(
    variant: Variant, offer_from: int
) -> None:
    offered = variant.offers_callback(offer_from)
    if variant.position == 1:
        assert not offered
    elif variant.minutes is not None:
        assert offered == (variant.minutes == MORE or variant.minutes * 60 >= offer_from)
    elif not variant.operators:
        assert offered


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
