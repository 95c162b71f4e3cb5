"""A hotline to build prompts for, and a voice that is a tone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ccops.config.model import Hotline, Voice
from ccops.config.types import Lang
from ccops.prompts.build import BuildResult, build
from ccops.prompts.wav import Sound

TEXTS = Path(__file__).parents[2] / "ivr-prompts"


def hotline(languages: tuple[Lang, ...] = ("uz", "ru"), **changes: Any) -> Hotline:
    def each(text: str) -> dict[Lang, str]:
        return {language: f"{text} {language}" for language in languages}

    return Hotline.model_validate(
        {
            "version": 1,
            "organisation": {"name": each("Ministry"), "country": "UZ"},
            "time_zone": "Asia/Tashkent",
            "languages": languages,
            "sub_lines": {"main": {"label": "1", "name": each("Main")}},
            "lines": {"1000": {"name": each("Line"), "menu": "main", "fallback_queue": "main"}},
            "menus": {
                "main": {
                    "prompt": "main-menu",
                    "keys": {"1": {"queue": "main"}},
                    "otherwise": {"queue": "main"},
                }
            },
            "queues": {"main": {"name": each("Queue"), "sub_line": "main"}},
            "prompts": {"main-menu": each("Press one")},
            **changes,
        }
    )


@dataclass
class ToneVoice:
    """Says a text as a tone whose pitch and length depend on it, between two silences."""

    version: str = "1"
    said: list[tuple[str, str, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def speak(self, text: str, language: Lang, voice: Voice) -> Sound:
        with self._lock:
            self.said.append((language, text, voice.words_per_minute))
        rate = 8000
        moments = np.arange(int(rate * (0.1 + len(text) * 0.004))) / rate
        pitch = 300 + sum(text.encode()) % 1500
        tone = 0.1 * np.sin(2 * np.pi * pitch * moments)
        return Sound(np.pad(tone, rate // 5).astype(np.float32), rate)


@dataclass(frozen=True)
class NoProgram:
    """Stands where espeak-ng would be."""

    command: tuple[str, ...] = ("/nonexistent/espeak-ng",)
    version: str = ""

    @property
    def env(self) -> dict[str, str]:
        return {}


@dataclass
class Workshop:
    """Folders of one test, and a build in them."""

    root: Path
    texts: Path = TEXTS
    voice: ToneVoice = field(default_factory=ToneVoice)

    @property
    def sounds(self) -> Path:
        return self.root / "sounds"

    def build(self, what: Hotline, **options: Any) -> BuildResult:
        self.voice.said.clear()
        return build(
            what,
            NoProgram(),
            self.sounds,
            self.root / "cache",
            self.texts,
            **{"engines": {"espeak-ng": self.voice}, **options},
        )

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.sounds)): path.read_bytes()
            for path in self.sounds.rglob("*.alaw")
        }
