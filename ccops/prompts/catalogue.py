"""The texts that are spoken: the product's own and the ministry's.

``ivr-prompts/<language>.yaml`` maps names to texts; ``prompts:`` of ``hotline.yaml`` adds the
ministry's and may replace the product's by giving the same name. A name that ends in ``-N`` is a
pattern for a row of fragments; a text given for one of them takes precedence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ccops.config.model import Hotline
from ccops.config.product import COMPOSED, ROWS
from ccops.config.types import Lang
from ccops.domain.variants import MINUTES, MORE, POSITIONS
from ccops.errors import CcopsError
from ccops.prompts import grammar, moments

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
_STEPS = tuple(step for step in MINUTES if step not in (0, MORE))
_ROWS: dict[str, Sequence[int]] = {
    "language": range(1, len(LANGUAGES) + 1),
    "position": tuple(place for place in POSITIONS if place != MORE),
    "minutes": _STEPS,
    "next-minutes": _STEPS,
    **ROWS,
}
"""Patterns and what N runs through; the texts for 0 and 99 minutes and place 99 are written out."""


class TextError(CcopsError):
    """A text is missing or cannot be read."""

    code = "prompt_text"


@dataclass(frozen=True)
class Catalogue:
    """Every fragment that can be spoken, in words, by language and name."""

    texts: Mapping[Lang, Mapping[str, str]]

    def text(self, language: Lang, name: str) -> str:
        """The words of a fragment."""
        try:
            return self.texts[language][name]
        except KeyError:
            raise _missing([f"{name} ({language})"]) from None


def load(hotline: Hotline, folder: Path) -> Catalogue:
    """Read the texts; raises :class:`TextError` naming everything that is missing."""
    product = {language: _read(folder / f"{language}.yaml") for language in LANGUAGES}
    names = list(dict.fromkeys(name for texts in product.values() for name in texts))
    faults = [
        f"{name} ({language})"
        for language in LANGUAGES
        for name in names
        if name not in product[language]
    ] + [
        f"{name} ({language})"
        for name, texts in hotline.prompts.items()
        for language in hotline.languages
        if language not in texts
    ]
    if faults:
        raise _missing(faults)
    for name in COMPOSED & hotline.prompts.keys():
        raise TextError(
            f"The prompt {name!r} is put together and cannot be given as a text.",
            remedy="Give welcome or language-1, language-2 … under prompts: instead.",
        )
    return Catalogue(
        {
            language: _expand(
                language,
                product[language],
                {
                    name: texts[language]
                    for name, texts in hotline.prompts.items()
                    if language in texts
                },
                organisation=hotline.organisation.name.get(language, ""),
            )
            for language in LANGUAGES
        }
    )


def _expand(
    language: Lang, product: Mapping[str, str], ministry: Mapping[str, str], organisation: str
) -> dict[str, str]:
    """Rows written out, places in braces filled, the ministry's texts before the product's."""
    texts: dict[str, str] = {}
    for name, text in product.items():
        stem, is_row, _ = name.rpartition("-N")
        if not is_row:
            texts[name] = _fill(ministry.get(name, text), name, organisation=organisation)
            continue
        for number in _ROWS.get(stem, ()):
            texts.setdefault(
                f"{stem}-{number}",
                _fill(text, name, **_words(language, stem, number)),
            )
    return texts | {name: text for name, text in ministry.items() if name not in product}


def _words(language: Lang, stem: str, number: int) -> Mapping[str, str]:
    """What a pattern's text can have in braces, for one N."""
    match stem:
        case "language":
            return {"key": grammar.key(language, str(number))}
        case "position":
            return {"ordinal": grammar.ordinal(language, number)}
        case "minutes" | "next-minutes":
            return {
                "minutes": grammar.minutes(language, number),
                "minutes_genitive": grammar.minutes(language, number, "genitive"),
            }
        case "day":
            return {"day": moments.day(language, number)}
        case "month":
            return {"month": moments.month(language, number)}
        case "hour":
            return {"hour": moments.hour(language, number)}
        case "hour-and":
            return {"hour_and": moments.hour_and(language, number)}
        case "minute":
            return {"minute": moments.minute(language, number)}
        case _:
            return {"digit": grammar.cardinal(language, number)}


def _fill(text: str, name: str, **words: str) -> str:
    try:
        return text.format_map(words)
    except (KeyError, ValueError, IndexError) as error:
        raise TextError(
            f"The prompt {name!r} has something in braces that cannot be filled: {error}.",
            remedy="Use only what the head of ivr-prompts/en.yaml lists.",
        ) from error


def _read(path: Path) -> dict[str, str]:
    try:
        texts = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise TextError(f"The texts in {path.name} cannot be read: {error}") from error
    if not isinstance(texts, dict) or not all(
        isinstance(part, str) and part for pair in texts.items() for part in pair
    ):
        raise TextError(
            f"{path.name} must give one text for each name.", remedy='Write it as NAME: "text".'
        )
    return texts


def _missing(faults: list[str]) -> TextError:
    return TextError(
        f"Texts are missing: {', '.join(faults)}.",
        remedy="The product's belong in ivr-prompts/LANGUAGE.yaml, the ministry's under prompts:.",
    )
