"""The names of the prompts that come with the product, so that menus may use them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ccops.config.document import read_document


def product_prompts(folder: Path, language: str) -> frozenset[str]:
    """Names of the texts in ``folder/<language>.yaml``; none where there is no such file."""
    file = folder / f"{language}.yaml"
    try:
        stamp = file.stat().st_mtime_ns
    except FileNotFoundError:
        return frozenset()
    return _names(file, stamp)


@lru_cache(maxsize=32)
def _names(file: Path, _stamp: int) -> frozenset[str]:
    data = read_document(file.read_text(encoding="utf-8")).data
    return frozenset(data) if isinstance(data, dict) else frozenset()
