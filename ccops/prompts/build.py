"""Texts to files of sound, ahead of need; only what changed is made again.

A fragment is spoken (or taken from a studio's recording) once and kept in the cache under a hash
of everything that decides how it sounds. Files are joined from fragments as A-law bytes, which is
what a trunk carries and what Asterisk plays without transcoding. What was written is noted in the
folder of sounds, so that the next build skips it and removes what is no longer wanted; files that
others put there are left alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from ccops.config.model import Hotline, Voice
from ccops.errors import CcopsError
from ccops.prompts import audio, catalogue
from ccops.prompts import espeak as espeak_ng
from ccops.prompts.plan import Fragment, Joined, plan
from ccops.prompts.voice import (
    DEFAULT_VOICES,
    VoiceEngine,
    engine_of,
    installed_engine,
)
from ccops.prompts.wav import Sound, read_wav, write_wav

log = structlog.get_logger(__name__)

SUFFIX = ".alaw"
NOTES = ".ccops-prompts.json"
_RECIPE = 1
"""Raise it when the same text and voice shall sound different."""
_PROCESSES = 2
_BRISK = 1.3
"""How much faster the next caller's announcement is spoken, and the fastest a voice may speak."""
_FASTEST = 300

Progress = Callable[[int, int, str], None]
"""Called with how many fragments are done, how many there are to do, and the name of one."""


@dataclass(frozen=True)
class BuildResult:
    """What a build did."""

    seconds: Mapping[str, float]
    """How long each file plays, by path without suffix (``uz/ccops/greeting``)."""
    spoken: int
    """Fragments the voice had to speak; the others were in the cache or recorded."""
    recorded: int
    """Fragments that a studio's recording stands for."""
    written: int
    removed: int


@dataclass(frozen=True)
class _Source:
    """Where a fragment's sound comes from, and the cache's name for it."""

    fragment: Fragment
    key: str
    sound: Callable[[], Sound]
    recorded: bool


def build(
    hotline: Hotline,
    espeak: espeak_ng.Program,
    sounds_dir: Path,
    cache_dir: Path,
    recordings_dir: Path,
    *,
    progress: Progress | None = None,
    engines: Mapping[str, VoiceEngine] | None = None,
) -> BuildResult:
    """Bring ``sounds_dir`` up to date; blocks, for a minute or two the first time.

    ``recordings_dir`` holds the texts and, per language, studio recordings. ``engines`` adds
    voices to the built-in one. Raises TextError, VoiceError or RecordingError; files already
    there stay whole in every case, and what was spoken is kept for the next attempt.
    """
    texts = catalogue.load(hotline, recordings_dir)
    files = plan(hotline, texts)
    voices = _Voices(hotline, {espeak_ng.NAME: espeak_ng.EspeakVoice(espeak), **(engines or {})})
    sources = {
        fragment: _source(fragment, texts, voices, recordings_dir)
        for fragment in dict.fromkeys(part for file in files for part in file.fragments)
    }
    cache_dir.mkdir(parents=True, exist_ok=True)
    spoken = _fill_cache(list(sources.values()), cache_dir, progress or (lambda *_: None))
    seconds, written, removed = _write(files, sources, sounds_dir, cache_dir)
    too_long = [file.path for file in files if seconds[file.path] > (file.limit or math.inf)]
    if too_long:
        log.warning("announcements too long: nobody is called while they play", files=too_long)
    recorded = sum(source.recorded for source in sources.values())
    return BuildResult(seconds, spoken, recorded, written, removed)


class RecordingError(CcopsError):
    """A studio's recording cannot be used."""

    code = "recording"


class _Voices:
    """Settings and engine of each language."""

    def __init__(self, hotline: Hotline, engines: dict[str, VoiceEngine]) -> None:
        self._configured = {**DEFAULT_VOICES, **hotline.voices}
        self._engines = engines

    def of(self, fragment: Fragment) -> tuple[str, VoiceEngine, Voice]:
        name, voice = engine_of(self._configured[fragment.language], espeak_ng.NAME)
        if fragment.name.startswith("next"):
            brisk = min(_FASTEST, round(voice.words_per_minute * _BRISK))
            voice = voice.model_copy(update={"words_per_minute": brisk})
        if name not in self._engines:
            self._engines[name] = installed_engine(name)
        return name, self._engines[name], voice


def _source(
    fragment: Fragment, texts: catalogue.Catalogue, voices: _Voices, recordings: Path
) -> _Source:
    text = texts.text(fragment.language, fragment.name)
    recording = recordings / fragment.language / f"{fragment.name}.wav"
    if recording.is_file():
        data = recording.read_bytes()
        return _Source(fragment, _hash(data), partial(read_wav, data), recorded=True)
    name, engine, voice = voices.of(fragment)
    key = _hash(
        json.dumps([name, engine.version, voice.model_dump(), fragment.language, text]).encode()
    )
    return _Source(
        fragment, key, partial(engine.speak, text, fragment.language, voice), recorded=False
    )


def _hash(data: bytes) -> str:
    recipe = f"{_RECIPE} {audio.RATE} {audio.LOUDNESS} {audio.PEAK} ".encode()
    return hashlib.sha256(recipe + data).hexdigest()[:32]


def _fill_cache(sources: list[_Source], cache: Path, progress: Progress) -> int:
    """Make the fragments that the cache lacks; returns how many the voice spoke."""
    wanted = {source.key: source for source in sources if not _cached(cache, source.key).is_file()}
    with ThreadPoolExecutor(_PROCESSES, thread_name_prefix="voice") as pool:
        running = {pool.submit(_make, source, cache): source.fragment for source in wanted.values()}
        try:
            for done, future in enumerate(as_completed(running), start=1):
                future.result()
                fragment = running[future]
                progress(done, len(running), f"{fragment.language} {fragment.name}")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sum(not source.recorded for source in wanted.values())


def _make(source: _Source, cache: Path) -> None:
    name = f"{source.fragment.language}/{source.fragment.name}"
    try:
        samples = audio.for_telephone(source.sound())
    except CcopsError as error:
        if not source.recorded:
            raise
        raise RecordingError(
            f"The recording {name}.wav cannot be used. {error.message}", remedy=error.remedy
        ) from error
    _replace(_cached(cache, source.key), write_wav(samples, audio.RATE))


def _cached(cache: Path, key: str) -> Path:
    return cache / f"{key}.wav"


def _write(
    files: list[Joined], sources: Mapping[Fragment, _Source], sounds: Path, cache: Path
) -> tuple[dict[str, float], int, int]:
    """Join what changed and remove what is not wanted; returns durations and the two counts."""
    notes = _read_notes(sounds)
    fresh: dict[str, list[str | int]] = {}
    encoded: dict[str, bytes] = {}
    written = 0
    for file in files:
        keys = [sources[fragment].key for fragment in file.fragments]
        key = _hash(json.dumps([keys, file.breath]).encode())
        target = sounds / f"{file.path}{SUFFIX}"
        note = notes.get(file.path)
        if note is None or note[0] != key or not _has_size(target, int(note[1])):
            for part in keys:
                if part not in encoded:
                    sound = read_wav(_cached(cache, part).read_bytes())
                    encoded[part] = audio.to_alaw(sound.samples)
            data = audio.silence(file.breath).join(encoded[part] for part in keys)
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, data)
            note = [key, len(data)]
            written += 1
        fresh[file.path] = note
    stale = notes.keys() - fresh.keys()
    for path in stale:
        _remove(sounds, path)
    if written or stale:
        _replace(sounds / NOTES, json.dumps(fresh, indent=0).encode())
    seconds = {path: int(note[1]) / audio.RATE for path, note in fresh.items()}
    return seconds, written, len(stale)


def _read_notes(sounds: Path) -> dict[str, list[str | int]]:
    """What the last build wrote: hash and size by path. Unreadable notes only cost time."""
    try:
        notes = json.loads((sounds / NOTES).read_bytes())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _remove(sounds: Path, path: str) -> None:
    (sounds / f"{path}{SUFFIX}").unlink(missing_ok=True)
    for folder in (sounds / path).parents:
        if folder == sounds or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def _replace(path: Path, data: bytes) -> None:
    """All or nothing: a call may be playing the old file."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
