"""Which files of sound a hotline needs, and of which fragments each is joined. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccops.config.model import Hotline
from ccops.config.types import Lang
from ccops.domain.variants import Variant, variants
from ccops.prompts.catalogue import Catalogue

BREATH = 0.35
"""Seconds of silence between sentences."""
SHORT_BREATH = 0.08
HEAD_LIMIT = 3.0
"""The same for the next caller, and how long that announcement may be: no operator is called for
this caller while it plays."""

_PIECES = ("welcome", "language-", "position-", "minutes-", "next")
"""Beginnings of the names that are only ever joined with others."""


@dataclass(frozen=True)
class Fragment:
    """One text, spoken or recorded as a whole."""

    language: Lang
    name: str


@dataclass(frozen=True)
class Joined:
    """One file of sound."""

    path: str
    """Below the folder of sounds, without the suffix: ``uz_p3_m5/ccops/wait``."""
    fragments: tuple[Fragment, ...]
    breath: float = BREATH
    limit: float | None = None
    """Seconds that it should not exceed."""


def plan(hotline: Hotline, catalogue: Catalogue) -> list[Joined]:
    """Every file, the general ones before the variants."""
    return [*_prompts(hotline, catalogue), *_greetings(hotline), *_announcements(hotline)]


def spoken_languages(hotline: Hotline) -> tuple[Lang, ...]:
    """The callers' languages, then those that only operators have."""
    operators = [one.language for one in hotline.operators.values() if one.language]
    return tuple(dict.fromkeys([*hotline.languages, *operators]))


def _prompts(hotline: Hotline, catalogue: Catalogue) -> Iterator[Joined]:
    for language in spoken_languages(hotline):
        for name in catalogue.texts[language]:
            if not name.startswith(_PIECES):
                yield Joined(f"{language}/ccops/{name}", (Fragment(language, name),))


def _greetings(hotline: Hotline) -> Iterator[Joined]:
    """The same for all: which language the caller speaks is not known yet."""
    welcome = tuple(Fragment(language, "welcome") for language in hotline.languages)
    choice = tuple(
        Fragment(language, f"language-{key}")
        for key, language in enumerate(hotline.languages, start=1)
    )
    greeting = welcome + choice if len(choice) > 1 else welcome
    for language in hotline.languages:
        yield Joined(f"{language}/ccops/greeting", greeting)
        yield Joined(f"{language}/ccops/language", choice)


def _announcements(hotline: Hotline) -> Iterator[Joined]:
    tariffs = frozenset([None, *(line.wait_is_paid for line in hotline.lines.values())])
    for language in hotline.languages:
        for variant in variants(language, tariffs):
            if variant.position == 1 and variant.paid is not None:
                # No time for the price; Asterisk falls back to the name without it.
                continue
            path = f"{variant.name}/ccops/wait"
            sentences = tuple(Fragment(language, name) for name in _sentences(variant))
            if variant.position == 1:
                yield Joined(path, sentences, SHORT_BREATH, HEAD_LIMIT)
            else:
                yield Joined(path, sentences)


def _sentences(variant: Variant) -> Iterator[str]:
    head = variant.position == 1
    yield "next" if head else f"position-{variant.position}"
    if variant.minutes is not None:
        yield f"next-minutes-{variant.minutes}" if head else f"minutes-{variant.minutes}"
    if variant.paid is not None:
        yield "paid" if variant.paid else "free"
