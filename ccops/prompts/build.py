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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from ccops.config.model import Hotline
from ccops.prompts import audio, catalogue
from ccops.prompts import espeak as espeak_ng
from ccops.prompts.plan import Fragment, Joined, plan
from ccops.prompts.sources import Cache, Progress, Source, Voices, replace, source
from ccops.prompts.voice import VoiceEngine

log = structlog.get_logger(__name__)

SUFFIX = ".alaw"
NOTES = ".ccops-prompts.json"


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
    planned = plan(hotline, texts)
    voices = Voices(hotline, espeak, engines)
    fragments = dict.fromkeys(part for file in planned for part in file.fragments)
    sources = {
        fragment: found
        for fragment in fragments
        if (
            found := source(
                fragment, texts.text(fragment.language, fragment.name), voices, recordings_dir
            )
        )
    }
    files = [file for file in planned if sources.keys() >= set(file.fragments)]
    cache = Cache(cache_dir)
    spoken = cache.fill(sources.values(), progress)
    seconds, written, removed = _write(files, sources, sounds_dir, cache)
    too_long = [file.path for file in files if seconds[file.path] > (file.limit or math.inf)]
    if too_long:
        log.warning("announcements too long: nobody is called while they play", files=too_long)
    recorded = sum(one.recorded for one in sources.values())
    return BuildResult(seconds, spoken, recorded, written, removed)


def _write(
    files: list[Joined], sources: Mapping[Fragment, Source], sounds: Path, cache: Cache
) -> tuple[dict[str, float], int, int]:
    """Join what changed and remove what is not wanted; returns durations and the two counts."""
    notes = _read_notes(sounds)
    fresh: dict[str, list[str | int]] = {}
    encoded: dict[str, bytes] = {}
    written = 0
    for file in files:
        parts = [sources[fragment] for fragment in file.fragments]
        decides = [[part.key for part in parts], file.breath, file.pause]
        key = hashlib.sha256(json.dumps(decides).encode())
        target = sounds / f"{file.path}{SUFFIX}"
        note = notes.get(file.path)
        if note is None or note[0] != key.hexdigest() or not _has_size(target, int(note[1])):
            for part in parts:
                if part.key not in encoded:
                    encoded[part.key] = cache.alaw(part)
            data = audio.silence(file.breath).join(encoded[part.key] for part in parts)
            data += audio.silence(file.pause)
            target.parent.mkdir(parents=True, exist_ok=True)
            replace(target, data)
            note = [key.hexdigest(), len(data)]
            written += 1
        fresh[file.path] = note
    stale = notes.keys() - fresh.keys()
    for path in stale:
        _remove(sounds, path)
    if written or stale:
        replace(sounds / NOTES, json.dumps(fresh, indent=0).encode())
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
