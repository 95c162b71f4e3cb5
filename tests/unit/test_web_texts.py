"""The catalogues agree with each other and with what the page asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccops import web
from ccops.domain.live import OperatorState
from ccops.i18n import LANGUAGES, language_name, text, texts

WEB = Path(web.__file__).parent
PARAMETER = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_have_the_same_keys_and_parameters(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert set(other) == set(english)
    for key, words in other.items():
        assert words.strip(), key
        assert set(PARAMETER.findall(words)) == set(PARAMETER.findall(english[key])), key


def test_page_asks_only_for_texts_that_are_there() -> None:
    asked = set()
    for path in [*WEB.glob("templates/*.html"), *WEB.glob("static/*.js")]:
        asked |= set(re.findall(r"""\bt\(["']([\w.]+)["']""", path.read_text(encoding="utf-8")))
    assert len(asked) > 40
    assert asked <= set(texts("en"))


def test_every_state_of_an_operator_has_a_name_and_an_icon() -> None:
    template = (WEB / "templates/live.html").read_text(encoding="utf-8")
    for state in OperatorState:
        assert f"operator.state.{state}" in texts("en")
        assert f'id="i-{state}"' in template


def test_text_fills_parameters_in() -> None:
    assert text("en", "operator.logged_in", count=3, all=8) == "3 of 8 logged in"
    assert language_name("kk") == "Қазақша"
    with pytest.raises(KeyError):
        text("en", "no.such.key")
