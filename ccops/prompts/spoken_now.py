"""A free text spoken at once, while calls go on: what is wrong today, in the supervisor's words."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import unicodedata
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from ccops.config.model import Hotline
from ccops.config.types import Lang
from ccops.domain.variants import SLOW
from ccops.errors import CcopsError
from ccops.prompts import audio
from ccops.prompts import espeak as espeak_ng
from ccops.prompts.build import SUFFIX
from ccops.prompts.plan import PAUSES, Fragment
from ccops.prompts.sources import Cache, Voices, replace
from ccops.prompts.voice import VoiceEngine

LONGEST = 500
"""Characters: about forty seconds. Nobody listens to more before pressing a key."""
_PREFIX = "said-"
_KEPT = 30 * 86400
"""Seconds for which a text that is said no longer is kept."""


class SaidTextError(CcopsError):
    """A text that cannot be spoken."""

    code = "said_text"


def speak_now(
    hotline: Hotline,
    texts: Mapping[str, str],
    espeak: espeak_ng.Program,
    sounds_dir: Path,
    cache_dir: Path,
    *,
    in_use: Collection[str] = (),
    engines: Mapping[str, VoiceEngine] | None = None,
) -> str:
    """Make ``texts``, one for each of the hotline's languages, playable; returns the prompt's name.

    Blocks for less than a second. The same texts have the same name, so that doing it again does
    no harm and brings back what was lost. Builds leave the files alone; here go those of other
    texts that nobody asked for in 30 days and that are not ``in_use``. Raises SaidTextError for a
    text that is missing, too long or no text, VoiceError where the voice fails.
    """
    checked = _checked(hotline, texts)
    digest = hashlib.sha256(json.dumps(checked, sort_keys=True).encode()).hexdigest()
    name = f"{_PREFIX}{digest[:12]}"
    voices, cache = Voices(hotline, espeak, engines), Cache(cache_dir)
    sources = [
        voices.speaks(Fragment(language, name, slow), text)
        for language, text in checked.items()
        for slow in (False, True)
    ]
    cache.fill(sources)
    for source in sources:
        folder = sounds_dir / f"{source.fragment.language}{SLOW if source.fragment.slow else ''}"
        file = folder / "ccops" / f"{name}{SUFFIX}"
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, cache.alaw(source) + audio.silence(PAUSES["."]))
    _forget(sounds_dir, {name, *in_use})
    return name


class SpeakNow:
    """:func:`speak_now` for the hotline in force, without stopping the calls meanwhile."""

    def __init__(
        self,
        hotline: Callable[[], Hotline],
        espeak: espeak_ng.Program,
        sounds_dir: Path,
        cache_dir: Path,
        in_use: Callable[[], Collection[str]],
    ) -> None:
        self._hotline = hotline
        self._espeak = espeak
        self._sounds = sounds_dir
        self._cache = cache_dir
        self._in_use = in_use

    async def speak(self, texts: Mapping[str, str]) -> str:
        """The prompt's name; its files lie ready afterwards."""
        return await asyncio.to_thread(
            speak_now,
            self._hotline(),
            texts,
            self._espeak,
            self._sounds,
            self._cache,
            in_use=self._in_use(),
        )


def _checked(hotline: Hotline, texts: Mapping[str, str]) -> dict[Lang, str]:
    lacking = [language for language in hotline.languages if not texts.get(language, "").strip()]
    if lacking:
        raise SaidTextError(
            f"The text is missing in: {', '.join(lacking)}.",
            remedy="Give it in every language of the hotline, or choose one of the standard texts.",
        )
    checked = {language: texts[language].strip() for language in hotline.languages}
    for language, text in checked.items():
        if any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in text):
            raise SaidTextError(
                f"The text ({language}) holds line breaks or signs that cannot be spoken.",
                remedy="Write it on one line, in letters, digits and punctuation.",
            )
        if len(text) > LONGEST:
            raise SaidTextError(
                f"The text ({language}) has {len(text)} characters; {LONGEST} are possible.",
                remedy="Say only what is wrong and what callers can do.",
            )
        if not any(letter.isalnum() for letter in text):
            raise SaidTextError(
                f"There is nothing to speak in the text ({language}).", remedy="Write it in words."
            )
    return checked


def _forget(sounds: Path, kept: Collection[str]) -> None:
    before = time.time() - _KEPT
    for file in sounds.glob(f"*/ccops/{_PREFIX}*{SUFFIX}"):
        if file.stem not in kept and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
