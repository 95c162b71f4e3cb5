"""Where a fragment's sound comes from, a studio's recording or a voice, and the cache of sounds.

The cache keeps every fragment as it sounds on the telephone, under a hash of all that decides it.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ccops.config.model import Hotline, Voice
from ccops.errors import CcopsError
from ccops.prompts import audio
from ccops.prompts import espeak as espeak_ng
from ccops.prompts.plan import Fragment
from ccops.prompts.voice import DEFAULT_VOICES, VoiceEngine, engine_of, installed_engine
from ccops.prompts.wav import Samples, Sound, read_wav, write_wav

Progress = Callable[[int, int, str], None]
"""Called with how many fragments are done, how many there are to do, and the name of one."""

SLOW_FOLDER = "slow"
"""Where, beside a language's recordings, those for callers who want slow speech lie."""

_RECIPE = 2
"""Raise it when the same text and voice shall sound different."""
_PROCESSES = 2
_BRISK = 1.3
"""How much faster the next caller's announcement is spoken, and the fastest a voice may speak."""
_FASTEST = 300
_CLEAR = 0.8
"""How much slower digits are spoken: a number is read back to be checked."""
_SLOW = 0.7
"""How much slower for callers who want it, and the slowest that espeak-ng speaks."""
_SLOWEST = 80


class RecordingError(CcopsError):
    """A studio's recording cannot be used."""

    code = "recording"


@dataclass(frozen=True)
class Source:
    """Where a fragment's sound comes from, and the cache's name for it."""

    fragment: Fragment
    key: str
    sound: Callable[[], Sound]
    recorded: bool


class Voices:
    """Settings and engine of each language."""

    def __init__(
        self,
        hotline: Hotline,
        espeak: espeak_ng.Program,
        others: Mapping[str, VoiceEngine] | None = None,
    ) -> None:
        self._configured = {**DEFAULT_VOICES, **hotline.voices}
        self._engines = {espeak_ng.NAME: espeak_ng.EspeakVoice(espeak), **(others or {})}

    def speaks(self, fragment: Fragment, text: str) -> Source:
        """``text`` in the language's voice, at the pace that suits the fragment."""
        language = fragment.language
        name, voice = engine_of(self._configured[language], espeak_ng.NAME)
        voice = _paced(voice, fragment)
        if name not in self._engines:
            self._engines[name] = installed_engine(name)
        engine = self._engines[name]
        decides = [name, engine.version, voice.model_dump(), language, text]
        key = _hash(json.dumps(decides).encode())
        return Source(fragment, key, partial(engine.speak, text, language, voice), recorded=False)


def recording(fragment: Fragment, recordings: Path) -> Path:
    """Where a studio's recording of the fragment belongs."""
    folder = recordings / fragment.language
    return (folder / SLOW_FOLDER if fragment.slow else folder) / f"{fragment.name}.wav"


def source(fragment: Fragment, text: str, voices: Voices, recordings: Path) -> Source | None:
    """None for slow speech where only the usual pace is recorded: two voices do not mix."""
    file = recording(fragment, recordings)
    if file.is_file():
        data = file.read_bytes()
        return Source(fragment, _hash(data), partial(read_wav, data), recorded=True)
    if fragment.slow and recording(fragment.at_usual_pace(), recordings).is_file():
        return None
    return voices.speaks(fragment, text)


class Cache:
    """Sounds of fragments, ready for the telephone, each a WAV file of 16 bits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, source: Source) -> Path:
        """Where the fragment's sound is kept, once it has been made."""
        return self._folder / f"{source.key}.wav"

    def fill(self, sources: Collection[Source], progress: Progress | None = None) -> int:
        """Make what is lacking; returns how many fragments a voice spoke.

        In an order of its own, leaving out what is there by then: several hotlines that start at
        the same time, with an empty cache, so share the work.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        wanted = list({one.key: one for one in sources if not self.file(one).is_file()}.values())
        random.shuffle(wanted)
        spoken = 0
        with ThreadPoolExecutor(_PROCESSES, thread_name_prefix="voice") as pool:
            running = {pool.submit(self._make, one): one.fragment for one in wanted}
            try:
                for done, future in enumerate(as_completed(running), start=1):
                    spoken += future.result()
                    if progress is not None:
                        progress(done, len(running), str(running[future]))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return spoken

    def alaw(self, source: Source) -> bytes:
        """The sound as trunks carry it."""
        return audio.to_alaw(read_wav(self.file(source).read_bytes()).samples)

    def _make(self, source: Source) -> bool:
        """Whether a voice spoke."""
        if self.file(source).is_file():
            return False
        replace(self.file(source), write_wav(_for_telephone(source), audio.RATE))
        return not source.recorded


def _for_telephone(source: Source) -> Samples:
    try:
        return audio.for_telephone(source.sound())
    except CcopsError as error:
        if not source.recorded:
            raise
        raise RecordingError(
            f"The recording {recording(source.fragment, Path())} cannot be used. {error.message}",
            remedy=error.remedy,
        ) from error


def replace(path: Path, data: bytes) -> None:
    """All or nothing: a call may be playing the old file."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _paced(voice: Voice, fragment: Fragment) -> Voice:
    pace = voice.words_per_minute
    if fragment.slow:
        pace = max(_SLOWEST, round(pace * _SLOW))
    elif fragment.name.startswith("next"):
        pace = min(_FASTEST, round(pace * _BRISK))
    elif fragment.name.startswith("digit-"):
        pace = max(_SLOWEST, round(pace * _CLEAR))
    return voice.model_copy(update={"words_per_minute": pace})


def _hash(data: bytes) -> str:
    recipe = f"{_RECIPE} {audio.RATE} {audio.LOUDNESS} {audio.PEAK} ".encode()
    return hashlib.sha256(recipe + data).hexdigest()[:32]
