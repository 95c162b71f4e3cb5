"""What menus and dialogues may play of the product's own texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccops.config.product import product_prompts
from ccops.config.types import Lang
from ccops.prompts import catalogue
from ccops.prompts.catalogue import LANGUAGES
from ccops.prompts.plan import plan
from tests.unit.prompts_support import TEXTS, hotline


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_can_be_played_is_made_and_no_more(language: Lang) -> None:
    what = hotline((language,))
    made = {file.path for file in plan(what, catalogue.load(what, TEXTS))}
    prompts = {path.removeprefix(f"{language}/ccops/") for path in made if path[2] == "/"}
    assert product_prompts(TEXTS, language) == prompts - {"main-menu"}
    assert {"greeting", "greeting-known", "hour-and-23", "digit-0", "month-12"} <= prompts
    assert prompts.isdisjoint({"welcome", "next", "position-3", "minutes-5", "minute-3", "hour-N"})


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert product_prompts(tmp_path, "uz") == frozenset()
    (tmp_path / "uz.yaml").write_text("- no\n- names\n")
    assert product_prompts(tmp_path, "uz") == frozenset()
