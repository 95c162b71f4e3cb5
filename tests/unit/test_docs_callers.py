"""docs/callers.md quotes what is heard: each quotation is a text of a profile or the product."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccops.config.loader import load
from ccops.config.profiles import PROFILES, write_profile
from ccops.prompts import catalogue
from ccops.resources import ivr_prompts

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "callers.md").read_text(encoding="utf-8")
QUOTED = sorted(set(re.findall(r"“([^”]+)”", DOCUMENT)) - {"In quotation marks"})


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("profiles")
    texts: list[str] = []
    for name in PROFILES:
        write_profile(name, folder / f"{name}.yaml")
        hotline = load(folder / f"{name}.yaml")
        spoken = catalogue.load(hotline, ivr_prompts()).texts
        texts += [text for language in hotline.languages for text in spoken[language].values()]
    return texts


def test_there_are_quotations() -> None:
    assert len(QUOTED) > 40


@pytest.mark.parametrize("quotation", QUOTED)
def test_a_quotation_is_what_is_heard(quotation: str, heard: list[str]) -> None:
    words = " ".join(quotation.split())
    assert any(text.startswith(words) for text in heard), "change docs/callers.md as well"
