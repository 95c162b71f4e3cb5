"""What the studio has delivered, looked at before anybody hears it. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ccops.config.product import COMPOSED
from ccops.config.wording import did_you_mean
from ccops.errors import CcopsError
from ccops.prompts import audio
from ccops.prompts.catalogue import LANGUAGES
from ccops.prompts.inventory import Inventory
from ccops.prompts.plan import HEAD_LIMIT, Fragment, Joined
from ccops.prompts.sources import SLOW_FOLDER, recording
from ccops.prompts.wav import Samples, read_wav

_KNOWN_SOUNDS = {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wma"}
_OVERLOADED = 0.001
"""Share of samples at full scale from which on distortion is heard."""
_FAINT = -45.0
"""dBFS: bringing less than this to the telephone's level makes the room's noise loud as well."""
_NARROW = 8000
"""Samples a second, below which speech is duller than the telephone's."""


@dataclass(frozen=True)
class RecordingFault:
    """What is wrong with a file; the remedy is for whoever recorded it."""

    file: str
    """Below the folder of recordings."""
    message: str
    remedy: str


def faults(inventory: Inventory, recordings_dir: Path) -> list[RecordingFault]:
    """Files that are used by nothing, and recordings that will not sound well."""
    known = {
        str(recording(fragment, Path())): fragment
        for usual in inventory.fragments
        for fragment in (usual, Fragment(usual.language, usual.name, slow=True))
    }
    found: list[RecordingFault] = []
    lengths: dict[Fragment, float] = {}
    for file in _sound_files(recordings_dir):
        path = str(file.relative_to(recordings_dir))
        fragment = known.get(path)
        if fragment is None:
            found += _unused(path, known)
            continue
        try:
            sound = read_wav(file.read_bytes())
            lengths[fragment] = len(audio.for_telephone(sound)) / audio.RATE
        except CcopsError as error:
            found.append(RecordingFault(path, error.message, error.remedy))
            continue
        found += _heard(path, sound.samples, sound.rate)
    return [*found, *_too_long(inventory, lengths)]


def _sound_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix.lower() in _KNOWN_SOUNDS | {".wav"}:
            yield file


def _unused(path: str, known: dict[str, Fragment]) -> Iterator[RecordingFault]:
    """A name that nothing asks for; what is recorded for another hotline's language is no fault."""
    message, given = "nothing uses this recording", Path(path)
    language, renamed = given.parts[0], str(given.with_suffix(".wav"))
    spoken = dict.fromkeys(fragment.language for fragment in known.values())
    if language not in LANGUAGES:
        folders = ", ".join(f"{each}/ or {each}/{SLOW_FOLDER}/" for each in spoken)
        yield RecordingFault(path, message, f"Put it into a language's folder: {folders}")
    elif language not in spoken:
        return
    elif renamed in known:
        yield RecordingFault(path, "this is not a WAV file", f"Save it as {renamed}, uncompressed")
    elif given.stem in COMPOSED:
        parts = "Record welcome and language-1, language-2 …: it is put together from them"
        yield RecordingFault(path, message, parts)
    else:
        names = [fragment.name for fragment in known.values() if fragment.language == language]
        guess = did_you_mean(given.stem, names)
        yield RecordingFault(path, message, guess or "Remove it, or give it a prompt's name")


def _heard(path: str, samples: Samples, rate: int) -> Iterator[RecordingFault]:
    overloaded = float((np.abs(samples) >= 0.999).mean())
    if overloaded > _OVERLOADED:
        message = f"it is overloaded: {overloaded:.1%} of it is at full scale"
        yield RecordingFault(path, message, "Record it again, less loud")
    level = audio.loudness(samples)
    if level < _FAINT:
        message = f"it is faint ({level:.0f} dBFS): noise will be heard once it is made louder"
        yield RecordingFault(path, message, "Record it again, louder or nearer")
    if rate < _NARROW:
        message = f"it has {rate} samples a second, the telephone has {_NARROW}"
        yield RecordingFault(path, message, "Save it with 16000 or more")


def _too_long(inventory: Inventory, lengths: dict[Fragment, float]) -> Iterator[RecordingFault]:
    """Of what the next caller hears: the longest announcement, if it holds a recording."""
    longest: dict[str, tuple[float, Joined]] = {}
    for file in inventory.planned:
        if file.limit is None or lengths.keys().isdisjoint(file.fragments):
            continue
        parts = [lengths.get(part) or inventory.seconds(part) for part in file.fragments]
        known = [part for part in parts if part is not None]
        total = sum(known) + file.breath * (len(parts) - 1)
        language = file.fragments[0].language
        if len(known) == len(parts) and total > max(file.limit, longest.get(language, (0.0,))[0]):
            longest[language] = total, file
    for total, file in longest.values():
        names = ", ".join(part.name for part in file.fragments)
        yield RecordingFault(
            str(recording(file.fragments[0], Path())),
            f"the next caller would hear {names} for {total:.1f} s, and no operator meanwhile",
            f"Speak them faster: together {HEAD_LIMIT:.0f} s at most",
        )
