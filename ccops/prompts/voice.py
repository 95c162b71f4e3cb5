"""Voices: whatever turns a text into sound.

A voice's name in ``hotline.yaml`` is ``NAME`` for espeak-ng or ``ENGINE:NAME`` for another engine,
which a Python package provides as an entry point ``ENGINE`` of the group ``ccops.voices``: a class
without arguments that is a :class:`VoiceEngine`.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Protocol

from ccops.config.model import Voice
from ccops.config.types import Lang
from ccops.errors import CcopsError
from ccops.prompts.wav import Sound

DEFAULT_VOICES: dict[Lang, Voice] = {
    "uz": Voice(name="uz", words_per_minute=150, pitch=45),
    "ru": Voice(name="ru", words_per_minute=125, pitch=45),
    "kk": Voice(name="kk", words_per_minute=140, pitch=45),
    "az": Voice(name="az", words_per_minute=150, pitch=45),
    "en": Voice(name="en-gb", words_per_minute=155, pitch=45),
}
"""Why these: ivr-prompts/README.md."""


class VoiceError(CcopsError):
    """A voice is missing or cannot speak."""

    code = "voice"


class VoiceEngine(Protocol):
    """The port: speech in some engine's voice."""

    @property
    def version(self) -> str:
        """Another version speaks differently: everything is made anew."""
        ...

    def speak(self, text: str, language: Lang, voice: Voice) -> Sound:
        """Say ``text``. ``voice.name`` comes without the engine. Called from several threads."""
        ...


def engine_of(voice: Voice, default: str) -> tuple[str, Voice]:
    """The engine's name, and the voice as the engine knows it."""
    engine, _, name = voice.name.rpartition(":")
    return engine or default, voice.model_copy(update={"name": name})


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
