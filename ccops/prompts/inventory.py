"""What is spoken, in which words and by whom; what the studio still has to record.

Nothing here speaks: it tells of texts, of recordings, and of sounds that a build has made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ccops.config.model import Hotline
from ccops.config.types import Lang
from ccops.errors import CcopsError
from ccops.prompts import audio, catalogue
from ccops.prompts import espeak as espeak_ng
from ccops.prompts.plan import Fragment, plan
from ccops.prompts.sources import Cache, Voices, recording, source
from ccops.prompts.voice import VoiceEngine

_WAV_HEADER = 44


class UnknownPromptError(CcopsError):
    """There is no such prompt, or it has not been spoken yet."""

    code = "unknown_prompt"


@dataclass(frozen=True)
class Prompt:
    """One fragment of what callers and operators hear."""

    language: Lang
    name: str
    text: str
    recorded: bool
    """By a studio; otherwise a voice speaks."""
    seconds: float | None
    """At the usual pace; None until it has been made."""
    slow: bool
    """Whether there is a slow version."""
    slow_recorded: bool
    used_in: int
    """Files of sound that hold it, at the usual pace."""


@dataclass(frozen=True)
class Lacking:
    """A fragment for the studio."""

    fragment: Fragment
    text: str
    file: Path
    """Where the recording belongs, below the folder of recordings."""


class Inventory:
    """The prompts of one hotline. Reads files: call it in a thread."""

    def __init__(
        self,
        hotline: Hotline,
        espeak: espeak_ng.Program,
        cache_dir: Path,
        recordings_dir: Path,
        *,
        engines: Mapping[str, VoiceEngine] | None = None,
    ) -> None:
        self._texts = catalogue.load(hotline, recordings_dir)
        self._voices = Voices(hotline, espeak, engines)
        self._cache = Cache(cache_dir)
        self._recordings = recordings_dir
        self._uses: dict[Fragment, int] = {}
        self.planned = plan(hotline, self._texts)
        """Every file of sound."""
        for file in self.planned:
            for fragment in file.fragments:
                self._uses[fragment] = self._uses.get(fragment, 0) + 1

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """All that is spoken at the usual pace, in the order of the texts."""
        usual = {fragment.at_usual_pace(): None for fragment in self._uses}
        order = {
            (language, name): place
            for language, texts in self._texts.texts.items()
            for place, name in enumerate(texts)
        }
        languages = {fragment.language: place for place, fragment in reversed([*enumerate(usual)])}
        return tuple(
            sorted(usual, key=lambda one: (languages[one.language], order[one.language, one.name]))
        )

    def text(self, fragment: Fragment) -> str:
        """Its words."""
        return self._texts.text(fragment.language, fragment.name)

    def recorded(self, fragment: Fragment) -> bool:
        """Whether there is a studio's recording."""
        return recording(fragment, self._recordings).is_file()

    def prompts(self) -> list[Prompt]:
        """All of them, for the page that plays them."""
        return [self._prompt(fragment) for fragment in self.fragments]

    def wav(self, language: Lang, name: str, *, slow: bool = False) -> bytes:
        """How it sounds on the telephone: WAV, 8 kHz, 16 bits. Raises UnknownPromptError."""
        fragment = Fragment(language, name, slow)
        file = self.sound(fragment) if fragment in self._uses else None
        if file is None:
            raise UnknownPromptError(
                f"There is no sound for {fragment}.",
                remedy="The list of prompts names those that can be heard.",
            )
        return file.read_bytes()

    def sound(self, fragment: Fragment) -> Path | None:
        """The sound that a build has made of it, if there is one."""
        found = source(fragment, self.text(fragment), self._voices, self._recordings)
        file = None if found is None else self._cache.file(found)
        return file if file is not None and file.is_file() else None

    def seconds(self, fragment: Fragment) -> float | None:
        """How long it plays; None until it has been made."""
        sound = self.sound(fragment)
        return None if sound is None else (sound.stat().st_size - _WAV_HEADER) / 2 / audio.RATE

    def lacking(self) -> Iterator[Lacking]:
        """What is to be recorded: each fragment, and slow speech where the usual is recorded."""
        for fragment in self.fragments:
            wanted = fragment
            if self.recorded(fragment):
                wanted = Fragment(fragment.language, fragment.name, slow=True)
                if wanted not in self._uses or self.recorded(wanted):
                    continue
            yield Lacking(wanted, self.text(fragment), recording(wanted, Path()))

    def _prompt(self, fragment: Fragment) -> Prompt:
        slow = Fragment(fragment.language, fragment.name, slow=True)
        slow_recorded = self.recorded(slow)
        recorded = self.recorded(fragment)
        return Prompt(
            fragment.language,
            fragment.name,
            self.text(fragment),
            recorded,
            self.seconds(fragment),
            slow in self._uses and (slow_recorded or not recorded),
            slow_recorded,
            self._uses.get(fragment, 0),
        )
