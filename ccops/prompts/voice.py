"""Voices: whatever turns a text into sound.

A voice's name in ``hotline.yaml`` is ``NAME`` for espeak-ng or ``ENGINE:NAME`` for another engine,
which a Python package provides as an entry point ``ENGINE`` of the group ``ccops.voices``: a class
without arguments that has :meth:`VoiceEngine.speak`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from ccops.config.model import Lang, Voice
from ccops.errors import CcopsError
from ccops.prompts.wav import NotWavError, Sound, read_wav

DEFAULT_VOICES: dict[Lang, Voice] = {
    "uz": Voice(name="uz", words_per_minute=155, pitch=45),
    "ru": Voice(name="ru", words_per_minute=130, pitch=45),
    "kk": Voice(name="kk", words_per_minute=140, pitch=45),
    "az": Voice(name="az", words_per_minute=155, pitch=45),
    "en": Voice(name="en-gb", words_per_minute=155, pitch=45),
}
"""Why these: ivr-prompts/README.md."""

ESPEAK = "espeak-ng"
_DEADLINE = 60.0

# espeak-ng knows the Uzbek letters oʻ and gʻ only with the plain apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ‘’`´", "'"))


class VoiceError(CcopsError):
    """A voice is missing or cannot speak."""

    code = "voice"


class VoiceEngine(Protocol):
    """The port: speech in some engine's voice."""

    def speak(self, text: str, language: Lang, voice: Voice) -> Sound:
        """Say ``text``. ``voice.name`` comes without the engine. Called from several threads."""
        ...


class Program(Protocol):
    """How to start a program: its command line and what its environment needs besides ours."""

    @property
    def command(self) -> Sequence[str]: ...
    @property
    def env(self) -> Mapping[str, str]: ...


class EspeakVoice:
    """The default engine, one process for a text."""

    def __init__(self, espeak: Program) -> None:
        self._espeak = espeak

    def speak(self, text: str, language: Lang, voice: Voice) -> Sound:
        command = [
            *self._espeak.command,
            *("-v", voice.name, "-s", str(voice.words_per_minute), "-p", str(voice.pitch)),
            *("-b", "1", "--stdin", "--stdout"),
        ]
        if language == "uz":
            text = text.translate(_APOSTROPHES)
        try:
            done = subprocess.run(
                command,
                input=text.encode(),
                capture_output=True,
                env={**os.environ, **self._espeak.env},
                timeout=_DEADLINE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise VoiceError(f"espeak-ng does not run: {error}.", remedy=_INSTALL) from error
        try:
            if done.returncode == 0:
                return read_wav(done.stdout)
        except NotWavError:
            pass
        reason = done.stderr.decode(errors="replace").strip() or f"status {done.returncode}"
        raise VoiceError(
            f"espeak-ng cannot speak {language} with the voice {voice.name!r}: {reason}",
            remedy=f"Name another under voices: {language}: (espeak-ng --voices lists them).",
        )


def engine_of(voice: Voice) -> tuple[str, Voice]:
    """The engine's name, and the voice as the engine knows it."""
    engine, separator, name = voice.name.rpartition(":")
    return (engine, voice.model_copy(update={"name": name})) if separator else (ESPEAK, voice)


def installed_engine(name: str) -> VoiceEngine:
    """An engine that a Python package brought."""
    found = entry_points(group="ccops.voices", name=name)
    if not found:
        raise VoiceError(
            f"There is no voice engine {name!r}.",
            remedy="Install the package that brings it, or correct the name under voices.",
        )
    engine: VoiceEngine = next(iter(found)).load()()
    return engine


_INSTALL = "Install espeak-ng, or let `make run` bring it."
