"""Days and times as words: each form that a caller can hear, to be read by somebody who knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ccops.config.types import Lang
from ccops.prompts.catalogue import LANGUAGES
from ccops.prompts.moments import day, hour, hour_and, locative, minute, month

HOURS: dict[Lang, dict[int, str]] = {
    "ru": {
        0: "в ноль часов",
        1: "в час",
        2: "в два часа",
        4: "в четыре часа",
        5: "в пять часов",
        9: "в девять часов",
        11: "в одиннадцать часов",
        12: "в двенадцать часов",
        14: "в четырнадцать часов",
        20: "в двадцать часов",
        21: "в двадцать один час",
        22: "в двадцать два часа",
    },
    "uz": {
        0: "soat nolda",
        1: "soat birda",
        4: "soat toʻrtda",
        9: "soat toʻqqizda",
        11: "soat oʻn birda",
        20: "soat yigirmada",
        23: "soat yigirma uchda",
    },
    # Voiced or voiceless before the ending, back or front before the vowel.
    "kk": {
        0: "сағат нөлде",
        1: "сағат бірде",
        2: "сағат екіде",
        3: "сағат үште",
        4: "сағат төртте",
        5: "сағат бесте",
        6: "сағат алтыда",
        7: "сағат жетіде",
        8: "сағат сегізде",
        9: "сағат тоғызда",
        10: "сағат онда",
        15: "сағат он бесте",
        20: "сағат жиырмада",
        21: "сағат жиырма бірде",
    },
    "az": {
        0: "saat sıfırda",
        1: "saat birdə",
        2: "saat ikidə",
        3: "saat üçdə",
        4: "saat dörddə",
        5: "saat beşdə",
        6: "saat altıda",
        7: "saat yeddidə",
        8: "saat səkkizdə",
        9: "saat doqquzda",
        10: "saat onda",
        19: "saat on doqquzda",
        20: "saat iyirmidə",
        21: "saat iyirmi birdə",
    },
    "en": {
        0: "at midnight",
        1: "at one in the morning",
        9: "at nine in the morning",
        12: "at noon",
        13: "at one in the afternoon",
        17: "at five in the afternoon",
        18: "at six in the evening",
        23: "at eleven in the evening",
    },
}

TIMES: dict[Lang, dict[tuple[int, int], str]] = {
    "ru": {
        (1, 1): "в один час одну минуту",
        (2, 2): "в два часа две минуты",
        (9, 5): "в девять часов пять минут",
        (15, 30): "в пятнадцать часов тридцать минут",
        (21, 21): "в двадцать один час двадцать одну минуту",
        (22, 42): "в двадцать два часа сорок две минуты",
        (0, 11): "в ноль часов одиннадцать минут",
    },
    "uz": {
        (9, 5): "soat toʻqqizdan besh daqiqa oʻtganda",
        (15, 30): "soat oʻn beshdan oʻttiz daqiqa oʻtganda",
        (20, 45): "soat yigirmadan qirq besh daqiqa oʻtganda",
    },
    "kk": {
        (3, 10): "сағат үштен он минут кеткенде",
        (9, 30): "сағат тоғыздан отыз минут кеткенде",
        (10, 15): "сағат оннан он бес минут кеткенде",
        (14, 45): "сағат он төрттен қырық бес минут кеткенде",
        (20, 5): "сағат жиырмадан бес минут кеткенде",
    },
    "az": {
        (9, 5): "saat doqquz sıfır beşdə",
        (9, 10): "saat doqquz onda",
        (15, 30): "saat on beş otuzda",
        (20, 20): "saat iyirmi iyirmidə",
        (8, 40): "saat səkkiz qırxda",
        (8, 50): "saat səkkiz əllidə",
    },
    "en": {
        (0, 30): "at night, at twelve thirty",
        (9, 5): "in the morning, at nine oh five",
        (12, 15): "in the afternoon, at twelve fifteen",
        (15, 30): "in the afternoon, at three thirty",
        (19, 45): "in the evening, at seven forty-five",
    },
}

DATES: dict[Lang, dict[tuple[int, int], str]] = {
    "ru": {
        (1, 1): "первого января",
        (2, 2): "второго февраля",
        (3, 3): "третьего марта",
        (20, 8): "двадцатого августа",
        (21, 9): "двадцать первого сентября",
        (23, 5): "двадцать третьего мая",
        (30, 11): "тридцатого ноября",
        (31, 12): "тридцать первого декабря",
    },
    "uz": {
        (2, 1): "ikkinchi yanvar kuni",
        (10, 9): "oʻninchi sentabr kuni",
        (20, 4): "yigirmanchi aprel kuni",
        (31, 8): "oʻttiz birinchi avgust kuni",
    },
    "kk": {
        (2, 1): "екінші қаңтарда",
        (20, 2): "жиырмасыншы ақпанда",
        (6, 3): "алтыншы наурызда",
        (1, 4): "бірінші сәуірде",
        (5, 5): "бесінші мамырда",
        (9, 6): "тоғызыншы маусымда",
        (30, 7): "отызыншы шілдеде",
        (8, 8): "сегізінші тамызда",
        (3, 9): "үшінші қыркүйекте",
        (10, 10): "оныншы қазанда",
        (14, 11): "он төртінші қарашада",
        (31, 12): "отыз бірінші желтоқсанда",
    },
    "az": {
        (1, 1): "bir yanvarda",
        (20, 2): "iyirmi fevralda",
        (8, 3): "səkkiz martda",
        (3, 4): "üç apreldə",
        (28, 5): "iyirmi səkkiz mayda",
        (15, 6): "on beş iyunda",
        (7, 7): "yeddi iyulda",
        (9, 8): "doqquz avqustda",
        (4, 9): "dörd sentyabrda",
        (18, 10): "on səkkiz oktyabrda",
        (9, 11): "doqquz noyabrda",
        (31, 12): "otuz bir dekabrda",
    },
    "en": {
        (1, 1): "on the first of January",
        (22, 6): "on the twenty-second of June",
        (31, 12): "on the thirty-first of December",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_full_hours(language: Lang) -> None:
    assert {number: hour(language, number) for number in HOURS[language]} == HOURS[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_hours_and_minutes(language: Lang) -> None:
    assert {
        (one, other): f"{hour_and(language, one)} {minute(language, other)}"
        for one, other in TIMES[language]
    } == TIMES[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates(language: Lang) -> None:
    assert {
        (one, other): f"{day(language, one)} {month(language, other)}"
        for one, other in DATES[language]
    } == DATES[language]


@pytest.mark.parametrize(
    ("word", "language", "first", "last"),
    [(day, language, 1, 31) for language in LANGUAGES]
    + [(month, language, 1, 12) for language in LANGUAGES]
    + [(hour, language, 0, 23) for language in LANGUAGES]
    + [(hour_and, language, 0, 23) for language in LANGUAGES]
    + [(minute, language, 1, 59) for language in LANGUAGES],
)
def test_all_differ_and_there_are_no_others(
    word: Callable[[Lang, int], str], language: Lang, first: int, last: int
) -> None:
    numbers = range(first, last + 1)
    said = {word(language, number) for number in numbers}
    assert len(said) == len(numbers)
    assert all(text == text.strip() and "  " not in text for text in said)
    for number in (first - 1, last + 1):
        with pytest.raises(ValueError, match="there is no"):
            word(language, number)


def test_a_kazakh_ending_follows_the_last_sound() -> None:
    for word, ending in {"мектеп": "те", "қала": "да", "көл": "де", "тас": "та"}.items():
        assert locative("kk", word) == word + ending
