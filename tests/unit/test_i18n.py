"""The catalogues hold texts only, each key once, and a name for whatever the records say."""

from __future__ import annotations

from importlib.resources import files
from typing import get_args

import pytest

from ccops.config.document import read_document
from ccops.config.types import Lang
from ccops.domain.records import LostCause, Outcome
from ccops.i18n import LANGUAGES, text, texts


def test_the_interface_speaks_every_language_of_the_product() -> None:
    assert set(LANGUAGES) == set(get_args(Lang))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_each_key_once_and_texts_only(language: str) -> None:
    """A second line with the same key would silently win or lose; a bare ``no`` is no text."""
    document = read_document((files("ccops.i18n") / f"{language}.yaml").read_text(encoding="utf-8"))
    assert document.flaws == []
    assert all(isinstance(words, str) for words in texts(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_a_name_of_its_own(language: str) -> None:
    for family, members in (("outcome", Outcome), ("lost_cause", LostCause)):
        names = [text(language, f"{family}.{member}") for member in members]
        assert len(set(names)) == len(names)
