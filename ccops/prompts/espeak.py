"""The default voice engine: espeak-ng, one process for a text."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Protocol

from ccops.config.model import Voice
from ccops.config.types import Lang
from ccops.prompts.voice import VoiceError
from ccops.prompts.wav import NotWavError, Sound, read_wav

NAME = "espeak-ng"
_DEADLINE = 60.0

# espeak-ng knows the Uzbek letters oʻ and gʻ only with the plain apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ‘’`´", "'"))
_UZBEK_WORD = re.compile(r"[a-z']*i[a-z']*", re.IGNORECASE)


class Program(Protocol):
    """How to start a program: its command line and what its environment needs besides ours."""

    @property
    def command(self) -> Sequence[str]: ...
    @property
    def env(self) -> Mapping[str, str]: ...
    @property
    def version(self) -> str: ...


class EspeakVoice:
    """Voices of espeak-ng, by their names (``espeak-ng --voices``)."""

    def __init__(self, espeak: Program) -> None:
        self._espeak = espeak

    @property
    def version(self) -> str:
        return self._espeak.version

    def speak(self, text: str, language: Lang, voice: Voice) -> Sound:
        if language == "uz":
            text = self._uzbek(text.translate(_APOSTROPHES), voice)
        output = self._run(
            text, voice, *("-s", str(voice.words_per_minute), "-p", str(voice.pitch)), "--stdout"
        )
        try:
            return read_wav(output)
        except NotWavError as error:
            raise VoiceError(
                f"espeak-ng spoke nothing with the voice {voice.name!r}: {text!r}.",
                remedy="Correct the text, or name another voice under voices:.",
            ) from error

    def _uzbek(self, text: str, voice: Voice) -> str:
        """Give words with "i" as phonemes: releases up to 1.52 say it as the "ü" of Turkish.

        What the voice would say is asked for, one word to a line; only words in which it says
        that ``y`` are replaced, so that a corrected release speaks by itself. The same releases
        read "ngʻ" (in "qoʻngʻiroq", a call) as "ng" and a stop.
        """
        words = list(dict.fromkeys(_UZBEK_WORD.findall(text)))
        if not words:
            return text
        lines = self._run("\n\n".join(words), voice, "-q", "-x").decode().split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        if len(spoken) != len(words):
            return text
        phonemes = {
            word: f"[[{_corrected(line)}]]"
            for word, line in zip(words, spoken, strict=True)
            if "y" in line and "(" not in line
        }
        return _UZBEK_WORD.sub(lambda match: phonemes.get(match[0], match[0]), text)

    def _run(self, text: str, voice: Voice, *options: str) -> bytes:
        command = [*self._espeak.command, "-v", voice.name, *options, "-b", "1", "--stdin"]
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
            raise VoiceError(
                f"espeak-ng does not run: {error}.", remedy="Let `make setup` bring it again."
            ) from error
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip() or f"status {done.returncode}"
            raise VoiceError(
                f"espeak-ng cannot speak with the voice {voice.name!r}: {reason}",
                remedy="Name another under voices: (espeak-ng --voices lists them).",
            )
        return done.stdout


def _corrected(phonemes: str) -> str:
    return phonemes.replace("y", "i").replace("N?", 'nQ"')
