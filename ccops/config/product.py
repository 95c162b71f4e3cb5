"""The names of the prompts that come with the product, so that menus may use them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ccops.config.document import read_document

COMPOSED = frozenset({"greeting", "greeting-known", "language"})
"""Put together from ``welcome`` and ``language-N``, so never texts of their own."""

PIECES = ("welcome", "language-", "position-", "minutes-", "next")
"""Beginnings of the names that are only ever joined with others, and not played by themselves."""

ROWS: dict[str, range] = {
    "day": range(1, 32),
    "month": range(1, 13),
    "hour": range(24),
    "hour-and": range(24),
    "minute": range(5, 60, 5),
    "digit": range(10),
}
"""Patterns (``hour-N``) whose fragments are prompts by themselves, and what N runs through."""


def product_prompts(folder: Path, language: str) -> frozenset[str]:
    """What can be played of ``folder/<language>.yaml``; nothing where there is no such file."""
    file = folder / f"{language}.yaml"
    try:
        stamp = file.stat().st_mtime_ns
    except FileNotFoundError:
        return frozenset()
    return _names(file, stamp)


@lru_cache(maxsize=32)
def _names(file: Path, _stamp: int) -> frozenset[str]:
    data = read_document(file.read_text(encoding="utf-8")).data
    if not isinstance(data, dict):
        return frozenset()
    rows = {f"{stem}-{number}" for stem, row in ROWS.items() for number in row}
    texts = {name for name in data if not name.endswith("-N") and not name.startswith(PIECES)}
    return COMPOSED | rows | texts
