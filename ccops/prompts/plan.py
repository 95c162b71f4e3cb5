"""Which files of sound a hotline needs, and of which fragments each is joined. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as changed

from ccops.config.model import Hotline
from ccops.config.product import PIECES
from ccops.config.types import Lang
from ccops.domain.variants import SLOW, Variant, variants
from ccops.prompts.catalogue import Catalogue

BREATH = 0.35
"""Seconds of silence between sentences."""
LONG_BREATH = 0.6
"""The same in slow speech."""
PAUSES = {".": 0.25, "!": 0.25, "?": 0.25, ":": 0.15, ",": 0.12}
"""Seconds of silence at the end of a prompt, by its last sign: dialogues play several in a row."""
SHORT_BREATH = 0.08
HEAD_LIMIT = 3.0
"""The same for the next caller, and how long that announcement may be: no operator is called for
this caller while it plays."""

_OPERATORS = "op-"
"""How names begin of what operators hear and callers never do."""


@dataclass(frozen=True)
class Fragment:
    """One text, spoken or recorded as a whole."""

    language: Lang
    name: str
    slow: bool = False
    """For callers who want slow speech."""

    def at_usual_pace(self) -> Fragment:
        """The same text for everybody else."""
        return changed(self, slow=False)

    def __str__(self) -> str:
        return f"{self.language} {self.name}{' slow' if self.slow else ''}"


@dataclass(frozen=True)
class Joined:
    """One file of sound."""

    path: str
    """Below the folder of sounds, without the suffix: ``uz_p3_m5/ccops/wait``."""
    fragments: tuple[Fragment, ...]
    breath: float = BREATH
    limit: float | None = None
    """Seconds that it should not exceed."""
    pause: float = 0.0
    """Seconds of silence at its end."""


def plan(hotline: Hotline, catalogue: Catalogue) -> list[Joined]:
    """Every file, the general ones before the variants."""
    usual = [*_prompts(hotline, catalogue), *_greetings(hotline)]
    slow = [_slowly(file) for file in usual if _callers_hear(hotline, file)]
    return [*usual, *slow, *_announcements(hotline)]


def spoken_languages(hotline: Hotline) -> tuple[Lang, ...]:
    """The callers' languages, then those that only operators have."""
    operators = [one.language for one in hotline.operators.values() if one.language]
    return tuple(dict.fromkeys([*hotline.languages, *operators]))


def pause(text: str) -> float:
    """Seconds of silence after ``text`` at the usual pace."""
    return PAUSES.get(text[-1], 0.0)


def _prompts(hotline: Hotline, catalogue: Catalogue) -> Iterator[Joined]:
    for language in spoken_languages(hotline):
        for name, text in catalogue.texts[language].items():
            if name.startswith(PIECES):
                continue
            if language in hotline.languages or name.startswith(_OPERATORS):
                path, parts = f"{language}/ccops/{name}", (Fragment(language, name),)
                yield Joined(path, parts, pause=pause(text))


def _greetings(hotline: Hotline) -> Iterator[Joined]:
    """The first is the same for all: which language the caller speaks is not known yet."""
    welcome = tuple(Fragment(language, "welcome") for language in hotline.languages)
    choice = tuple(
        Fragment(language, f"language-{key}")
        for key, language in enumerate(hotline.languages, start=1)
    )
    greeting = welcome + choice if len(choice) > 1 else welcome
    for language, own in zip(hotline.languages, welcome, strict=True):
        others = tuple(key for key in choice if key.language != language)
        yield Joined(f"{language}/ccops/greeting", greeting)
        yield Joined(f"{language}/ccops/greeting-known", (own, *others))
        yield Joined(f"{language}/ccops/language", choice)


def _callers_hear(hotline: Hotline, file: Joined) -> bool:
    first = file.fragments[0]
    return first.language in hotline.languages and not first.name.startswith(_OPERATORS)


def _slowly(file: Joined) -> Joined:
    language, _, rest = file.path.partition("/")
    slow = tuple(changed(fragment, slow=True) for fragment in file.fragments)
    longer = LONG_BREATH / BREATH
    return Joined(f"{language}{SLOW}/{rest}", slow, LONG_BREATH, pause=file.pause * longer)


def _announcements(hotline: Hotline) -> Iterator[Joined]:
    tariffs = frozenset(line.wait_is_paid for line in hotline.lines.values())
    offer_from = hotline.callbacks.offer_from
    for language in hotline.languages:
        for variant in variants(language, tariffs):
            path = f"{variant.name}/ccops/wait"
            sentences = tuple(
                Fragment(language, name, variant.slow) for name in _sentences(variant, offer_from)
            )
            if variant.position > 1:
                yield Joined(path, sentences, LONG_BREATH if variant.slow else BREATH)
            elif not variant.slow:
                # Slow speech would take too long; Asterisk falls back to the name without it.
                yield Joined(path, sentences, SHORT_BREATH, HEAD_LIMIT)


def _sentences(variant: Variant, offer_from: int) -> Iterator[str]:
    head = variant.position == 1
    brisk = "next-" if head else ""
    yield "next" if head else f"position-{variant.position}"
    if not variant.operators:
        yield f"{brisk}no-operators"
    if variant.minutes is not None:
        yield f"{brisk}minutes-{variant.minutes}"
    if variant.paid is not None:
        yield brisk + ("paid" if variant.paid else "free")
    if variant.offers_callback(offer_from):
        yield "callback-key"
