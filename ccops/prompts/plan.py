"""Which files of sound a hotline needs, and of which fragments each is joined. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ccops.config.model import Hotline, Lang
from ccops.domain.variants import Variant, variants
from ccops.prompts.catalogue import COMPOSED, Catalogue

BREATH = 0.35
"""Seconds of silence between sentences."""
SHORT_BREATH = 0.08
"""The same in what the next caller hears, which has three seconds."""

WAIT = "wait"
_ROW_PREFIXES = ("language-", "position-", "minutes-", "next", "free", "paid")


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
            if not name.startswith(_ROW_PREFIXES) and name != "welcome":
                yield Joined(f"{language}/ccops/{name}", (Fragment(language, name),))


def _greetings(hotline: Hotline) -> Iterator[Joined]:
    """One greeting for all: the caller's language is not known yet."""
    fragments = [Fragment(language, "welcome") for language in hotline.languages]
    if len(hotline.languages) > 1:
        fragments += [
            Fragment(language, f"language-{key}")
            for key, language in enumerate(hotline.languages, start=1)
        ]
    for language in hotline.languages:
        yield Joined(f"{language}/ccops/{COMPOSED}", tuple(fragments))


def _announcements(hotline: Hotline) -> Iterator[Joined]:
    tariffs = frozenset([None, *(line.wait_is_paid for line in hotline.lines.values())])
    for language in hotline.languages:
        for variant in variants(language, tariffs):
            head = variant.position == 1
            yield Joined(
                f"{variant.name}/ccops/{WAIT}",
                tuple(Fragment(language, name) for name in _sentences(variant)),
                SHORT_BREATH if head else BREATH,
            )


def _sentences(variant: Variant) -> Sequence[str]:
    head = variant.position == 1
    names = ["next" if head else f"position-{variant.position}"]
    if variant.minutes is not None:
        names.append(f"minutes-{variant.minutes}")
    if variant.paid is not None:
        names.append("paid" if variant.paid else "free")
    return [names[0], *(f"next-{name}" for name in names[1:])] if head else names
