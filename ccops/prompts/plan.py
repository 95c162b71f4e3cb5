"""Which files of sound a hotline needs, and of which fragments each is joined. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccops.config.model import Hotline
from ccops.config.product import PIECES
from ccops.config.types import Lang
from ccops.domain.variants import Variant, variants
from ccops.prompts.catalogue import Catalogue

BREATH = 0.35
"""Seconds of silence between sentences."""
SHORT_BREATH = 0.08
HEAD_LIMIT = 3.0
"""The same for the next caller, and how long that announcement may be: no operator is called for
this caller while it plays."""


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
            if not name.startswith(PIECES):
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
        others = tuple(part for part in choice if part.language != language)
        yield Joined(f"{language}/ccops/greeting-known", (Fragment(language, "welcome"), *others))


def _announcements(hotline: Hotline) -> Iterator[Joined]:
    tariffs = frozenset(line.wait_is_paid for line in hotline.lines.values())
    offer_from = hotline.callbacks.offer_from
    for language in hotline.languages:
        for variant in variants(language, tariffs):
            if variant.slow:
                continue
            path = f"{variant.name}/ccops/wait"
            sentences = tuple(Fragment(language, name) for name in _sentences(variant, offer_from))
            if variant.position == 1:
                yield Joined(path, sentences, SHORT_BREATH, HEAD_LIMIT)
            else:
                yield Joined(path, sentences)


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
