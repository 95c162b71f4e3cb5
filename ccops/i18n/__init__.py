"""Texts of the interface in each language (decision 12).

A catalogue is ``<language>.yaml``: one line per key, ``family.name: text``, with ``{parameters}``
in braces. Every language has every key; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

LANGUAGES = ("uz", "ru", "kk", "az", "en")


def text(language: str, key: str, **parameters: str | int) -> str:
    """The text of ``key`` in ``language``; raises KeyError for a key that no catalogue has."""
    return texts(language)[key].format_map(parameters)


@cache
def texts(language: str) -> Mapping[str, str]:
    """The whole catalogue of a language, its parameters not filled in."""
    catalogue = (files(__name__) / f"{language}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, str] = YAML(typ="safe").load(catalogue)
    return loaded


def language_name(language: str) -> str:
    """What a language calls itself."""
    return texts(language)["language.name"]
