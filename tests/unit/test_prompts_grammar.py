"""Numbers as words, checked against the languages' rules rather than against the tables."""

from __future__ import annotations

import pytest

from ccops.config.types import Lang
from ccops.prompts.catalogue import LANGUAGES
from ccops.prompts.grammar import cardinal, key, minutes, ordinal

BACK = {"kk": "аоұыу", "az": "aıou"}
ROUND = "oöuü"
VOWELS = {"kk": "аәоөұүыіеу", "az": "aəeıioöuü"}


@pytest.mark.parametrize(
    ("language", "number", "one_by_one", "in_a_row"),
    [
        ("uz", 4, "toʻrt", "toʻrtinchi"),
        ("uz", 7, "yetti", "yettinchi"),
        ("uz", 10, "oʻn", "oʻninchi"),
        ("uz", 11, "oʻn bir", "oʻn birinchi"),
        ("uz", 20, "yigirma", "yigirmanchi"),
        ("kk", 6, "алты", "алтыншы"),
        ("kk", 10, "он", "оныншы"),
        ("kk", 12, "он екі", "он екінші"),
        ("kk", 20, "жиырма", "жиырмасыншы"),
        ("kk", 40, "қырық", "қырқыншы"),
        ("az", 3, "üç", "üçüncü"),
        ("az", 4, "dörd", "dördüncü"),
        ("az", 6, "altı", "altıncı"),
        ("az", 19, "on doqquz", "on doqquzuncu"),
        ("az", 20, "iyirmi", "iyirminci"),
        ("ru", 3, "три", "третье"),
        ("ru", 14, "четырнадцать", "четырнадцатое"),
        ("ru", 21, "двадцать один", "двадцать первое"),
        ("en", 12, "twelve", "twelfth"),
        ("en", 21, "twenty-one", "twenty-first"),
    ],
)
def test_numbers_and_places(language: Lang, number: int, one_by_one: str, in_a_row: str) -> None:
    assert cardinal(language, number) == one_by_one
    assert ordinal(language, number) == in_a_row


@pytest.mark.parametrize("number", range(100))
def test_uzbek_places_take_nchi_after_a_vowel_and_inchi_after_a_consonant(number: int) -> None:
    word = cardinal("uz", number)
    assert ordinal("uz", number) == word + ("nchi" if word[-1] in "aeiou" else "inchi")


@pytest.mark.parametrize("number", range(100))
def test_azerbaijani_places_follow_vowel_harmony(number: int) -> None:
    word = cardinal("az", number)
    last = [letter for letter in word if letter in VOWELS["az"]][-1]
    harmony = {
        (True, True): "u",
        (True, False): "ı",
        (False, True): "ü",
        (False, False): "i",
    }[last in BACK["az"], last in ROUND]
    stem = word[:-1] + "d" if word.endswith("dörd") else word
    link = "" if stem[-1] in VOWELS["az"] else harmony
    assert ordinal("az", number) == f"{stem}{link}nc{harmony}"


@pytest.mark.parametrize("number", range(100))
def test_kazakh_places_follow_vowel_harmony(number: int) -> None:
    word = cardinal("kk", number)
    stem = word.replace("қырық", "қырқ") if word.endswith("қырық") else word
    last = [letter for letter in word if letter in VOWELS["kk"]][-1]
    # "у" belongs to either side; in "елу" it is front.
    front = word.endswith("елу") or last not in BACK["kk"]
    ending = "нші" if front else "ншы"
    link = ("і" if front else "ы") if stem[-1] not in "аеыі" else ""
    link = "сы" if word.endswith("жиырма") else link
    assert ordinal("kk", number) == f"{stem}{link}{ending}"


@pytest.mark.parametrize(
    ("number", "nominative", "genitive"),
    [
        (1, "одна минута", "одной минуты"),
        (2, "две минуты", "двух минут"),
        (5, "пять минут", "пяти минут"),
        (11, "одиннадцать минут", "одиннадцати минут"),
        (12, "двенадцать минут", "двенадцати минут"),
        (21, "двадцать одна минута", "двадцати одной минуты"),
        (22, "двадцать две минуты", "двадцати двух минут"),
        (40, "сорок минут", "сорока минут"),
        (90, "девяносто минут", "девяноста минут"),
    ],
)
def test_russian_minutes(number: int, nominative: str, genitive: str) -> None:
    assert minutes("ru", number) == nominative
    assert minutes("ru", number, "genitive") == genitive


def test_minutes_elsewhere() -> None:
    assert minutes("en", 1) == "one minute"
    assert minutes("en", 15) == "fifteen minutes"
    assert minutes("uz", 15) == "oʻn besh daqiqa"
    assert minutes("kk", 2) == "екі минут"
    assert minutes("az", 30) == "otuz dəqiqə"


def test_keys() -> None:
    assert key("ru", "*") == "звёздочку"
    assert key("uz", "0") == "nol"
    assert key("en", "9") == "nine"


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_numbers_differ_and_there_are_no_others(language: Lang) -> None:
    for words in (cardinal, ordinal, minutes):
        assert len({words(language, number) for number in range(100)}) == 100
    for number in (-1, 100):
        with pytest.raises(ValueError, match="0 to 99"):
            cardinal(language, number)
